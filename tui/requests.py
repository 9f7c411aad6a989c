"""What a screen asks of the app: rare messages that bubble up to it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from .workbench import Plan


@dataclass
class TrainingRequested(Message):
    """Start a training."""

    plan: Plan


@dataclass
class RunChosen(Message):
    """Show a saved run on the Train screen."""

    name: str


@dataclass
class TalkChosen(Message):
    """Take up an earlier talk."""

    id: str


@dataclass
class ModelChosen(Message):
    """Talk to a model: a run's name or ``LIVE``; None leaves the choice to the Prompt screen."""

    choice: str | None = None

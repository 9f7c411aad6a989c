"""What the app remembers between launches: theme, last values of the dialogs, sampler settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from ..core.runs.files import write_atomically

DEFAULT_THEME = "tokyo-night"


PROMPTS_KEPT = 500
"""Prompts that are remembered, the latest ones."""


def _texts() -> dict[str, str]:
    return {}


def _prompts() -> list[str]:
    return []


@dataclass
class Preferences:
    """The choices of one person; every field has a default, so a missing or damaged file costs nothing."""

    theme: str = DEFAULT_THEME
    new_run: dict[str, str] = field(default_factory=_texts)
    """Last values of the new-run dialog, as typed."""
    sampler: dict[str, str] = field(default_factory=_texts)
    """Sampler settings, as typed."""
    carry_state: bool = True
    """Whether the hidden state goes on from one prompt to the next."""
    side_panel: bool = True
    """Whether the Prompt screen shows its side panel."""
    prompts: list[str] = field(default_factory=_prompts)
    """What was asked, the latest last."""

    def add_prompt(self, prompt: str) -> None:
        """Remember a prompt; one that was asked before moves to the end."""
        others = [earlier for earlier in self.prompts if earlier != prompt]
        self.prompts = [*others, prompt][-PROMPTS_KEPT:]


def load_preferences(path: Path) -> Preferences:
    """Read preferences; what is missing, damaged or of the wrong type falls back to its default."""
    preferences = Preferences()
    try:
        stored: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return preferences
    if not isinstance(stored, dict):
        return preferences
    values = cast("Mapping[str, Any]", stored)
    for known in fields(Preferences):
        value = values.get(known.name)
        if isinstance(value, type(getattr(preferences, known.name))):
            setattr(preferences, known.name, _strings_only(value))
    return preferences


def _strings_only(value: Any) -> Any:
    """Leave out of a collection what is no string."""
    if isinstance(value, dict):
        return {key: text for key, text in cast("dict[Any, Any]", value).items() if isinstance(text, str)}
    if isinstance(value, list):
        return [text for text in cast("list[Any]", value) if isinstance(text, str)][-PROMPTS_KEPT:]
    return value


def save_preferences(preferences: Preferences, path: Path) -> None:
    """Write preferences atomically; ``RunError`` in one sentence where the folder cannot be written."""
    write_atomically(path, json.dumps(asdict(preferences), indent=2, ensure_ascii=False) + "\n")

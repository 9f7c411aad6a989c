"""What the tests of the app share: a tiny corpus, runs, an app that joins its training, ways to wait and look."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import numpy as np
from jokegen.core.events import EpochDone, Figures, SampleMade
from jokegen.core.runs.folder import CORPUS, LAST, METRICS, SAMPLES, Run, epoch_line
from jokegen.core.runs.info import RunInfo
from jokegen.core.runs.store import RunStore
from jokegen.core.settings import TrainingSettings, make_settings
from jokegen.tui.app import JokegenApp
from jokegen.tui.requests import TrainingRequested
from jokegen.tui.widgets.key_line import KeyLine
from jokegen.tui.workbench import Plan
from textual.pilot import Pilot
from textual.screen import Screen

ANIMALS = ("bear", "duck", "cow", "cat", "dog", "fish", "hen", "goat", "mouse", "frog", "bat", "owl")
PLACES = ("road", "river", "street", "bridge", "field", "park", "moon", "sea", "hill", "yard")
HOSTILE = (
    "[/foo] is not a tag",
    "[@click=app.quit]x[/] is not a link",
    "an escape \x1b[31mred\x1b[0m and \x1b]0;title\x07 too",
    "C1 \x9b31m and NUL \x00 and DEL \x7f",
    "bidi \u202eevil\u202c and \u2066more\u2069",
    "family 👨‍👩‍👧‍👦 here",
    "ימין לשמאל",
)
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff"
FORBIDDEN = {chr(code) for code in (*range(10), *range(11, 32), *range(0x7F, 0xA0))} | set(BIDI)
"""Characters that must never reach a terminal."""


def jokes() -> list[str]:
    """120 little texts with few words."""
    return [
        f"Why did the {animal} cross the {place}? To get to the other side." for animal in ANIMALS for place in PLACES
    ]


def corpus_file(folder: Path, *extra: str) -> Path:
    """A file with a joke a line."""
    path = folder / "jokes.txt"
    path.write_text("\n".join([*jokes(), *extra]) + "\n", encoding="utf-8")
    return path


def quick_plan(folder: Path, epochs: int = 1, name: str = "tiny", **values: object) -> Plan:
    """A plan for a training of a moment; many epochs make one that goes on until it is stopped."""
    return Plan(str(corpus_file(folder)), {"preset": "small", "max_epochs": epochs, "batch_size": 16, **values}, name)


@cache
def _trained_home() -> Path:
    """A home with one finished run, trained once for all tests."""
    from jokegen.core.training.workflow import TrainingRequest, train

    folder = Path(tempfile.mkdtemp(prefix="jokegen-test-"))
    settings = make_settings({"preset": "small", "max_epochs": 2, "learning_rate": 0.02})
    request = TrainingRequest(str(corpus_file(folder)), settings, "trained")
    list(train(request, RunStore(folder / "runs")))
    return folder


def use_trained_home(home: Path) -> Path:
    """Copy the trained run into ``home``."""
    shutil.copytree(_trained_home() / "runs", home / "runs", dirs_exist_ok=True)
    return home


def made_up_run(home: Path, name: str = "clever-otter", *, status: str = "finished", epochs: int = 12) -> Run:
    """A run on disk with figures and samples but without weights: the same on every machine."""
    run = RunStore(home / "runs").create(name)
    run.write_info(
        RunInfo(
            created="2026-01-02T03:04:05.000+00:00", status=status, source="starter", corpus="starter", fingerprint="0",
            settings=TrainingSettings(), recipe={"preset": "small", "epochs": epochs}, model=None, tokenizer="words",
            vocabulary=2345, parameters=1_234_567, train_tokens=20_000, characters_per_token=4.7, words_per_token=0.8,
            device="cpu", precision="float32", threads=2, ngram_loss=3.6, epochs=epochs, seconds=75.0, best_epoch=9,
            best_loss=3.4,
            test=vars(Figures("test", 2000, 1600, 9000, 3.45, 31.5, 1.06, 0.05, 37.1, 28.9)),
        )
    )  # fmt: skip
    noise = np.random.default_rng(0).normal(0, 0.2, 40 * epochs)
    losses = [3.2 + 3.5 * float(np.exp(-step / 120)) + float(noise[step]) for step in range(40 * epochs)]
    for step, loss in enumerate(losses):
        line = {"kind": "step", "step": step + 1, "epoch": step // 40 + 1, "loss": loss, "learning_rate": 0.004}
        run.append(METRICS, [line])
    for epoch in range(1, epochs + 1):
        valid = 3.4 + 2.5 * float(np.exp(-epoch / 2)) + max(0, epoch - 9) * 0.05
        train, best = losses[40 * epoch - 1], epoch <= 9
        run.append(METRICS, [epoch_line(EpochDone(epoch, 40 * epoch, train, valid, 30_000.0, 6.0 * epoch, best))])
        run.append(SAMPLES, [vars(SampleMade(epoch, f"Why did the duck number {epoch} cross the road?", 4, 9))])
    (run.path / LAST).write_bytes(b"")
    if status != "finished":
        (run.path / CORPUS).write_bytes(b"")
    return run


@asynccontextmanager
async def running(app: JokegenApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The app, headless with notifications and tooltips; a training it started is stopped and joined at the end."""
    try:
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            await pilot.pause()
            yield pilot
    finally:
        session = app.bench.session
        if session is not None:
            session.stop()
            assert session.join(90), "the training did not end"


async def start_and_pause(pilot: Pilot[None], app: JokegenApp, folder: Path) -> None:
    """An endless training that has made a few steps and rests."""
    app.post_message(TrainingRequested(quick_plan(folder, 100_000)))
    await until(pilot, lambda: app.bench.session is not None and app.bench.session.snapshot().step > 2)
    app.bench.session.pause()
    step = -1
    while step != app.bench.session.snapshot().step:
        step = app.bench.session.snapshot().step
        await asyncio.sleep(0.15)


async def until(pilot: Pilot[None], condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is true; fails after ``seconds``."""
    until_when, rest = time.monotonic() + seconds, 0.02
    while time.monotonic() < until_when:
        if condition():
            return
        # Not pilot.pause(): while a training keeps the processor busy it waits a second each time.
        await asyncio.sleep(rest)
        # Looking at the screen costs more than resting does: what takes long is looked at more seldom.
        rest = min(1.2 * rest, 0.08)
    raise AssertionError(f"waited {seconds} s in vain; the screen shows:\n{screen_text(pilot.app)}")


async def shows(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all of these are on the screen: what a key or a model changes is painted a moment later."""

    def all_shown() -> bool:
        shown = screen_text(pilot.app)
        return all(text in shown for text in texts)

    await until(pilot, all_shown)


async def opens(pilot: Pilot[None], kind: type[Screen[object]]) -> None:
    """Wait until a screen of this kind is on top."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))


async def hides(pilot: Pilot[None], *texts: str) -> None:
    """Wait until none of these is on the screen."""

    def none_shown() -> bool:
        shown = screen_text(pilot.app)
        return not any(text in shown for text in texts)

    await until(pilot, none_shown)


def screen_text(app: object) -> str:
    """What is on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    text = "\n".join("".join(segment.text for segment in strip) for strip in strips)
    return text.replace("\u00a0", " ")


def notices(app: object) -> str:
    """All notifications so far."""
    return "\n".join(f"{notification.title}: {notification.message}" for notification in app._notifications)


async def footer_fits(pilot: Pilot[None]) -> None:
    """Wait until every key of the footer stands whole beside the one of the palette."""

    def fits() -> bool:
        line = pilot.app.screen.query_one(KeyLine)
        *keys, palette = line.shown or [None]
        return bool(keys) and palette.key is line.palette and 0 < max(key.end for key in keys) < palette.start

    await until(pilot, fits)

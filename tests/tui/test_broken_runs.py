"""Runs of strangers in the app: whatever stands in their files, the screens show figures or a sentence and stay."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from app_harness import FORBIDDEN, made_up_run, notices, running, screen_text, until
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from jokegen.core.errors import EngineError
from jokegen.core.runs.store import RunStore
from jokegen.tui.app import JokegenApp
from jokegen.tui.requests import ModelChosen, RunChosen
from jokegen.tui.screens.models import ModelDialog
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.screens.runs import RunsScreen
from jokegen.tui.screens.train import TrainScreen
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList
from textual.worker import Worker

FINISHED = Path(__file__).parents[1] / "fixtures" / "runs-0.1.0" / "finished"
HOSTILE = ("\x1b]0;owned\x07", "\x9b31m", "a\nb\tc", "\u202eevil", "[/bold]", "[@click=app.quit]x[/]", "x" * 20_000)
numbers = st.one_of(
    st.integers(-2, 5), st.sampled_from([2**31, 2**63, 10**400, -(10**400), 1e300, -0.0]), st.floats(), st.booleans()
)
strings = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8))
values = st.recursive(
    st.one_of(st.none(), numbers, strings),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=6,
)
Screened = TypeVar("Screened", bound=Screen[Any])
Breakage = Callable[[Path], None]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([path] if path else []) + [found for key, inner in items for found in _paths(inner, (*path, key))]


@st.composite
def other_info(draw: st.DrawFn) -> Breakage:
    """One value of run.json is another, or is missing."""
    which, value, missing = draw(st.integers(0, 999)), draw(values), draw(st.booleans())

    def apply(run: Path) -> None:
        document = json.loads((run / "run.json").read_text(encoding="utf-8"))
        paths = _paths(document)
        *way, last = paths[which % len(paths)]
        note(f"{run.name}: {paths[which % len(paths)]} {value!r:.200} {missing}")
        place = document
        for key in way:
            place = place[key]
        if missing and isinstance(place, dict):
            del place[last]
        else:
            place[last] = value
        (run / "run.json").write_text(json.dumps(document), encoding="utf-8")

    return apply


@st.composite
def other_lines(draw: st.DrawFn) -> Breakage:
    """What a training noted line by line is changed, or follows by lines of another kind."""
    file = draw(st.sampled_from(["metrics.jsonl", "samples.jsonl"]))
    known = ["epoch", "step", "loss", "valid_loss", "train_loss", "text", "copied", "words", "seconds", "kind", "best"]
    changes = draw(st.dictionaries(st.sampled_from(known), values, min_size=1, max_size=3))
    which, end = draw(st.integers(0, 99)), draw(st.sampled_from(["", "[[[[", '{"kind": "epoch"}', "\0\0"]))

    def apply(run: Path) -> None:
        note(f"{run.name}: {file} {which} {changes!r:.500} {end!r}")
        lines = (run / file).read_text(encoding="utf-8").splitlines()
        lines.insert(which % len(lines), json.dumps(json.loads(lines[which % len(lines)]) | changes))
        (run / file).write_text("\n".join(lines) + "\n" + end, encoding="utf-8")

    return apply


@st.composite
def other_bytes(draw: st.DrawFn) -> Breakage:
    """A file is cut or has other bytes at one place; its beginning, where headers are, as often as all the rest."""
    file = draw(st.sampled_from(["best.safetensors", "last.safetensors", "corpus.safetensors", "tokenizer.json"]))
    at, other, cut = draw(st.integers(0, 400) | st.integers(0, 10**6)), draw(st.binary(min_size=1, max_size=9)), False
    cut = draw(st.booleans())

    def apply(run: Path) -> None:
        path = run / file
        plain = path.read_bytes() if path.exists() else b"{}"
        place = at % max(len(plain), 1)
        note(f"{run.name}: {file} at {place} {other!r} {cut}")
        path.write_bytes(plain[:place] if cut else plain[:place] + other + plain[place + len(other) :])

    return apply


@st.composite
def other_header(draw: st.DrawFn) -> Breakage:
    """The header of the weights or the tokens lies."""
    file = draw(st.sampled_from(["best.safetensors", "corpus.safetensors"]))
    lie = draw(st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets", "\x1b[2J"]), values))
    which = draw(st.integers(0, 99))

    def apply(run: Path) -> None:
        data = (run / file).read_bytes() if (run / file).exists() else b""
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size] or '{"x": {}}')
        name = sorted(header)[which % len(header)]
        header[name] = header[name] | lie
        note(f"{run.name}: {file} {name!r} {lie!r:.200}")
        told = json.dumps(header).encode()
        (run / file).write_bytes(len(told).to_bytes(8, "little") + told + data[8 + size :])

    return apply


broken = st.tuples(
    st.booleans(),
    st.booleans(),
    st.lists(st.one_of(other_info(), other_lines(), other_bytes(), other_header()), min_size=1, max_size=2),
)
"""Whether it was trained or made up, whether it comes as an archive, and what is done to it."""


def _make(home: Path, name: str, trained: bool, archived: bool, breakages: list[Breakage]) -> str | None:
    """Put a run among the others and return its name, None where it was refused."""
    run = home / "runs" / name
    if trained:
        shutil.copytree(FINISHED, run)
    else:
        made_up_run(home, name, epochs=2)
    for breakage in breakages:
        breakage(run)
    if not archived:
        return name
    archive = home / "foreign.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for file in run.iterdir():
            written.write(file, f"{name}/{file.name}")
    shutil.rmtree(run)
    try:
        return RunStore(home / "runs").import_(archive)
    except EngineError:
        return None


class Visitor:
    """Somebody who looks at runs everywhere; nothing may go wrong out of sight either."""

    def __init__(self, pilot: Pilot[None], app: JokegenApp, failures: list[BaseException]) -> None:
        self._pilot, self._app, self._failures = pilot, app, failures

    async def settle(self) -> None:
        """Wait until nothing is read or loaded any more and all of it is shown."""
        for _ in range(2):  # what a worker hands over is shown by a message, and that may ask for another one
            await until(self._pilot, lambda: all(worker.is_finished for worker in self._app.workers))
            shown = asyncio.Event()
            self._app.screen.call_after_refresh(shown.set)
            await asyncio.wait_for(shown.wait(), 30)
        assert self._failures == []
        assert self._app.is_running
        assert not set(screen_text(self._app)) & FORBIDDEN
        assert not set(notices(self._app)) & FORBIDDEN

    async def see(self, name: str) -> None:
        """Look at a run on the Train screen."""
        self._app.post_message(RunChosen(name))
        screen = await self._opened(TrainScreen)
        await self.settle()
        assert (screen.view is not None and screen.view.name == name) or notices(self._app)

    async def talk(self, name: str) -> None:
        """Talk to a run's model, or read why that cannot be."""
        self._app.post_message(ModelChosen(name))
        screen = await self._opened(PromptScreen)
        await self.settle()
        assert not screen.waiting_for_model
        if screen.talker is not None and screen.talker.run == name:
            screen.panel.values["speed"], screen.panel.values["words"] = 0, 3
            said = len(screen.desk.turns)
            screen.line.value = "Why did"
            await screen.line.action_submit()
            await until(self._pilot, lambda: len(screen.desk.turns) > said and screen.desk.last.ending)
            await self.settle()

    async def list_them(self) -> None:
        """Walk over all runs in the list and mark them, walk over all models in the dialog, look at all curves."""
        self._app.action_runs()
        runs = await self._opened(RunsScreen)
        await self.settle()
        for _ in range(runs.table.row_count):
            runs.action_mark()
            runs.table.action_cursor_down()
            await self.settle()
        runs.action_sort(2)
        await self.settle()
        runs.action_close()
        prompt = await self._opened(PromptScreen)
        prompt.action_choose_model()
        models = await self._opened(ModelDialog)
        await self.settle()
        listing = models.query_one(OptionList)
        for _ in range(listing.option_count):
            listing.action_cursor_down()
            await self.settle()
        models.action_close()
        self._app.post_message(RunChosen("sound"))
        await self._opened(TrainScreen)
        await self.settle()

    async def _opened(self, kind: type[Screened]) -> Screened:
        await until(self._pilot, lambda: isinstance(self._app.screen, kind) and self._app.screen.is_mounted)
        screen = self._app.screen
        assert isinstance(screen, kind)
        return screen


async def _visit(home: Path, runs: list[tuple[bool, bool, list[Breakage]]], failures: list[BaseException]) -> None:
    failures.clear()
    made_up_run(home, "sound", epochs=2)
    made = [_make(home, f"run-{number}", *each) for number, each in enumerate(runs)]
    names = [name for name in made if name is not None]
    app = JokegenApp()
    async with running(app) as pilot:
        visitor = Visitor(pilot, app, failures)
        for name in [*names, "sound"]:
            await visitor.see(name)
            await visitor.talk(name)
        await visitor.list_them()
    assert failures == []


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What workers raised: a screen would go on waiting without a word."""
    found: list[BaseException] = []
    run = Worker._run

    async def watched(worker: Worker[object], app: object) -> None:
        await run(worker, app)
        if worker.error is not None and not isinstance(worker.error, asyncio.CancelledError):
            found.append(worker.error)

    monkeypatch.setattr(Worker, "_run", watched)
    return found


# A few in the suite; `--hypothesis-profile=searching` looks for more.
@settings(
    max_examples=2 if settings.default.derandomize else 20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(broken, min_size=1, max_size=3))
async def test_whatever_stands_in_the_files_of_runs(
    failures: list[BaseException], runs: list[tuple[bool, bool, list[Breakage]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setenv("JOKEGEN_HOME", folder)
        await _visit(Path(folder), runs, failures)

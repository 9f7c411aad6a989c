"""The screen under load: the real program in a terminal of its own, with a training going flat out.

Measured are the time from launch to the first frame and to the first word said, the longest time a key waits while
torch loads, the time from a key to its letter on the screen while training, the training speed under the app against
the same training without a screen, both once more while six answers of the model in training stream side by side, and
how the memory of a long training grows.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _terminal import PROGRAM, TRAIN_KEY, Terminal
from jokegen.core.runs.bundled import bundled_run
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import load_generator
from report import Row, parser, quiet_home, say, show, spread

COLUMNS, LINES = 120, 40
COLUMNS_KEY, RIGHT_KEY = b"\x1b[15~", b"\x1b[C"  # F5 and the arrow
WARMING_UP, FEWEST_STEPS = 3.0, 20
"""Seconds that do not count, and steps below which a speed means nothing."""
ANSWERS, WORDS_A_SECOND, WORDS, WIDE = 6, 20, 100, 200


def stream_for(terminal: Terminal, seconds: float) -> Iterator[None]:
    """Have new answers made before those on the screen end; what is done with each yield happens meanwhile."""
    ends = time.perf_counter() + seconds
    asked = 0.0
    while time.perf_counter() < ends:
        if time.perf_counter() - asked > 0.9 * WORDS / WORDS_A_SECOND:
            terminal.press(b"r")
            asked = time.perf_counter()
            time.sleep(0.3)
        yield


def point_for(terminal: Terminal, seconds: float, pause: float) -> list[float]:
    """Point at one streaming answer after the other; return the milliseconds to each paint."""
    found: list[float] = []
    answer = 1
    for _ in stream_for(terminal, seconds):
        answer = answer % ANSWERS + 1
        terminal.forget()
        began = time.perf_counter()
        terminal.press(RIGHT_KEY)
        if not terminal.wait_for(f"answer {answer} of {ANSWERS}", 10.0):
            raise SystemExit("An answer was pointed at and the screen did not say so within 10 seconds.")
        found.append(1000 * (time.perf_counter() - began))
        time.sleep(pause)
    return found


def first_frame(home: Path) -> float:
    """Return the seconds from launch until the title is painted."""
    terminal = Terminal(home)
    try:
        if not terminal.wait_for("JokeGen", 30.0):
            raise SystemExit("The app did not paint its title within 30 seconds.")
        return time.perf_counter() - terminal.began
    finally:
        terminal.close()


def first_word(home: Path) -> float:
    """Return the seconds from launch until the model that comes with JokeGen, asked to begin, has said a word."""
    home.mkdir(parents=True, exist_ok=True)
    settings = {"sampler": {"top_k": "1"}}
    (home / "preferences.json").write_text(json.dumps(settings), encoding="utf-8")
    voice = load_generator(bundled_run())
    word = voice.next_words(voice.start(), Sampling(top_k=1), 1)[0].text.strip()
    terminal = Terminal(home)
    try:
        terminal.wait_for("JokeGen", 30.0)
        terminal.go_to_prompt(again_after=0.2)
        terminal.forget()
        terminal.press(b"\r")
        if not terminal.wait_for(word, 10.0):
            raise SystemExit("The app did not speak within 10 seconds.")
        return time.perf_counter() - terminal.began
    finally:
        terminal.close()


def longest_freeze(home: Path, seconds: float) -> float:
    """Return the longest time in milliseconds that a key waits in the first seconds, in which torch loads."""
    terminal = Terminal(home)
    try:
        terminal.wait_for("JokeGen", 30.0)
        terminal.go_to_prompt()
        return max(terminal.type_for(seconds, 0.01))
    finally:
        terminal.close()


@contextmanager
def training(home: Path, columns: int = COLUMNS) -> Iterator[tuple[Terminal, Path]]:
    """Give the app with the default training going on in it, and the folder of the run; it is stopped afterwards."""
    terminal = Terminal(home, columns=columns)
    try:
        terminal.wait_for("JokeGen", 30.0)
        time.sleep(0.5)
        terminal.press(b"\r")
        yield terminal, wait_for_status(home, 60.0, training=True)
        terminal.press(TRAIN_KEY)
        time.sleep(0.5)
        terminal.press(b"s")
        wait_for_status(home, 60.0, training=False)
    finally:
        terminal.close()


def under_training(home: Path, seconds: float) -> tuple[float, list[float]]:
    """Train in the app: return its tokens per second while nobody types, and the milliseconds of keys after that."""
    with training(home) as (terminal, run):
        time.sleep(seconds)
        terminal.go_to_prompt()
        keys = terminal.type_for(seconds, 0.05)
    return speed(run, seconds), keys


def under_answers(home: Path, seconds: float) -> tuple[float, list[float]]:
    """Train in the app while six answers stream: return its tokens per second, and the milliseconds of keys after."""
    home.mkdir(parents=True, exist_ok=True)
    dials = {"speed": str(WORDS_A_SECOND), "words": str(WORDS), "least_words": str(WORDS)}
    (home / "preferences.json").write_text(json.dumps({"sampler": dials}), encoding="utf-8")
    with training(home, WIDE) as (terminal, run):
        terminal.go_to_prompt()
        if not terminal.wait_for("live · epoch", 30.0):
            raise SystemExit("The app did not talk to the model in training.")
        terminal.press(COLUMNS_KEY)
        if not terminal.wait_for(f"answer 1 of {ANSWERS}", 30.0):
            raise SystemExit("The app did not show answers side by side.")
        for _ in stream_for(terminal, seconds):
            time.sleep(0.1)
        keys = point_for(terminal, seconds, 0.05)
        terminal.press(b"\x1b")
        time.sleep(0.5)
    return speed(run, seconds), keys


def wait_for_status(home: Path, timeout: float, *, training: bool) -> Path:
    """Return the folder of the one run of ``home``, once it is being trained or no longer is."""
    ends = time.monotonic() + timeout
    while time.monotonic() < ends:
        for path in home.glob("runs/*/run.json"):
            status = json.loads(path.read_text(encoding="utf-8")).get("status")
            if status != "new" and (status == "training") == training:
                return path.parent
        time.sleep(0.05)
    raise SystemExit(f"The training did not {'start' if training else 'stop'} within {timeout:g} seconds.")


def speed(run: Path, seconds: float) -> float:
    """Return the tokens per second of the run's steps within the first ``seconds``, but those while it warms up."""
    from jokegen.core.runs.store import RunStore

    steps = RunStore(run.parent).open(run.name).series()
    chosen = steps[(steps["seconds"] >= WARMING_UP) & (steps["seconds"] <= seconds)]
    if len(chosen) < FEWEST_STEPS:
        raise SystemExit(f"{seconds:g} s were too short for {FEWEST_STEPS} steps; give more with --seconds.")
    first, last = chosen.iloc[0], chosen.iloc[-1]
    return float((last["tokens"] - first["tokens"]) / (last["seconds"] - first["seconds"]))


def without_screen(home: Path, seconds: float) -> float:
    """Return the tokens per second of the same training on the command line."""
    environment = os.environ | {"JOKEGEN_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "train", "starter", "--json", "--name", "headless"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        run = wait_for_status(home, 60.0, training=True)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        process.wait(120)
    finally:
        process.kill()
    return speed(run, seconds)


async def grow(steps: int) -> dict[str, float]:
    """Train ``steps`` steps in the app and return the megabytes it held around half of them and at the end.

    Each is the median of the tenth of all steps before: a checkpoint being written holds a copy for a moment.
    """
    from jokegen.tui.app import JokegenApp
    from jokegen.tui.requests import TrainingRequested
    from jokegen.tui.workbench import Plan

    app = JokegenApp()
    early: list[float] = []
    late: list[float] = []
    async with app.run_test(size=(COLUMNS, LINES)) as pilot:
        # One text a batch: many steps in little time, epochs and samples among them.
        app.post_message(TrainingRequested(Plan(values={"batch_size": 1, "max_epochs": 1000})))
        done = 0
        while done < steps:
            await pilot.pause(0.2)
            session = app.bench.session
            if session is None:
                continue
            snapshot = session.snapshot()
            if snapshot.state == "failed":
                raise SystemExit(snapshot.message)
            done = snapshot.step
            if 0.4 * steps <= done <= 0.5 * steps:
                early.append(resident_megabytes())
            elif done >= 0.9 * steps:
                late.append(resident_megabytes())
        session = app.bench.session
        if session is not None:
            session.stop()
            await asyncio.to_thread(session.join, 60.0)
    return {"early": statistics.median(early), "late": statistics.median(late), "steps": done}


def resident_megabytes() -> float:
    """Return the memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def measure_memory(steps: int, home: Path) -> dict[str, float]:
    """Run :func:`grow` in a process of its own."""
    environment = os.environ | {"JOKEGEN_HOME": str(home)}
    command = [sys.executable, __file__, "--grow", "--steps", str(steps)]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def keys_row(what: str, keys: list[float]) -> Row:
    """Return the row about the milliseconds from keys to their paint."""
    middle, slow = statistics.median(keys), percentile(keys, 0.95)
    return f"{what}, ms, {len(keys)} keys", f"median {middle:.0f}, p95 {slow:.0f}, worst {max(keys):.0f}"


def percentile(values: list[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


Part = tuple[list[Row], dict[str, Any]]
"""Rows of the table, and the figures unrounded."""


def launches(args: argparse.Namespace, home: Path) -> Part:
    """Measure what a person waits for at first; the first launch of each kind does not count."""
    say("launch to first frame")
    frames = [first_frame(home / "empty") for _ in range(args.launches + 1)][1:]
    say("launch to first word")
    words = [first_word(home / "talking") for _ in range(args.launches + 1)][1:]
    say("typing while torch loads")
    freeze = max(longest_freeze(home / "empty", args.loading) for _ in range(args.rounds)) / 1000
    rows = [
        (f"launch to first {what}, s", f"{statistics.median(found):.2f} (slowest of {len(found)}: {max(found):.2f})")
        for what, found in (("frame", frames), ("word", words))
    ]
    figures = {
        "first_frame_seconds": statistics.median(frames),
        "first_word_seconds": statistics.median(words),
        "longest_freeze_seconds": freeze,
    }
    return [*rows, ("longest wait of a key while torch loads, s", f"{freeze:.2f}")], figures


def load(args: argparse.Namespace, home: Path) -> Part:
    """Measure keys and the training's speed, with and without answers side by side, in turns with no screen."""
    rates: dict[str, list[float]] = {"app": [], "answers": [], "headless": []}
    typing: list[float] = []
    pointing: list[float] = []
    for number in range(args.rounds):
        for name, what, keys, measured in (
            ("app", "in the app", typing, under_training),
            ("answers", f"in the app while {ANSWERS} answers stream", pointing, under_answers),
        ):
            say(f"round {number + 1}: training {what}")
            rate, found = measured(home / f"{name}-{number}", args.seconds)
            rates[name].append(rate)
            keys.extend(found)
        say(f"round {number + 1}: training without a screen")
        rates["headless"].append(without_screen(home / f"headless-{number}", args.seconds))
    means = {name: statistics.fmean(found) for name, found in rates.items()}
    shares = {name: means[name] / means["headless"] for name in ("app", "answers")}
    rows = [
        keys_row("key to paint while training", typing),
        ("tokens/s under the app", spread(rates["app"], ",.0f")),
        ("tokens/s without a screen", spread(rates["headless"], ",.0f")),
        ("share of the speed that the app leaves", f"{shares['app']:.2f}"),
        keys_row(f"key to paint, {ANSWERS} answers at {WORDS_A_SECOND} words/s and training", pointing),
        (f"tokens/s while {ANSWERS} answers stream", spread(rates["answers"], ",.0f")),
        ("share of the speed that they leave", f"{shares['answers']:.2f}"),
    ]
    figures = {
        "figure": means["app"],
        "reference": means["headless"],
        "ratio": shares["app"],
        "key_to_paint_p95_milliseconds": percentile(typing, 0.95),
        "streaming_ratio": shares["answers"],
        "streaming_key_to_paint_p95_milliseconds": percentile(pointing, 0.95),
    }
    return rows, figures


def memory(args: argparse.Namespace, home: Path) -> Part:
    """Measure how the memory of a long training grows."""
    say(f"memory over {args.steps:,} steps")
    held = measure_memory(args.steps, home / "memory")
    what = f"memory after {args.steps // 2:,} and {held['steps']:,} steps, MB"
    return [(what, f"{held['early']:.0f} and {held['late']:.0f}")], {"memory_megabytes": held}


PARTS = {"launches": launches, "load": load, "memory": memory}


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=30.0, help="of training, and again of typing (default: 30)")
    options.add_argument("--loading", type=float, default=5.0, help="seconds of typing while torch loads (default: 5)")
    options.add_argument("--launches", type=int, default=5, help="launches to time (default: 5)")
    options.add_argument("--rounds", type=int, default=3, help="how often, in turns (default: 3)")
    options.add_argument(
        "--steps", type=int, default=20_000, help="steps; memory is watched over the second half (default: 20000)"
    )
    options.add_argument("--only", choices=PARTS, action="append", help="measure this part alone (default: all)")
    options.add_argument("--grow", action="store_true", help=argparse.SUPPRESS)
    args = options.parse_args()
    if args.grow:
        print(json.dumps(asyncio.run(grow(args.steps))))
        return
    rows: list[Row] = [("what", "measured")]
    figures: dict[str, Any] = {"figure": None, "reference": None, "ratio": None}
    with quiet_home() as home:
        for part in args.only or PARTS:
            found, measured = PARTS[part](args, home)
            rows += found
            figures |= measured
    title = f"The screen under load: {COLUMNS} x {LINES}, corpus starter, default preset, {args.rounds} rounds"
    show(args, title, rows, **figures)


if __name__ == "__main__":
    main()

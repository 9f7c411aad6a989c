"""A long sitting: the real program trains, answers, changes models, opens dialogs and is resized for half an hour.

It is asked that what the process holds grows by at most 5 % after the first third, that it ends by itself when it is
told to, that no thread is left then, and that nothing was raised in the meantime. The exit status says whether that is
so.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _terminal import CLEAR_LINE, PROGRAM, PROMPT_KEY, TRAIN_KEY, Terminal
from report import parser, quiet_home, say, show

ESCAPE, ENTER, DOWN, UP, TAB = b"\x1b", b"\r", b"\x1b[B", b"\x1b[A", b"\t"
HELP, MAP, KEPT, TALKS = b"\x1bOP", b"\x1b[17~", b"\x1b[19~", b"\x1b[20~"
MODELS, AGAIN, NEW_TALK, PALETTE, QUIT = b"\x0f", b"\x12", b"\x0e", b"\x10", b"\x11"
PROMPTS = (b"Why did the chicken", b"A horse walks into a bar", b"Knock knock", b"What do you call")
LONG = "long"
MOST_GROWTH = 1.05
ANSWERS_WITHIN = 120.0
TRIES_TO_GO_ON, LOOKS_AT_THE_DISK = 8, 30
"""Steps are written with each checkpoint, every quarter of a minute."""
WARM_UP = 1 / 3
_WATCHED = """
import logging, os, sys, threading, traceback
from jokegen.tui.app import JokegenApp
log = open(os.environ["SOAK_LOG"], "a", buffering=1)
def write(kind, error):
    log.write(kind + "".join(traceback.format_exception(error)))
show = JokegenApp._handle_exception
def handle(app, error):
    write("app: ", error)
    show(app, error)
JokegenApp._handle_exception = handle
threading.excepthook = lambda found: write("thread: ", found.exc_value)
sys.unraisablehook = lambda found: write("unraisable: ", found.exc_value)
logging.basicConfig(stream=log, level=logging.ERROR)
try:
    main()
except SystemExit as left:
    if left.code not in (None, 0):
        log.write(f"exit status {left.code}\\n")
except BaseException as error:
    write("main: ", error)
    raise
finally:
    threads = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    if threads:
        log.write(f"threads left: {threads}\\n")
"""


class Sitting:
    """Somebody at the program, who does everything there is again and again."""

    def __init__(self, terminal: Terminal, home: Path, seed: int) -> None:
        """Nothing is pressed yet."""
        self._terminal, self._home = terminal, home
        self._random = random.Random(seed)
        self.rounds = 0

    def once(self) -> None:
        """Do everything once: about a quarter of a minute; TimeoutError where the program no longer answers."""
        self._catch_up()
        for part in (self._chart, self._dialogs, self._talk, self._lists, self._stop_and_go_on, self._resize):
            part()
        self.rounds += 1

    def _press(self, *keys: bytes, pause: float = 0.3) -> None:
        for key in keys:
            self._terminal.press(key)
            time.sleep(pause)

    def _catch_up(self) -> None:
        """Wait for the help to be painted: on a busy machine keys would pile up that are pressed by the clock alone."""
        self._terminal.forget()
        self._press(HELP, pause=0.0)
        if not self._terminal.wait_for("Keys", ANSWERS_WITHIN):
            raise TimeoutError(f"it did not answer within {ANSWERS_WITHIN:.0f} s; ")
        self._press(ESCAPE)

    def go_on(self) -> None:
        """Go on with the long training until more of its steps are on the disk; a key may have come too early."""
        before = steps_of(self._home)
        for _ in range(TRIES_TO_GO_ON):
            self._press(TRAIN_KEY, b"r")
            for _ in range(LOOKS_AT_THE_DISK):
                time.sleep(1.0)
                if steps_of(self._home) > before:
                    return
        raise TimeoutError("the training did not go on; ")

    def _chart(self) -> None:
        self._press(TRAIN_KEY, *(bytes([key]) for key in b"mvxl+-0"))

    def _dialogs(self) -> None:
        self._press(TRAIN_KEY)
        for opening in (b"n", HELP, b"t", PALETTE):
            self._press(opening, pause=1.0)
            self._press(ESCAPE, pause=0.5)

    def _talk(self) -> None:
        self._press(PROMPT_KEY, NEW_TALK, MODELS)
        self._press(*[DOWN] * self._random.randrange(4), ENTER, pause=0.2)
        self._press(CLEAR_LINE, self._random.choice(PROMPTS), ENTER, pause=0.5)
        time.sleep(2.0)
        self._press(AGAIN, pause=1.0)
        self._press(ESCAPE, TAB, b"h", b"h", b"u", b"u", b"]", ESCAPE, MAP, ESCAPE)

    def _lists(self) -> None:
        self._press(KEPT, ESCAPE, TALKS, ESCAPE, TRAIN_KEY, b"o", DOWN, UP, ESCAPE, pause=0.4)

    def _stop_and_go_on(self) -> None:
        if self.rounds % 8 == 7:
            self._press(TRAIN_KEY, b"w", b"s", pause=4.0)
            self.go_on()

    def _resize(self) -> None:
        for _ in range(3):
            self._terminal.resize(self._random.randrange(40, 161), self._random.randrange(12, 51))
            time.sleep(0.3)
        self._terminal.resize(120, 40)
        time.sleep(0.3)


def held(pid: int) -> tuple[float, int] | None:
    """Return the megabytes and the threads of a process, None where it has ended."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    status = {name: value for name, _, value in (line.partition(":") for line in lines)}
    if "VmRSS" not in status:
        return None
    return int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"])


def begin(home: Path) -> None:
    """Make runs to change between; the last one has only begun and goes on for longer than anybody sits."""
    environment = os.environ | {"JOKEGEN_HOME": str(home)}
    for name, more in (("first", ["--max-seconds", "3"]), ("second", ["--max-seconds", "3", "--cell", "gru"])):
        command = [sys.executable, "-c", PROGRAM, "train", "starter", "--name", name, "--json", *more]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    command = [sys.executable, "-c", PROGRAM, "train", "starter", "--name", LONG, "--json", "--max-epochs", "100000"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        if process.stdout is not None:
            next(line for line in process.stdout if b"start" in line)
        time.sleep(2.0)
        process.send_signal(signal.SIGINT)
        process.communicate()


def steps_of(home: Path) -> int:
    """Return how many steps of the long training are on the disk."""
    lines = (home / "runs" / LONG / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return sum('"kind": "step"' in line for line in lines)


def keep_what_went_wrong(wrong: str, painted: str) -> str:
    """Write what was logged and what was painted last to a file that outlives the sitting, and return where it is."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="soak-", suffix=".log", delete=False) as file:
        file.write(f"{wrong}\n\nPainted last:\n{painted!r}\n")
    return file.name


def sit(args: argparse.Namespace, home: Path) -> tuple[list[tuple[float, float, int]], int, str]:
    """Return seconds, megabytes and threads after each round, the rounds, and what went wrong."""
    log = home / "soak.log"
    os.environ["SOAK_LOG"] = str(log)
    program = PROGRAM.replace("main()", _WATCHED)
    terminal = Terminal(home, program)
    samples: list[tuple[float, float, int]] = []
    wrong = painted = ""
    sitting = Sitting(terminal, home, args.seed)
    try:
        if not terminal.wait_for("JokeGen", 60.0):
            wrong = "the app did not paint its title within a minute"
            return samples, 0, wrong
        sitting.go_on()
        began = time.monotonic()
        while (spent := time.monotonic() - began) < 60 * args.minutes:
            sitting.once()
            now = held(terminal.pid)
            if now is None:
                wrong = "it ended before it was told to; "
                break
            painted = terminal.painted
            terminal.forget()
            samples.append((spent, *now))
            say(f"{spent / 60:.1f} min, round {sitting.rounds}: {now[0]:.0f} MB, {now[1]} threads")
        terminal.press(QUIT)
        time.sleep(1.0)
        terminal.press(b"y")
        wrong += "" if terminal.ended(60.0) else "it did not end within a minute; "
    except TimeoutError as error:
        wrong += str(error)
    finally:
        terminal.close()
        wrong += log.read_text(encoding="utf-8") if log.exists() else ""
        if wrong.strip():
            say(f"What went wrong is in {keep_what_went_wrong(wrong, (painted + terminal.painted)[-20_000:])}")
    return samples, sitting.rounds, wrong


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--minutes", type=float, default=30.0, help="(default: 30)")
    options.add_argument("--seed", type=int, default=0, help="of what is chosen (default: 0)")
    args = options.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts it in the background has it ignored
    with quiet_home() as home:
        begin(home)
        before = steps_of(home)
        samples, rounds, wrong = sit(args, home)
        trained = steps_of(home) - before
        wrong += "" if trained > 0 else "nothing was trained; "
    if not samples:
        raise SystemExit(wrong)
    warm = [sample for sample in samples if sample[0] >= WARM_UP * samples[-1][0]]
    third = max(len(warm) // 3, 1)
    early, late = (statistics.median(each[1] for each in part) for part in (warm[:third], warm[-third:]))
    threads = [statistics.median(each[2] for each in part) for part in (warm[:third], warm[-third:])]
    ratio = late / early
    show(
        args,
        f"A sitting of {args.minutes:g} minutes: {rounds} rounds, {trained:,} training steps",
        [
            ("what", "after the warm-up", "at the end"),
            ("memory, MB", f"{early:.0f}", f"{late:.0f} ({ratio:.3f} x)"),
            ("threads", f"{threads[0]:.0f}", f"{threads[1]:.0f}"),
            ("went wrong", "", wrong.strip() or "nothing"),
        ],
        figure=late,
        reference=early,
        ratio=ratio,
        threads=threads,
        wrong=wrong,
    )
    if wrong.strip() or ratio > MOST_GROWTH:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

"""What signals do to a training: the first asks, the second ends it, and ``nohup`` is respected."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROLOGUE = """
import os, signal
from jokegen.tui.commands.interruption import StopSwitch

def receive(name):
    os.kill(os.getpid(), getattr(signal, name))
"""


def _run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", _PROLOGUE + program], capture_output=True, text=True, timeout=90)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_first_signal_asks_and_the_second_ends(name: str) -> None:
    done = _run(f"""
with StopSwitch() as switch:
    switch.training = True
    assert not switch()
    receive({name!r})
    assert switch()
    print("still here", flush=True)
    receive({name!r})
    print("never", flush=True)
""")
    assert done.stdout == "still here\n"
    assert done.returncode == 130
    assert "saving" in done.stderr
    assert "aborted" in done.stderr


def test_with_nothing_to_save_a_signal_interrupts_at_once() -> None:
    done = _run("""
try:
    with StopSwitch():
        receive("SIGTERM")
        print("never")
except KeyboardInterrupt:
    print("interrupted")
""")
    assert done.stdout == "interrupted\n"


def test_a_closed_terminal_is_ignored_under_nohup() -> None:
    done = _run("""
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with StopSwitch() as switch:
    switch.training = True
    receive("SIGHUP")
    print(switch())
""")
    assert done.stdout == "False\n"


def test_the_signals_are_given_back() -> None:
    done = _run("""
before = signal.getsignal(signal.SIGINT)
with StopSwitch():
    assert signal.getsignal(signal.SIGINT) is not before
print(signal.getsignal(signal.SIGINT) is before)
""")
    assert done.stdout == "True\n"

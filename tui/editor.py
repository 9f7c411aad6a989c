"""A text in the person's own editor, with the app out of the way meanwhile."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from ..core.errors import EngineError

if TYPE_CHECKING:
    from textual.app import App

USUAL = ("nano", "vim", "vi", "notepad")
LONGEST = 1024 * 1024
"""Bytes that are read of what was written."""


def edited(app: App[object], text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Let the person change a text in ``$VISUAL`` or ``$EDITOR``, and return it.

    Raises:
        EngineError: there is no editor, it failed, or the app cannot step aside here.
    """
    command = editor_command(environment)
    descriptor, name = tempfile.mkstemp(prefix="jokegen-", suffix=".txt")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        with app.suspend():
            status = subprocess.run([*command, name], check=False).returncode  # noqa: S603  # the person's own choice
        if status != 0:
            raise EngineError(f"The editor {command[0]} ended with status {status}; the text stays as it was.")
        with path.open("rb") as written:
            return written.read(LONGEST).decode("utf-8", errors="replace")
    except SuspendNotSupported as error:
        raise EngineError("No other program can be opened from here; change the text in place instead.") from error
    except OSError as error:
        raise EngineError(f"The editor {command[0]} cannot be started; set EDITOR to one that can.") from error
    finally:
        path.unlink(missing_ok=True)


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """Return the editor with its arguments; raises EngineError when there is none."""
    try:
        chosen = shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "")
    except ValueError as error:
        raise EngineError("EDITOR is no command that can be read; set it to the name of an editor.") from error
    found = next((name for name in USUAL if shutil.which(name)), None)
    if chosen or found:
        return chosen or [found or ""]
    raise EngineError("There is no editor; set EDITOR to the name of one.")

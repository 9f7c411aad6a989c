"""The run that comes with JokeGen: a model to talk to before any was trained. Nothing of it can be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from ..errors import RunError
from ..home import cache_folder
from .folder import Run
from .voice import BUNDLED, VOICE_FOLDER, has_voice


class BundledRun(Run):
    """The bundled run; what would change it raises RunError."""

    def __init__(self) -> None:
        """Find it among the files of the package; nothing is read yet."""
        super().__init__(VOICE_FOLDER)
        self.name = BUNDLED

    @property
    def scratch(self) -> Path:
        """A folder of the person's own: what comes with the program is not written to."""
        return cache_folder() / BUNDLED

    def lock(self) -> NoReturn:
        """It is not trained any further."""
        raise RunError("The model that comes with JokeGen stays as it is; train one of your own instead.")

    def in_training(self) -> bool:
        """Never."""
        return False

    def write_info(self, info: Any) -> NoReturn:  # noqa: ARG002
        """It is not changed."""
        self.lock()

    def update_info(self, **changes: Any) -> NoReturn:  # noqa: ARG002
        """It is not changed."""
        self.lock()

    @property
    def resumable(self) -> bool:
        """Never."""
        return False


def bundled_run() -> BundledRun | None:
    """Return the run that comes with JokeGen; None where the package was built without it."""
    return BundledRun() if has_voice() else None

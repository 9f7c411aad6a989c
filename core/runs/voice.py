"""Where the model that comes with JokeGen lies, and what it is called. Light: the first frame asks."""

from __future__ import annotations

from pathlib import Path

BUNDLED = "bundled"
"""The name it goes by; no run of a person's own can have it."""
WHAT_IT_IS = "This model comes with JokeGen, trained on its own jokes; train one of yours whenever you like."
VOICE_FOLDER = Path(__file__).with_name("bundled_voice")
"""Its run folder in the package; ``make voice`` fills it."""


def has_voice() -> bool:
    """Return whether the package was built with it."""
    return (VOICE_FOLDER / "run.json").is_file()

"""What can go wrong in the engine, each as one plain sentence that says what is wrong and what to do."""

from ..data.faults import CorpusError


class EngineError(Exception):
    """Something the user can understand and act on; ``str(error)`` is the whole message."""


class SettingsError(EngineError):
    """A setting has a value that makes no sense."""


class RunError(EngineError):
    """A run is missing, damaged, in use, or cannot be written."""


class NameTakenError(RunError):
    """A run of that name is there already; only some can replace it."""


class GenerationError(EngineError):
    """The model cannot produce what was asked for."""


PLAIN_ERRORS = (EngineError, CorpusError)
"""The exceptions whose message is written for the user; everything else is a bug."""

"""Loading torch's largest library beforehand, so that a screen stays alive while torch is imported."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = ("libc10", "libtorch_cpu")
_ENDING = ".dylib" if sys.platform == "darwin" else ".so"
_LAZY = 1


def preload_torch() -> None:
    """Have the system load torch's largest library, if it is where torch keeps it; ``import torch`` finds it loaded.

    The import would hold the interpreter's lock meanwhile, a quarter of a second in which no key is heard. So would
    ``ctypes.CDLL``; a call of the C library's own ``dlopen`` lets go of it.
    """
    spec = find_spec("torch")
    if os.name != "posix" or "torch" in sys.modules or spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    try:
        load = ctypes.CDLL(None).dlopen
    except (OSError, AttributeError):
        return
    load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    for name in _LIBRARIES:
        path = folder / f"{name}{_ENDING}"
        if path.is_file():
            load(os.fsencode(path), _LAZY)

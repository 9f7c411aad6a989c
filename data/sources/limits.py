"""How much of a source is read: nothing that a person hands in may fill the memory or the evening."""

from __future__ import annotations

MAXIMUM_BYTES = 512 * 1024 * 1024
"""Bytes of all files of a source together, unpacked, where they are read as a whole."""
LARGE_BYTES = 64 * 1024 * 1024
"""Bytes from which a file of lines, a table or JSON lines is read piece by piece, whatever its size."""
MAXIMUM_FILES = 20_000
MAXIMUM_DEPTH = 3
"""Archives inside archives, and twelve times that many folders inside folders."""

"""How much of a source is read: nothing that a person hands in may fill the memory or the evening."""

from __future__ import annotations

MAXIMUM_BYTES = 512 * 1024 * 1024
"""Bytes of all files of a source together, unpacked."""
MAXIMUM_FILES = 20_000
MAXIMUM_DEPTH = 3
"""Archives inside archives, and twelve times that many folders inside folders."""

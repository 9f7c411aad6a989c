"""Texts that are larger than the memory."""

"""Finding the encoding of a file, and saying so where it had to be guessed."""

from __future__ import annotations

import codecs

from .faults import CorpusError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STRAY_BYTES = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in range(0x80, 0x100)
}
"""What ``surrogateescape`` leaves of a byte that is no UTF-8, to the character it stands for in Windows-1252."""
_SAMPLE = 65_536
_MAXIMUM_CONTROLS = 0.02


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    """Return the text of ``data`` and notices about its encoding; raises CorpusError for a binary file."""
    notices: list[str] = []
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data.decode(encoding, errors="replace")
            damaged = text.count("\ufffd")
            if damaged * 10 > len(text):
                raise CorpusError(f"{name} is damaged: it is not the {encoding} it claims to be; save it as UTF-8.")
            if damaged:
                notices.append(f"{name} is {encoding.upper()} with damaged characters, which show as \ufffd.")
            return text, notices
    unmarked = _unmarked_utf16(data[:_SAMPLE])
    if unmarked is not None:
        notices.append(f"{name} was read as {unmarked.upper()}, though nothing in it says so.")
        return data.decode(unmarked, errors="replace"), notices
    if _looks_binary(data[:_SAMPLE]):
        raise CorpusError(f"{name} is not a text file; give a CSV, TSV, JSONL or plain text file.")
    text = data.decode("utf-8", errors="surrogateescape")
    foreign = [character for character in text if character > "\x7f"]
    broken = sum("\udc80" <= character <= "\udcff" for character in foreign)
    if broken and broken * 2 <= len(foreign):
        count = "one byte" if broken == 1 else f"{broken:,} bytes"
        notices.append(f"{name} is UTF-8 but for {count}, read as Windows-1252.")
    elif broken:
        notices.append(f"{name} is not UTF-8; it was read as Windows-1252, so save it as UTF-8 if letters look wrong.")
    return (text.translate(_STRAY_BYTES) if broken else text), notices


def _unmarked_utf16(sample: bytes) -> str | None:
    """Return which UTF-16 it must be: in most scripts nearly every other byte is a zero, and none of the others."""
    half = len(sample) // 2
    even, odd = sample[: 2 * half : 2].count(0), sample[1 : 2 * half : 2].count(0)
    for encoding, zeros, others, text in (
        ("utf-16-le", odd, even, sample[::2]),
        ("utf-16-be", even, odd, sample[1::2]),
    ):
        if zeros > 0.7 * half and not others and not _looks_binary(text):
            return encoding
    return None


def _looks_binary(sample: bytes) -> bool:
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in sample)
    return (b"\x00" in sample and controls > len(sample) * _MAXIMUM_CONTROLS) or controls > len(sample) * 0.1

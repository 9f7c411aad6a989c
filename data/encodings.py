"""Finding the encoding of a file, and saying so where it had to be guessed."""

from __future__ import annotations

import codecs
import re
from unicodedata import category

from .faults import CorpusError
from .findings import Findings, counted

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_STRAY_BYTES = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in range(0x80, 0x100)
}
"""What ``surrogateescape`` leaves of a byte that is no UTF-8, to the character it stands for in Windows-1252."""
_SAMPLE = 65_536
_CHUNK = 1 << 20
_MAXIMUM_CONTROLS = 0.02
_UTF_16 = ("utf-16-le", "utf-16-be")
_USUAL = set(" \n\r\t.,;:!?'\"()[]{}|/-_+*#%&=<>@«»、。，！？：；“”…")
_SIGNS = set(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u2022\u00ab\u00bb\u2039\u203a\u00a0\u00a1\u00bf\u00a3\u20ac\u00b0\u00a7\u00a9\u00ae\u2122"
)
"""Signs of text that stand between words."""
_APOSTROPHES = frozenset("\u2019\u00ad\u2014")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_READABLE = 0.93
_FEW_ZEROS = 10
"""Of so many bytes of UTF-16 at least one is zero, or many are no UTF-8."""
_FALLBACK = "windows-1252"
_RIVALS = ("cp1252", "mac-roman", "cp850", "cp437")
"""What a file in the languages of Western Europe may be written in, the likeliest first."""
_WESTERN = {*_RIVALS, "ascii", "iso8859-1", "iso8859-15", "cp858", "mac-latin2", "mac-iceland", "hp-roman8"}
_ILL_FITTING = 0.5
_LAST_LATIN = "\u024f"
_FEW_ACCENTS = 12
_FEW_KINDS = 4
_SURE = 0.3
"""Confidence that a guess from few accents needs, to be taken before Windows-1252."""


def decode(data: bytes, name: str, findings: Findings) -> tuple[str, str]:
    """Return the text of ``data`` and the name of its encoding; raises CorpusError for a binary file."""
    for mark, codec, encoding in _MARKS:
        if data.startswith(mark):
            text = data.decode(codec, errors="replace")
            damaged = text.count("\ufffd") if encoding != "utf-8" else _broken(data, codec)
            if damaged * 10 > len(text):
                raise CorpusError(f"{name} is damaged: it is not the {codec} it claims to be; save it as UTF-8.")
            if damaged:
                findings.notice(f"{name} is {codec.upper()} with damaged characters, which show as \ufffd.")
            return text.removeprefix("\ufeff").replace("\n\ufeff", "\n"), encoding
    unmarked = _unmarked_utf16(data[:_SAMPLE])
    if unmarked is not None:
        findings.notice(f"{name} was read as {unmarked.upper()}, though nothing in it says so.")
        return data.decode(unmarked, errors="replace"), unmarked
    if _looks_binary(data[:_SAMPLE]) and not is_zero_ended(data):
        raise CorpusError(f"{name} is not a text file; give a CSV, TSV, JSONL or plain text file.")
    try:
        return data.decode("utf-8").replace("\n\ufeff", "\n"), "utf-8"  # one file put behind another
    except UnicodeDecodeError:
        return _foreign(data, name, findings)


def _foreign(data: bytes, name: str, findings: Findings) -> tuple[str, str]:
    """Return the text of what is no sound UTF-8, by the statistics of languages where it is none at all."""
    text = data.decode("utf-8", errors="surrogateescape")
    foreign = sum(character > "\x7f" for character in text)
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    if broken * 2 <= foreign:
        findings.repair(_tell_broken(name, broken))
        return text.translate(_STRAY_BYTES), "utf-8"
    encoding = _guessed(data)
    if encoding is not None:
        text = data.decode(encoding, errors="replace")
        damaged = text.count("\ufffd")
        damage = f" with {counted(damaged, 'damaged character')}" if damaged else ""
        findings.notice(
            f"{name} is not UTF-8; it was read as {encoding_words(encoding)}{damage}, so save it as UTF-8 if "
            "letters look wrong."
        )
        return text, encoding
    findings.notice(f"{name} is not UTF-8; it was read as Windows-1252, so save it as UTF-8 if letters look wrong.")
    return text.translate(_STRAY_BYTES), _FALLBACK


def repaired_utf8(data: bytes, name: str, findings: Findings) -> str:
    """Return a piece of a text in UTF-8, with the bytes that are none read as Windows-1252; see :func:`decode`."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    findings.count("repaired", broken, lambda count: _tell_broken(name, count))
    return text.translate(_STRAY_BYTES)


def _tell_broken(name: str, count: int) -> str:
    return f"{name} is UTF-8 but for {counted(count, 'byte')}, read as Windows-1252."


def encoding_words(encoding: str) -> str:
    """Return an encoding's name as people write it."""
    special = {"shift_jis": "Shift-JIS", "cp932": "Shift-JIS", "cp949": "EUC-KR", "euc_kr": "EUC-KR"}
    upper = encoding.upper().replace("WINDOWS", "Windows").replace("_", "-")
    return special.get(encoding, upper)


def _guessed(data: bytes) -> str | None:
    import chardet  # 30 ms, for the few files that are no UTF-8

    foreign = [place for place, byte in enumerate(data[: 64 * _SAMPLE]) if byte > 127][:1] or [0]
    start = max(0, foreign[0] - 1024)
    sample = data[start : start + _SAMPLE]
    found = chardet.detect(sample)
    encoding, sure = found["encoding"], float(found["confidence"] or 0)
    try:
        codec = codecs.lookup(encoding or _RIVALS[0]).name
    except LookupError:
        return None
    # Few accents are easily taken for letters of another alphabet.
    accents = bytes(byte for byte in sample if byte > 127)
    few = len(accents) < _FEW_ACCENTS or len(set(accents)) < _FEW_KINDS
    if codec in _WESTERN or (few and sure < _SURE) or _fitting(sample, codec) < _ILL_FITTING:
        codec = max(_RIVALS, key=lambda each: _fitting(sample, each))
        return None if codec == _RIVALS[0] else codec
    text = sample.decode(codec, errors="replace")
    return None if codec == "utf-8" or text.count("\ufffd") * 20 > len(text) else codec


def _fitting(sample: bytes, encoding: str) -> float:
    """Return the share of the accents that stand where they may: letters of one script in words, signs beside them."""
    text = f" {sample.decode(encoding, errors='replace')} "
    places = [found.start() for found in _FOREIGN.finditer(text)]
    fitting = 0
    for place in places:
        before, sign, after = text[place - 1 : place + 2]
        inside = before.isalpha() and after.isalpha()
        if sign.isalpha():
            mixed = sign > _LAST_LATIN and any(beside.isascii() and beside.isalpha() for beside in (before, after))
            fitting += not mixed and (not sign.isupper() or not before.islower())
        else:
            fitting += (sign in _SIGNS and not inside) or (sign in _APOSTROPHES and inside)
    return fitting / max(1, len(places))


def is_zero_ended(data: bytes) -> bool:
    """Return whether ``data`` has single zeros after longer parts and at its end, as lists of texts may have."""
    zeros = data.count(b"\0")
    return zeros > 1 and data.rstrip(b"\n").endswith(b"\0") and b"\0\0" not in data and zeros * 3 <= len(data)


def is_utf8(data: bytes) -> bool:
    """Return whether all of ``data`` is UTF-8 text, without decoding it as a whole."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not _looks_binary(data[:_SAMPLE]) and b"\x00" not in data[:_SAMPLE]


def _broken(data: bytes, codec: str) -> int:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return data.decode(codec, errors="replace").count("\ufffd")
    return 0


def _unmarked_utf16(sample: bytes) -> str | None:
    """Return which UTF-16 it must be: letters one way, and other things the other way round."""
    zeros = sample.count(0)
    if not zeros or (zeros * _FEW_ZEROS < len(sample) and _begins_as_utf8(sample)):
        return None
    spaced = next((encoding for encoding in _UTF_16 if _has_zeros_as(sample, encoding)), None)
    if spaced is not None:
        return spaced
    shares = {encoding: _readable_share(sample[: len(sample) // 2 * 2], encoding) for encoding in _UTF_16}
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] > _READABLE and shares[best] > sum(shares.values()) - shares[best] else None


def _has_zeros_as(sample: bytes, encoding: str) -> bool:
    """Whether nearly all zeros stand where ``encoding`` has them beside letters without accents, and few controls."""
    beside, others = sample[1::2].count(0), sample[::2].count(0)
    if encoding == "utf-16-be":
        beside, others = others, beside
    if others * _FEW_ZEROS > beside or beside * _FEW_ZEROS < len(sample):
        return False
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return sum(c < " " and c not in "\t\n\r\f" for c in text) * _FEW_ZEROS <= len(text)


def _begins_as_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _readable_share(sample: bytes, encoding: str) -> float:
    text = sample.decode(encoding, errors="replace")
    return sum(c in _USUAL or category(c)[0] in "LMN" or 0x2010 <= ord(c) <= 0x30FF for c in text) / max(1, len(text))


def _looks_binary(sample: bytes) -> bool:
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in sample)
    return (b"\x00" in sample and controls > len(sample) * _MAXIMUM_CONTROLS) or controls > len(sample) * 0.1

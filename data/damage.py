"""What programs do to texts on their way into a file, taken back where it is certain: tags, escapes, wrong decoding."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from .findings import Findings, counted

_MOJIBAKE = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "|\u00e2(?:\u20ac|\u0080|\u201a)|\u00f0\u0178|\u00f0\u009f|\u00ef\u00bf|[\u00d0\u00d1][\u0080-\u00bf\u2018-\u2122]"
    "|[\u00e3-\u00e9][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]{2}"
)
"""What UTF-8 looks like when it is read as Windows-1252 or Latin-1."""
_ESCAPE = re.compile(r"\\(?:r\\n|([A-Za-z\"'/\\]))")
_LINE_BREAK = re.compile(r"\\r\\n|\\[nr]")
_ESCAPED = {'\\"': '"', "\\'": "'", "\\/": "/", "\\t": " ", "\\\\": "\\"}
_OTHER_ESCAPE = re.compile(r"\\[\"'/t\\]")
_NAMES = (
    "a|abbr|article|b|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|font|footer|form|h[1-6]|head|header"
    "|hr|html|i|iframe|img|ins|kbd|li|link|mark|meta|nav|ol|p|pre|q|s|samp|script|section|small|span|strike|strong|style"
    "|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|var|video|wbr"
)
_TAG = re.compile(rf"<!--.*?-->|</?({_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|head)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BLOCKS = frozenset(
    {
        *(
            "article",
            "blockquote",
            "br",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "footer",
            "form",
            "header",
            "hr",
            "li",
            "ol",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_AROUND_BREAK = re.compile(r"[^\S\n]*\n[^\S\n]*")
_ITEM = re.compile(r"\s*(\d{1,6}(?=[.)])|[-*•–])[.)]?\s+(?=\S)")
_FEWEST_ITEMS = 10
_MOST_ITEMS = 0.95
"""Share of the texts that begin with a number or a bullet where these belong to the list."""
_MANY = 0.02
"""Share of the texts that have a kind of damage where it is no accident."""


def repair(texts: Sequence[str], name: str, findings: Findings) -> list[str]:
    """Return ``texts`` without tags, with line breaks for their escapes and characters decoded as they were meant.

    Each repair is said; tags in single texts, which may be about HTML, are kept and said.
    """
    repaired = _without_mojibake(list(texts), name, findings)
    repaired = _without_numbers(_with_line_breaks(repaired, name, findings), name, findings)
    return _without_tags(repaired, name, findings)


def _without_mojibake(texts: list[str], name: str, findings: Findings) -> list[str]:
    places = [place for place, text in enumerate(texts) if not text.isascii() and _MOJIBAKE.search(text)]
    if not places:
        return texts
    from ftfy import fix_encoding  # only for texts that look like it

    def put_right(text: str) -> str:
        # Of the five bytes that Windows-1252 lacks only the one of the closing quotation mark is common.
        return fix_encoding(text.replace("\u00e2\u20ac\ufffd", "\u201d"))

    return _each(
        texts,
        places,
        put_right,
        lambda count: findings.repair(
            f"{counted(count, 'text')} of {name} had UTF-8 that was once read as another encoding (â€™ for ’); "
            f"{'it was' if count == 1 else 'they were'} put right."
        ),
    )


def _without_numbers(texts: list[str], name: str, findings: Findings) -> list[str]:
    """Return the texts of a list without what stands in front of each: its number, or a bullet."""
    if len(texts) < _FEWEST_ITEMS:
        return texts
    items = [_ITEM.match(text) for text in texts]
    places = [place for place, item in enumerate(items) if item is not None and "\n" not in texts[place]]
    if len(places) < _MOST_ITEMS * len(texts):
        return texts
    marks = [item[1] for item in items if item is not None]
    numbers = [int(mark) for mark in marks if mark.isdecimal()]
    counts = len(numbers) == len(marks) and all(1 <= after - before <= 2 for before, after in pairwise(numbers))
    if not counts and (numbers or len(set(marks)) > 1):
        return texts
    what = "The numbers" if counts else "The bullets"
    return _each(
        texts,
        places,
        lambda text: _ITEM.sub("", text, count=1),
        lambda count: findings.repair(f"{what} in front of {counted(count, 'text')} of {name} were taken off."),
    )


def _with_line_breaks(texts: list[str], name: str, findings: Findings) -> list[str]:
    places = [place for place, text in enumerate(texts) if "\\n" in text or "\\r" in text]
    if len(places) < max(2, _MANY * len(texts)):
        return texts
    breaks = others = 0
    for place in places:
        for escape in _ESCAPE.finditer(texts[place]):
            is_break = escape[1] in {None, "n", "r"}
            # "C:\new" and "\nabla" have a letter where a line break has none.
            before = texts[place][escape.start() - 1 : escape.start()]
            breaks += is_break and before != ":"
            others += (not is_break and escape[1] not in {'"', "'", "/", "t", "\\"}) or (is_break and before == ":")
    if others * 20 > breaks:
        return texts

    def with_breaks(text: str) -> str:
        return _OTHER_ESCAPE.sub(lambda found: _ESCAPED[found[0]], _LINE_BREAK.sub("\n", text))

    return _each(
        texts,
        places,
        with_breaks,
        lambda count: findings.repair(
            f"{counted(count, 'text')} of {name} had line breaks written as a backslash and an n; "
            "they were made line breaks."
        ),
    )


def _without_tags(texts: list[str], name: str, findings: Findings) -> list[str]:
    places = [place for place, text in enumerate(texts) if "<" in text and _TAG.search(text)]
    if not places:
        return texts
    if len(places) < max(2, _MANY * len(texts)):
        findings.notice(
            f"{counted(len(places), 'text')} of {name} {'has' if len(places) == 1 else 'have'} HTML tags, "
            "which were kept."
        )
        return texts
    return _each(
        texts,
        places,
        without_tags,
        lambda count: findings.repair(f"The HTML tags in {counted(count, 'text')} of {name} were taken off."),
    )


def without_tags(text: str) -> str:
    """Return ``text`` without its HTML tags; paragraphs and breaks become line breaks."""
    broken = _TAG.sub(_what_it_says, _UNSEEN.sub("", text))
    lines = [line for line in _AROUND_BREAK.sub("\n", broken).split("\n") if line.replace("&nbsp;", "").strip()]
    return "\n".join(lines)


def _what_it_says(tag: re.Match[str]) -> str:
    return "\n" if (tag[1] or "").lower() in _BLOCKS else ""


def _each(
    texts: list[str], places: Sequence[int], mend: Callable[[str], str], tell: Callable[[int], None]
) -> list[str]:
    mended = list(texts)
    changed = 0
    for place in places:
        mended[place] = mend(texts[place])
        changed += mended[place] != texts[place]
    if changed:
        tell(changed)
    return mended

"""What programs do to texts on their way into a file, taken back where it is certain: tags, escapes, wrong decoding."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .findings import Findings, counted
from .prefixes import common_prefix, without_prefix

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
_TAG = re.compile(rf"<!--|</?({_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_UNSEEN = re.compile(r"<!--|<(script|style|head)\b[^<>]*>", re.IGNORECASE)
"""Where something begins that a page does not show."""
_UNSEEN_ENDS = {
    "": re.compile("-->"),
    **{name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "head")},
}
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
_MANY = 0.02
"""Share of the texts that have a kind of damage where it is no accident."""


@dataclass(frozen=True)
class Damage:
    """What of it some texts have so often that it is no accident."""

    mojibake: bool = False
    line_breaks: bool = False
    prefix: str | None = None
    """What stands in front of each text and is none of it."""
    tags: bool = False


def damage_of(texts: Sequence[str]) -> Damage:
    """Return what is wrong with ``texts``, by the share of those that have it."""
    mojibake = any(map(_has_mojibake, texts))
    read = [_decoded_again(text) if _has_mojibake(text) else text for text in texts] if mojibake else texts
    line_breaks = _have_line_breaks(read)
    read = [_with_line_breaks(text) for text in read] if line_breaks else read
    return Damage(mojibake, line_breaks, common_prefix(read), sum(map(_has_tag, read)) >= max(2, _MANY * len(read)))


def mended(texts: Sequence[str], damage: Damage, name: str, findings: Findings) -> list[str]:
    """Return ``texts`` without tags, with line breaks for their escapes and characters decoded as they were meant.

    Each repair is said; tags in single texts, which may be about HTML, are kept and said.
    """
    made = list(texts)
    if damage.mojibake:
        made = _each(
            made,
            _has_mojibake,
            _decoded_again,
            lambda count: (
                f"{counted(count, 'text')} of {name} had UTF-8 that was once read as another encoding (â€™ for ’); "
                f"{'it was' if count == 1 else 'they were'} put right."
            ),
            findings,
        )
    if damage.line_breaks:
        made = _each(
            made,
            _has_escape,
            _with_line_breaks,
            lambda count: (
                f"{counted(count, 'text')} of {name} had line breaks written as a backslash and an n; "
                "they were made line breaks."
            ),
            findings,
        )
    prefix = damage.prefix
    if prefix is not None:
        made = _each(
            made,
            lambda _: True,
            lambda text: without_prefix(text, prefix),
            lambda count: f"The {prefix} in front of {counted(count, 'text')} of {name} were taken off.",
            findings,
        )
    if damage.tags:
        return _each(
            made,
            _has_tag,
            without_tags,
            lambda count: f"The HTML tags in {counted(count, 'text')} of {name} were taken off.",
            findings,
        )
    findings.count(
        "notice",
        sum(map(_has_tag, made)),
        lambda count: (
            f"{counted(count, 'text')} of {name} {'has' if count == 1 else 'have'} HTML tags, which were kept."
        ),
    )
    return made


def _has_mojibake(text: str) -> bool:
    return not text.isascii() and _MOJIBAKE.search(text) is not None


def _decoded_again(text: str) -> str:
    from ftfy import fix_encoding  # only for texts that look like it

    # Of the five bytes that Windows-1252 lacks only the one of the closing quotation mark is common.
    return fix_encoding(text.replace("\u00e2\u20ac\ufffd", "\u201d"))


def _has_escape(text: str) -> bool:
    return "\\n" in text or "\\r" in text


def _have_line_breaks(texts: Sequence[str]) -> bool:
    escaped = list(filter(_has_escape, texts))
    if len(escaped) < max(2, _MANY * len(texts)):
        return False
    breaks = others = 0
    for text in escaped:
        for escape in _ESCAPE.finditer(text):
            is_break = escape[1] in {None, "n", "r"}
            # "C:\new" and "\nabla" have a letter where a line break has none.
            before = text[escape.start() - 1 : escape.start()]
            breaks += is_break and before != ":"
            others += (not is_break and escape[1] not in {'"', "'", "/", "t", "\\"}) or (is_break and before == ":")
    return others * 20 <= breaks


def _with_line_breaks(text: str) -> str:
    if not _has_escape(text):
        return text
    return _OTHER_ESCAPE.sub(lambda found: _ESCAPED[found[0]], _LINE_BREAK.sub("\n", text))


def _has_tag(text: str) -> bool:
    return "<" in text and _TAG.search(text) is not None


def without_tags(text: str) -> str:
    """Return ``text`` without its HTML tags; paragraphs and breaks become line breaks."""
    broken = _TAG.sub(_what_it_says, _without_unseen(text))
    lines = [line for line in _AROUND_BREAK.sub("\n", broken).split("\n") if line.replace("&nbsp;", "").strip()]
    return "\n".join(lines)


def _without_unseen(text: str) -> str:
    """Return ``text`` without comments, scripts and the like; what is never closed stays."""
    shown: list[str] = []
    endless: set[str] = set()
    place = start = 0
    while (begins := _UNSEEN.search(text, start)) is not None:
        kind = (begins[1] or "").lower()
        # Not looked for again: a text of nothing but beginnings would take for ever.
        ends = None if kind in endless else _UNSEEN_ENDS[kind].search(text, begins.end())
        if ends is None:
            endless.add(kind)
            start = begins.end()
        else:
            shown.append(text[place : begins.start()])
            place = start = ends.end()
    return "".join([*shown, text[place:]])


def _what_it_says(tag: re.Match[str]) -> str:
    if tag[1] is None:
        return tag[0]  # the beginning of a comment that never ends
    return "\n" if tag[1].lower() in _BLOCKS else ""


def _each(
    texts: list[str],
    has_it: Callable[[str], bool],
    mend: Callable[[str], str],
    tell: Callable[[int], str],
    findings: Findings,
) -> list[str]:
    after = [mend(text) if has_it(text) else text for text in texts]
    findings.count("repaired", sum(old != new for old, new in zip(texts, after, strict=True)), tell)
    return after

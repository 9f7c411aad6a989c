"""How texts are to be read, and how they were: plain values that are shown, corrected and kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from .cleaning import one_line, printable

Holds = Literal["texts", "words", "labels", "numbers", "dates", "links", "identifiers", "constants", "nothing"]
"""What the cells of a column are: ``texts`` have several words, ``words`` one each, ``labels`` few different values."""

_HOLDS: tuple[Holds, ...] = get_args(Holds)
EXAMPLES = 3
"""Texts that a reading shows as the model will learn them."""


@dataclass(frozen=True)
class ReadingOptions:
    """What a person asked for; each is obeyed or refused, never dropped."""

    columns: tuple[str, ...] = ()
    """Names or numbers (from 1) of the columns that make the text, in this order."""
    layout: str | None = None
    """``lines``, ``blank``, ``double-blank``, ``whole``, ``file`` or ``mark=TEXT``."""
    where: tuple[str, ...] = ()
    """Comparisons that a row has to pass, as ``COLUMN OP VALUE``."""
    keep_spacing: bool | None = None
    """Whether indentation and runs of blanks stay; None: where they matter."""
    letters_only: bool = False
    as_written: bool = False
    keep_repeats: bool = False
    """Whether texts that occur again stay; for measuring texts rather than learning from them."""
    exclude: tuple[str, ...] = ()
    """Numbers of texts that are left out; see :func:`jokegen.data.amendments.number_of`."""
    correct: tuple[str, ...] = ()
    """Corrected texts, as ``NUMBER=TEXT`` on one line."""


@dataclass(frozen=True)
class ColumnFound:
    """One column of a table, or one field of records."""

    name: str
    holds: Holds
    taken: bool = False


@dataclass(frozen=True)
class Reading:
    """An interpretation of sources: what they are and how they became texts."""

    sources: tuple[str, ...] = ()
    format: str = ""
    encoding: str | None = None
    separator: str | None = None
    columns: tuple[ColumnFound, ...] = ()
    order: tuple[str, ...] = ()
    """The columns that make the text, in the order in which they are joined."""
    layout: str = "lines"
    """``records`` of a table, or how plain text was divided; see :class:`ReadingOptions`."""
    where: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Numbers of the texts that were left out by a person."""
    correct: tuple[str, ...] = ()
    """Corrections that were made, as they were written."""
    keeps_spacing: bool = False
    texts: int = 0
    examples: tuple[str, ...] = ()
    """The first texts as the model will learn them."""
    repaired: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    """Every sentence about the reading, those of ``repaired`` and ``left_out`` too."""

    def to_dict(self) -> dict[str, Any]:
        """Return the reading as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Reading:
        """Rebuild a reading from :meth:`to_dict`'s values; raises TypeError, ValueError or KeyError when damaged."""
        many = {name: _lines(values.get(name, ())) for name in _MANY}
        columns = tuple(
            ColumnFound(one_line(str(column["name"])), _HOLDS[_HOLDS.index(column["holds"])], bool(column["taken"]))
            for column in values.get("columns", ())
        )
        return cls(
            many["sources"],
            one_line(str(values.get("format", ""))),
            _shown(values.get("encoding")),
            _shown(values.get("separator")),
            columns,
            many["order"],
            one_line(str(values.get("layout", "lines"))),
            many["where"],
            many["exclude"],
            many["correct"],
            bool(values.get("keeps_spacing", False)),
            int(values.get("texts", 0)),
            many["examples"],
            many["repaired"],
            many["left_out"],
            many["notices"],
        )

    @property
    def line(self) -> str:
        """The reading on one line: format, columns or layout, number of texts."""
        parts = [self.format]
        if self.layout == "records":
            if self.order:
                parts.append(f"column{'s' if len(self.order) > 1 else ''} {' + '.join(self.order)}")
        else:
            parts.append(layout_words(self.layout))
        parts += [f"where {condition}" for condition in self.where]
        if self.keeps_spacing:
            parts.append("spacing kept")
        if self.encoding not in {None, "utf-8", "ascii"}:
            parts.append(str(self.encoding))
        parts.append(f"{self.texts:,} text{'' if self.texts == 1 else 's'}")
        return ", ".join(part for part in parts if part)


_MANY = ("sources", "order", "where", "exclude", "correct", "examples", "repaired", "left_out", "notices")


def layout_words(layout: str) -> str:
    """Return how a person would call a layout."""
    kind, _, mark = layout.partition("=")
    return {
        "records": "one text a row",
        "lines": "texts of one line each",
        "blank": "texts between blank lines",
        "double-blank": "texts between two or more blank lines",
        "whole": "one long text",
        "file": "one text for each file",
        "mark": f"texts between {one_line(mark)}",
    }.get(kind, kind)


def separator_words(separator: str) -> str:
    """Return a separator as a person calls it."""
    words = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "vertical bars", ":": "colons", " ": "blanks"}
    return words.get(separator, f"'{one_line(separator)}'" if one_line(separator) else ascii(separator))


def _lines(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(printable(str(value)) for value in values)


def _shown(value: object) -> str | None:
    # Not `printable`: a tab is a separator.
    return None if value is None else str(value)[:40]

"""Whether what is asked of a reading can be meant at all, before anything is read."""

from __future__ import annotations

from .amendments import check_numbers, corrections_of
from .conditions import parse_condition
from .dividing import check_layout
from .faults import CorpusError
from .interpretation import ReadingOptions


def check_reading(options: ReadingOptions) -> None:
    """Raise CorpusError, in one sentence, where an option says nothing that could be obeyed."""
    if options.layout is not None:
        check_layout(options.layout)
    for condition in options.where:
        parse_condition(condition)
    check_numbers(options.exclude)
    corrections_of(options.correct)
    if options.keep_spacing and options.letters_only:
        raise CorpusError("Letters alone have no spacing to keep; leave keep-spacing or letters-only out.")
    if any(not column.strip() for column in options.columns):
        raise CorpusError("A column has no name; write its name, or its number from 1.")

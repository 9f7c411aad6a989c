"""A page to show somebody: as one HTML file that loads nothing, or as Markdown. All of its text is foreign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ..data.cleaning import one_line, printable

_MARKS = re.compile(r"([\\`*_{}\[\]#|~$@!^])|(?<=:)(?=//)|(?<=www)(?=\.)|^(?=[-+=])|(?<=^\d)(?=[.)])")
"""What could mean something in one Markdown or another; < > and & become entities."""
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2430; --muted: #667; --line: #ccd; --train: #5b53c6; --valid: #b3541e;
  --best: #a67c00; --ngram: #2d7d74; --page: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6f1; --muted: #99a; --line: #445; --train: #a9a2ff;
  --valid: #ff9e64; --best: #e0af68; --ngram: #73daca; --page: #1a1b26; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 50rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2rem; } .about, td.label, .when { color: var(--muted); }
table { border-collapse: collapse; } th, td { text-align: left; padding: .15rem 1.2rem .15rem 0; vertical-align: top;
  overflow-wrap: anywhere; } th { border-bottom: 1px solid var(--line); }
blockquote { margin: .4rem 0; padding-left: .8rem; border-left: 3px solid var(--line); white-space: pre-wrap; }
svg { width: 100%; height: auto; font-size: 12px; } svg text { fill: var(--muted); } svg .y { text-anchor: end; }
svg .x { text-anchor: middle; } .grid { stroke: var(--line); stroke-dasharray: 1 4; } .band { fill: var(--train);
  opacity: .15; } polyline.train, path.train { fill: none; stroke: var(--train); stroke-width: 2; }
.valid { fill: var(--valid); } .best { fill: none; stroke: var(--best); stroke-width: 2; } .ngram { fill: none;
  stroke: var(--ngram); stroke-width: 1.5; stroke-dasharray: 7 5; }
"""


@dataclass(frozen=True)
class Section:
    """A heading with a table, or with texts that were said."""

    title: str
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    quotes: Sequence[tuple[str, str]] = ()
    """When each text was said, and the text."""


@dataclass(frozen=True)
class Page:
    """A page."""

    title: str
    about: str
    sections: Sequence[Section]
    svg: str = ""
    """A picture for HTML, drawn by us: it is taken as it is."""
    drawing: str = ""
    """The same in characters, for Markdown."""


def as_html(page: Page) -> str:
    """Return the page as one HTML file; nothing in it runs or is loaded from elsewhere."""
    body = "\n".join(_section_in_html(section) for section in page.sections)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_html(page.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_html(page.title)}</h1>
<p class="about">{_html(page.about)}</p>
{page.svg}
{body}
</body>
</html>
"""


def as_markdown(page: Page) -> str:
    """Return the page as Markdown."""
    parts = [f"# {_markdown(page.title)}", _markdown(page.about)]
    if page.drawing:
        # Neither a fence nor markup can stand in it: it is made of our own signs and of numbers.
        parts.append(f"```text\n{page.drawing}\n```")
    for section in page.sections:
        parts.append(f"## {_markdown(section.title)}")
        if section.rows:
            headings = section.headings or [""] * len(section.rows[0])
            table = [headings, ["---"] * len(headings), *section.rows]
            parts.append("\n".join(_row_in_markdown(row, plain=row is table[1]) for row in table))
        parts += [f"{_markdown(when)}:\n\n> {_markdown(text)}" for when, text in section.quotes]
    return "\n\n".join(parts) + "\n"


def _section_in_html(section: Section) -> str:
    head = "".join(f"<th>{_html(heading)}</th>" for heading in section.headings)
    rows = "\n".join(f"<tr>{''.join(map(_cell_in_html, range(len(row)), row))}</tr>" for row in section.rows)
    table = f"<table>\n<tr>{head}</tr>\n{rows}\n</table>\n" if section.rows else ""
    quotes = "\n".join(
        f'<p class="when">{_html(when)}</p>\n<blockquote>{escape(printable(text))}</blockquote>'
        for when, text in section.quotes
    )
    return f"<h2>{_html(section.title)}</h2>\n{table}{quotes}"


def _cell_in_html(place: int, value: str) -> str:
    label = "" if place else ' class="label"'
    return f"<td{label}>{_html(value)}</td>"


def _row_in_markdown(row: Sequence[str], *, plain: bool) -> str:
    return f"| {' | '.join(row if plain else map(_markdown, row))} |"


def _html(text: str) -> str:
    return escape(one_line(text))


def _markdown(text: str) -> str:
    return escape(_MARKS.sub(r"\\\g<0>", one_line(text)), quote=False)

"""Web pages: what a reader sees, a text a paragraph; messages of an exported talk."""

from __future__ import annotations

import re

from ..damage import without_tags
from ..faults import CorpusError
from ..interpretation import ReadingOptions
from .document import Document
from .shapes import Content, Passages
from .tabulated import page_table

NAME = "HTML"
ENDINGS = (".html", ".htm", ".xhtml")

_BEGINNING = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_UNSEEN = ["script", "style", "head", "template", "noscript", "nav", "svg", "iframe", "form"]
_MESSAGES = (".message .text", ".chatlog__content .chatlog__markdown-preserve", ".pam ._2pin")
"""Where Telegram, Discord and Facebook put a message."""
_BLOCK = frozenset(
    {
        *("address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption"),
        *("figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre"),
        *("section", "table", "td", "th", "tr", "ul"),
    }
)
_NESTING = re.compile(
    r"<(/?)(?:a|b|big|blockquote|center|div|em|font|i|ol|section|small|span|strong|table|u|ul)\b", re.IGNORECASE
)
_DEEPEST = 2000
_SPACES = re.compile(r"[^\S\n]+|\s*\n\s*")


def certainty(document: Document) -> float:
    """Return how sure it is that the file is a web page."""
    if _BEGINNING.match(document.head):
        return 0.96
    return 0.7 if document.suffix in ENDINGS and "</" in document.head else 0.0


def read(document: Document, options: ReadingOptions) -> Content:
    """Return a passage a paragraph, or a message; the rows of a table that says most of what the page does."""
    if _is_too_deep(document.text):
        document.findings.repair(
            f"The tags of {document.name} were taken off; they stand deeper in each other than a browser shows them."
        )
        return Passages([line for line in without_tags(document.text).split("\n") if line.strip()])
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(document.text)
    page.strip_tags(_UNSEEN)
    for selector in _MESSAGES:
        messages = [_words(node) for node in page.css(selector)]
        if len(messages) > 2:
            document.findings.omit(
                f"All but the messages of {document.name} was left out: names, times, the page around them."
            )
            return Passages([message for message in messages if message])
    if page.body is None:
        raise CorpusError(f"{document.name} is a web page without text; give another file.")
    table = page_table(page, document, options)
    if table is not None:
        return table
    passages = [passage for passage in _passages(page.body) if passage]
    if not passages:
        raise CorpusError(f"{document.name} is a web page without text; give another file.")
    document.findings.repair(
        f"The tags, menus and scripts of {document.name} were taken off; each of its paragraphs was read as a text."
    )
    return Passages(passages)


def _is_too_deep(text: str) -> bool:
    """Whether elements stand so deep in each other that a parser, which looks at all around each, takes for ever."""
    depth = 0
    for tag in _NESTING.finditer(text):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEEPEST:
            return True
    return False


def _passages(root: object) -> list[str]:
    from selectolax.lexbor import LexborNode

    passages = [""]
    # An explicit stack: a page may nest deeper than Python calls.
    stack: list[tuple[LexborNode | None, bool]] = [(root if isinstance(root, LexborNode) else None, False)]
    while stack:
        node, leaving = stack.pop()
        if node is None:
            continue
        block = node.tag in _BLOCK
        if leaving:
            passages.append("")
            continue
        if node.tag == "br":
            passages[-1] += "\n"
        elif node.is_text_node:
            passages[-1] += _SPACES.sub(" ", node.text_content or "")
        if block:
            passages.append("")
            stack.append((node, True))
        stack += [(child, False) for child in reversed(list(node.iter(include_text=True)))]
    return [_tidy(passage) for passage in passages]


def _words(node: object) -> str:
    return _tidy("\n".join(_passages(node)))


def _tidy(text: str) -> str:
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)

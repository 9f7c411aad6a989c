"""A page shows all text and obeys none of it."""

import re
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st
from jokegen.data.cleaning import one_line
from jokegen.tui.pages import Page, Section, as_html, as_markdown

OURS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "tr", "th", "td", "blockquote",
}  # fmt: skip
MARKS = re.compile(r"(?<!\\)[`*_\[\]#|~]")


class Reader(HTMLParser):
    """Gathers tags, attributes and text."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


def page_of(text):
    sections = [Section(text, (text, ""), [(text, text)]), Section("said", quotes=[(text, text)])]
    return Page(text, text, sections)


@settings(max_examples=40)
@given(st.text(max_size=40))
@example("<script>alert(1)</script><img src=x onerror=y>")
@example("a'\"><b onmouseover=x>\x1b[31m\u202e& &lt;")
@example("</style></title><svg/onload=x>")
def test_no_text_becomes_a_tag_and_all_of_it_is_there(text):
    reader = Reader()
    page = as_html(page_of(text))
    reader.feed(page)
    assert reader.tags <= OURS
    assert not {name for name in reader.attributes if name.startswith("on")}
    assert not {"src", "href"} & reader.attributes
    assert one_line(text) in reader.text or not one_line(text)
    assert "\x1b" not in page


@settings(max_examples=40)
@given(st.text(max_size=40))
@example("[a](javascript:x) ![b](c) `d` | **e** <f> # g\n- h\n1. i")
def test_no_text_becomes_markdown(text):
    page = as_markdown(page_of(text))
    inside = page.replace("\\\\", "")
    for line in inside.splitlines():
        free = line.removeprefix("## ").removeprefix("# ").removeprefix("> ")
        if line.startswith("|"):
            free = line.replace(" | ", " ").removeprefix("|").removesuffix("|")
        assert not MARKS.search(free), line
        assert "<" not in free


def test_what_lines_begin_with_and_addresses_are_no_marks():
    said = as_markdown(Page("1. one", "- two", [], drawing="abc"))
    assert said == "# 1\\. one\n\n\\- two\n\n```text\nabc\n```\n"
    assert "http:\\//x www\\.x" in as_markdown(Page("x", "http://x www.x", []))

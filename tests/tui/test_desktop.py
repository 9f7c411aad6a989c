"""Notices on the desktop hold nothing but text, whatever a run is called."""

import pytest
from jokegen.tui.desktop import desktop_notice


@pytest.mark.parametrize(
    ("term", "start"), [("xterm-256color", "\a\x1b]9;"), ("rxvt-unicode", "\a\x1b]777;notify;JokeGen;")]
)
def test_the_terminal_gets_the_notice_that_it_knows(monkeypatch, term, start):
    monkeypatch.setenv("TERM", term)
    notice = desktop_notice("a;b\x07\x1b]0;title\x07\n\x9cend")
    assert notice.startswith(start)
    inside = notice[len(start) : -1]
    assert notice[-1] == "\x07"
    assert inside.isprintable()
    assert "end" in inside

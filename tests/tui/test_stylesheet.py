"""Tests of the style sheet that is parsed once."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_harness import running
from jokegen.tui.app import JokegenApp
from jokegen.tui.stylesheet import ParsedStylesheet
from textual.css.stylesheet import Stylesheet

DARK, LIGHT = {"accent": "#ff0000"}, {"accent": "#00ff00"}


def test_it_holds_the_rules_that_textuals_own_holds_whatever_comes_in_whatever_order():
    ours, theirs = ParsedStylesheet(DARK), Stylesheet(variables=dict(DARK))
    for sheet in (ours, theirs):
        sheet.add_source("Button { color: $accent; }", ("a", ""), is_default_css=True, tie_breaker=-1)
        sheet.reparse()
        sheet.add_source("Input { color: $accent; }", ("b", ""), tie_breaker=3)
        sheet.set_variables(dict(DARK))
        sheet.reparse()
    assert ours.css == theirs.css
    assert len(ours.rules) == 2
    for sheet in (ours, theirs):
        sheet.add_source("Input { color: $accent; }", ("b", ""), tie_breaker=1)
        sheet.set_variables(dict(LIGHT))
        sheet.reparse()
    assert ours.css == theirs.css
    assert "#00FF00" in ours.css.upper()
    assert [rule.tie_breaker for rule in ours.rules] == [rule.tie_breaker for rule in theirs.rules]


def test_a_sheet_that_was_parsed_is_not_parsed_again_for_a_screen_that_brings_another():
    sheet = ParsedStylesheet(DARK)
    sheet.add_source("Button { color: $accent; }", ("a", ""))
    (before,) = sheet.rules
    sheet.add_source("Input { color: $accent; }", ("b", ""))
    sheet.set_variables(dict(DARK))
    sheet.reparse()
    assert sheet.rules[0] is before


async def test_another_theme_reaches_every_screen_also_those_that_are_opened_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path))
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("f3")
        await pilot.pause()
        dark = app.screen.styles.background
        app.theme = "textual-light"
        await pilot.pause()
        light = app.screen.styles.background
        assert light.brightness > 0.5 > dark.brightness
        await pilot.press("f2")
        await pilot.pause()
        assert app.screen.styles.background == light
        await pilot.press("f1")
        await pilot.pause()
        assert app.screen.query_one(".dialog").styles.background.brightness > 0.5

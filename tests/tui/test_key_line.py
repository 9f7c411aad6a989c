"""The line of keys: whole keys only, the palette at its end, and the mouse presses them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from app_harness import opens, running, screen_text
from hypothesis import given
from hypothesis import strategies as st
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens.help import HelpScreen
from jokegen.tui.widgets.key_line import KeyLine, LineKey, fitting

KEYS = st.lists(
    st.builds(
        LineKey, st.just("a"), st.text("ab^語", min_size=1, max_size=3), st.text("x y語", max_size=9), st.just("")
    ),
    max_size=15,
)


@given(KEYS, st.integers(0, 120), st.integers(1, 2))
def test_keys_stand_whole_in_their_order_and_as_many_as_fit(keys: list[LineKey], room: int, gap: int):
    placed = fitting(keys, room, gap)
    shown = [place.key for place in placed]
    assert [key for key in keys if any(key is other for other in shown)] == shown
    assert all(before.end + gap == after.start for before, after in pairwise(placed))
    assert shown[-2:] == keys[-2:]
    if len(shown) > 2:
        assert placed[-1].end <= room
    if len(shown) < len(keys):
        assert sum(key.width + gap for key in shown) + gap + keys[len(shown) - 2].width > room - gap


async def test_a_click_presses_a_key_and_pointing_at_it_says_what_it_does(home: Path):
    app = JokegenApp()
    async with running(app, (100, 30)) as pilot:
        line = app.screen.query_one(KeyLine)
        *_, start, help_, _, palette = line.shown
        assert palette.key is line.palette
        bottom = screen_text(app).splitlines()[-1]
        for placed in (start, help_, palette):
            assert bottom[placed.start + 1 :].startswith(placed.key.text)
        await pilot.hover(KeyLine, (help_.start + 1, 0))
        await pilot.pause()
        assert line.tooltip == help_.key.meaning == "This help"
        await pilot.hover(KeyLine, (help_.end + 1, 0))
        assert line.tooltip is None
        await pilot.click(KeyLine, (help_.start + 2, 0))
        await opens(pilot, HelpScreen)

"""Tests of the lines that others tell something, at whatever moment."""

from __future__ import annotations

from jokegen.tui.widgets.hint_line import HintLine
from jokegen.tui.widgets.title_line import TitleLine
from textual.app import App


async def test_what_is_told_before_a_line_is_composed_stands_there_afterwards():
    app: App[None] = App()
    async with app.run_test() as pilot:
        title, hint = TitleLine("train"), HintLine()
        title.tell_training("[b]mine · step 3")
        title.tell("a model")
        hint.hint("look [here]", "error")
        hint.state(3, carry=True)
        await app.mount(title, hint)
        await pilot.pause()
        shown = "\n".join(
            "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
        )
        for text in ("[b]mine · step 3", "a model", "look [here]", "3 tokens"):
            assert text in shown
        hint.forget("error")
        await hint.remove_children()
        hint.hint("too late")
        await title.remove_children()
        title.tell_training("")
        title.tell("nothing")

"""Keys and clicks that come faster than the app obeys them go where those before them lead."""

from app_harness import running, until
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens.new_run import NewRunDialog
from textual.events import Key, MouseDown, MouseUp, Paste
from textual.geometry import Offset


def type_at_once(app: JokegenApp, *keys: str) -> None:
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


async def test_what_is_typed_behind_tabs_goes_into_the_field_they_lead_to():
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewRunDialog))
        dialog = app.screen
        fields = {line.id: line for line in dialog.query("Input")}
        fields["source"].value = "no such file"
        fields["max_epochs"].value = "3"
        fields["max_epochs"].focus()
        await pilot.press("enter")  # refused
        type_at_once(app, "tab", "tab", "5", "0", "shift+tab", "ctrl+u", "7", "tab", "tab")
        app.post_message(Paste("0.5"))
        type_at_once(app, "shift+tab", "ctrl+u", "6", "4")
        names = ("source", "max_epochs", "batch_size", "sequence_length", "learning_rate")
        expected = ["no such file", "3", "7", "64", "0.5"]
        await until(pilot, lambda: [fields[name].value for name in names] == expected)
        assert app.focused is fields["sequence_length"]
        type_at_once(app, "escape", "n", "ctrl+u", "x")  # nor is what is being opened missed
        await until(pilot, lambda: isinstance(app.screen, NewRunDialog) and app.screen is not dialog)
        await until(pilot, lambda: [line.value for line in app.screen.query("#source")] == ["x"])


async def test_a_click_does_not_overtake_what_was_typed_before_it():
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewRunDialog))
        fields = {line.id: line for line in app.screen.query("Input")}
        fields["learning_rate"].focus()
        await until(pilot, lambda: fields["max_epochs"].region.width > 0)
        place = fields["max_epochs"].region.offset + Offset(4, 0)
        type_at_once(app, *"0.004,0.008")
        for kind in (MouseDown, MouseUp):
            app.post_message(
                kind(None, *place, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=place.x, screen_y=place.y)
            )
        type_at_once(app, "1", "2")
        await until(pilot, lambda: fields["max_epochs"].value == "12")
        assert fields["learning_rate"].value == "0.004,0.008"


async def test_screens_that_are_closed_while_they_are_being_opened_end_nothing():
    app = JokegenApp()
    async with running(app) as pilot:
        for opening in ("n", "ctrl+p", "f1", "o"):
            type_at_once(app, *[opening, "escape"] * 3)
        type_at_once(app, "n")
        await until(pilot, lambda: isinstance(app.screen, NewRunDialog) and app.screen.is_mounted)

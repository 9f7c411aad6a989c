"""Keys and clicks that come faster than they are obeyed: each goes where those before it have led."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress

from textual import events, on
from textual.app import App, ScreenStackError
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.errors import NoWidget
from textual.message import Message

from .handing_over import app_of

LOOK_AFTER = 0.05
"""Seconds after which is looked again at what is waited for."""
LONGEST_WAIT = 5.0
"""Seconds after which a key waits no more, whatever became of the one before it."""
_ORDERED = (events.Key, events.Paste, events.MouseDown, events.MouseUp)


class _Obeyed(Message):
    """Follows a key through the same widgets; when it is at the app, the key was obeyed or used up on the way."""

    def __init__(self, event: events.Event) -> None:
        super().__init__()
        self.event = event


class InputInOrder(App[None]):
    """An app in which a key or a click waits for the one before it, and for the screen that this one has opened.

    Textual gives each key at once to the widget that has the focus, and a key that this one has no use for, such as
    tab, comes back to the app after others were given out: what was typed behind a tab went into the field before it.
    A click overtook what was typed before it. A dialog that was closed while it was still being made ended the program.
    """

    def __init__(self) -> None:
        """Nothing waits."""
        super().__init__()
        self._ahead: deque[events.Event] = deque()
        self._under_way: events.Event | None = None
        self._given_to: DOMNode = self
        self._given_at = 0.0
        self._looking = False
        self._palette: CommandPalette | None = None

    async def on_event(self, event: events.Event) -> None:
        """Let a key or a click in as soon as what came before it was obeyed."""
        if isinstance(event, _ORDERED) and not event.is_forwarded:
            self._ahead.append(event)
            if self._under_way is None:
                await self._let_in()
            self._look_again()
            return
        await super().on_event(event)
        if event is self._under_way:
            await self._let_in()

    async def _let_in(self) -> None:
        self._under_way = None
        while self._ahead and self._under_way is None and self._has_screen:
            event = self._ahead.popleft()
            await super().on_event(event)
            if event.is_forwarded:
                self._given_to, self._given_at = self._reached_by(event), time.monotonic()
                self._under_way = event if self._given_to.post_message(_Obeyed(event)) else None

    def _reached_by(self, event: events.Event) -> DOMNode:
        if isinstance(event, events.MouseEvent):
            with suppress(NoWidget):
                return self.get_widget_at(event.x, event.y)[0]
        return self.focused or self.screen

    @property
    def _has_screen(self) -> bool:
        try:
            return self.screen.is_mounted
        except ScreenStackError:  # the app is being ended
            return False

    def _look_again(self) -> None:
        if self._ahead and not self._looking and self.is_running:
            self._looking = True
            self.set_timer(LOOK_AFTER, self._look)

    async def _look(self) -> None:
        self._looking = False
        # What had the key before may be gone, and the key with it.
        lost = not self._given_to.is_attached or time.monotonic() - self._given_at > LONGEST_WAIT
        if self._under_way is None or lost:
            await self._let_in()
        self._look_again()

    @on(_Obeyed)
    async def _go_on(self, message: _Obeyed) -> None:
        if message.event is self._under_way:
            await self._let_in()

    def action_command_palette(self) -> None:
        """Show all commands; while the palette before it is being taken away, nothing else may have its name."""
        if self._palette is not None and self._palette.parent is not None:
            if not CommandPalette.is_open(app_of(self)):
                self.set_timer(LOOK_AFTER, self.action_command_palette)
            return
        self._palette = CommandPalette(id="--command-palette")
        self.push_screen(self._palette)

"""What the command palette offers: the actions of the screen and of the app, and the runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from ..core.errors import EngineError
from .display import plain_line
from .requests import ModelChosen, RunChosen

if TYPE_CHECKING:
    from .app import JokegenApp


class JokegenCommands(Provider):
    """What the screen can do now, what the app can always do, and for each run: show it, talk to it."""

    async def startup(self) -> None:
        """Read the list of runs in a thread."""
        app = cast("JokegenApp", self.app)
        try:
            summaries = await asyncio.to_thread(app.bench.summaries)
            self._runs = [summary.name for summary in summaries if not summary.problem]
        except EngineError:
            self._runs = list[str]()

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        app = cast("JokegenApp", self.app)
        yield from self._of_the_screen()
        yield "New run", "Train on a corpus of your choice", app.action_new_run
        yield "Runs", "Open, rename or delete a run", app.action_runs
        yield "Kept texts", "Find, edit, tag, drop, copy or export what was kept", app.action_kept
        yield "Talks", "Take up, rename, export or delete an earlier talk", app.action_talks
        yield "Train", "Go to the Train screen", lambda: app.switch_mode("train")
        yield "Prompt", "Go to the Prompt screen", lambda: app.switch_mode("prompt")
        yield "Theme", "Other colours; remembered", app.action_change_theme
        yield "Help", "All keys", app.action_help
        for name in self._runs:
            yield f"Show run {name}", "Its curve and samples", lambda name=name: app.post_message(RunChosen(name))
            yield f"Talk to {name}", "Prompt this run's model", lambda name=name: app.post_message(ModelChosen(name))
        yield "Quit", "Leave; a training is saved first", app.action_quit

    def _of_the_screen(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """The screen's keys that do something now, by the longer names that their tooltips give them."""
        screen = self.screen
        for node, binding, enabled, name in screen.active_bindings.values():
            # A step of something is a matter of keys, and what the app does is listed already.
            stepwise = "(" in binding.action or binding.action.startswith("app.")
            if node is screen and enabled and name and not stepwise:
                key = self.app.get_key_display(binding)
                yield name, f"Key {key}", lambda action=binding.action: screen.run_action(action)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for name, meaning, command in self._commands():
            yield DiscoveryHit(plain_line(name), command, text=plain_line(name).plain, help=meaning)

    async def search(self, query: str) -> Hits:
        """What matches; names of runs are foreign text and never markup."""
        matcher = self.matcher(query)
        for name, meaning, command in self._commands():
            shown = plain_line(name)
            score = matcher.match(shown.plain)
            if score > 0:
                yield Hit(score, Content(shown.plain), command, text=shown.plain, help=meaning)

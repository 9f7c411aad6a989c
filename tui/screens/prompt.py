"""The Prompt screen: talk to a model, see how sure it is, and steer it."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from ...core.errors import EngineError
from ...core.keeping.turns import transcript
from ..bindings import key
from ..display import sentence
from ..handing_over import app_of, hand_over
from ..widgets.entry import PromptEntry, Standing
from ..widgets.hint_line import HintLine
from ..widgets.key_line import KeyLine
from ..widgets.next_words import NextWords
from ..widgets.prompt_line import PromptLine
from ..widgets.sampler_panel import SamplerPanel
from ..widgets.title_line import TitleLine
from ..widgets.transcript import Transcript
from ..widgets.why_panel import WhyPanel
from ..workbench import LIVE
from .history import HistoryScreen
from .keeping import KeepingScreen
from .models import ModelDialog
from .talking import OPENING


class PromptScreen(KeepingScreen):
    """A talk with one model at a time."""

    CSS_PATH = "prompt.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (66, "-slim"), (80, "-normal"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-medium"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        key("prompt.stop", "escape", "stop", "stop", "Stop the answer: what was said stays; or back to the line"),
        key("prompt.again", "ctrl+r", "again", "again", "Another answer from the same place", shown=False),
        key("prompt.back", "ctrl+z", "back", "back", "Back a word, or the prompt; nothing is lost", shown=False),
        key(
            "prompt.reset",
            "ctrl+t",
            "reset",
            "reset",
            "Reset the state: the model forgets the talk",
            shown=False,
        ),
        key("prompt.carry", "ctrl+l", "carry", "carry", "Carry the state from prompt to prompt, or not", shown=False),
        key(
            "prompt.model",
            "ctrl+o",
            "choose_model",
            "model",
            "Choose the model: in training or any run",
            shown=False,
        ),
        key("prompt.save", "ctrl+s", "save", "save", "Save the talk to a text file", shown=False),
        key("prompt.new", "ctrl+n", "new_talk", "new", "A new talk", shown=False),
        key("prompt.page-up", "pageup", "page(-1)", "scroll", "Scroll the talk", shown=False),
        key("prompt.page-down", "pagedown", "page(1)", "scroll", "Scroll the talk down", shown=False),
        key("prompt.panel", "f4", "panel", "panel", "Show or hide the panel: next words and dials", shown=False),
        key(
            "prompt.columns",
            "f5",
            "side_by_side",
            "side by side",
            "Several answers at once to choose from",
            shown=False,
        ),
        key(
            "prompt.keep",
            "f7",
            "keep",
            "keep",
            "Keep the answer, or take that back; F8 lists what is kept",
            shown=False,
        ),
        key(
            "prompt.history",
            "f10",
            "history",
            "history",
            "Earlier prompts, to search and take up again",
            shown=False,
        ),
        key("prompt.map", "f6", "map", "map", "The map of the talk: every branch, to go to", shown=False),
    ]

    def compose(self) -> ComposeResult:
        """Title, talk beside next words and settings, the line to type into, keys."""
        yield TitleLine("prompt")
        with Horizontal(id="talk"):
            yield Transcript(id="transcript")
            with Vertical(id="side"):
                yield NextWords(id="next-words")
                yield SamplerPanel(self.bench.preferences.sampler, id="sampler")
                yield WhyPanel(id="why")
        yield HintLine()
        yield PromptEntry(self._standing)
        yield KeyLine()

    def on_mount(self) -> None:
        """The line has the focus; a model is looked for."""
        self.set_class(not self.bench.preferences.side_panel, "-folded")
        self.desk.dials = self.panel.dials
        self.transcript.open_with(OPENING)
        self.line.recall(self.bench.preferences.prompts)
        self.line.focus()
        self.show_standing()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """Take the model on show when none was chosen yet, or when the training talked to has made way for another."""
        if self.waiting_for_model:
            return
        talker = self.talker
        if talker is None or (talker.choice == LIVE and talker.run != self.bench.session_run()):
            self.use_model(None)

    def action_choose_model(self) -> None:
        """Choose among the model in training and all runs."""

        def choose(choice: str | None) -> None:
            if choice is not None:
                self.use_model(choice)

        app_of(self).push_screen(ModelDialog(self.bench), choose)

    def action_stop(self) -> None:
        """Stop the answer and type again."""
        self.stop_speaking()
        self.desk.cursor = None
        self.transcript.redraw(self.desk.turns, None)
        self.line.focus()

    # The talk

    async def action_back(self) -> None:
        """Go back a word; before the first one the prompt comes back into the line."""
        self.stop_speaking()
        prompt = self.desk.back()
        if prompt is not None:
            self.line.value = prompt
            self.line.cursor_position = len(prompt)
        await self.show_talk()

    def action_page(self, direction: int) -> None:
        """Scroll the talk."""
        (self.transcript.scroll_page_up if direction < 0 else self.transcript.scroll_page_down)(animate=False)

    def action_reset(self) -> None:
        """Forget the hidden state."""
        self.stop_speaking()
        self.desk.reset()
        self._state_changed("The state is reset: the next prompt starts afresh.")

    def action_carry(self) -> None:
        """Carry the state from prompt to prompt, or start each afresh."""
        self.desk.carry = not self.desk.carry
        self.bench.preferences.carry_state = self.desk.carry
        self._state_changed("The state is carried on." if self.desk.carry else "Each prompt starts from a fresh state.")
        self._remember()

    async def action_new_talk(self) -> None:
        """Start over on an empty screen."""
        self.stop_speaking()
        self.leave_talk()
        self.desk.clear()
        await self.transcript.show([], None)
        self._state_changed("")

    def _state_changed(self, hint: str) -> None:
        self.status.hint(hint)
        self.show_standing()
        self.look()

    def action_save(self) -> None:
        """Write the talk to a text file and say where."""
        if self.desk.turns:
            self._save(transcript(self.desk.talk))
        else:
            self.notify("There is nothing to save yet.", severity="warning", markup=False)

    @work(thread=True, group="save", exit_on_error=False)
    def _save(self, text: str) -> None:
        try:
            path = self.bench.save_transcript(text)
        except EngineError as error:
            hand_over(self, self._say_saved, "", sentence(error))
        else:
            hand_over(self, self._say_saved, str(path), "")

    def _say_saved(self, path: str, problem: str) -> None:
        if problem:
            self.notify(problem, severity="error", markup=False, timeout=10)
        else:
            self.notify(path, title="Saved", markup=False, timeout=8)

    def action_panel(self) -> None:
        """Show or hide the panel."""
        self.bench.preferences.side_panel = not self.bench.preferences.side_panel
        self.set_class(not self.bench.preferences.side_panel, "-folded")
        self._remember()

    @on(SamplerPanel.Changed)
    def _sampler_changed(self) -> None:
        self.bench.preferences.sampler = self.panel.typed()
        self._remember()
        self.look()

    @on(SamplerPanel.Refused)
    def _dial_refused(self, message: SamplerPanel.Refused) -> None:
        if message.sentence:
            self.status.hint(message.sentence, "error")
        else:
            self.status.forget("error")

    def action_history(self) -> None:
        """Choose among earlier prompts."""

        def take(prompt: str | None) -> None:
            if prompt is not None:
                self.line.value = prompt
                self.line.cursor_position = len(prompt)
            self.line.focus()

        prompts = self.bench.preferences.prompts
        if prompts:
            app_of(self).push_screen(HistoryScreen(prompts), take)
        else:
            self.status.hint("Nothing was asked yet.")

    @on(PromptLine.Remembered)
    def _remember_prompt(self, message: PromptLine.Remembered) -> None:
        self.bench.preferences.add_prompt(message.prompt)
        self._remember()

    def _remember(self) -> None:
        problem = self.bench.remember()
        if problem:
            self.status.hint(problem, "error")

    def _standing(self) -> Standing | None:
        talker, positions = self.desk.talker, self.desk.positions
        # While the screen closes, the panel goes before the line and its timers do.
        if talker is None or positions is None or not self.query(SamplerPanel):
            return None
        waits = self.panel.dials.text_end().least_words > 0
        return Standing(talker.generator, positions, self.desk.trail, self.panel.sampling(), waits)

    @on(PromptEntry.EvenedOut)
    def _say_evened_out(self) -> None:
        self.notify("The texts of this model have no line breaks, so those of what you pasted became blanks.")

    @on(PromptEntry.LookedAhead)
    def _show_outlook(self, message: PromptEntry.LookedAhead) -> None:
        if self.speaker is not None or self.desk.cursor is not None:
            return
        self.next_words.show(message.outlook.alternatives)
        if message.outlook.unknown:
            self.status.hint(f"unknown: {', '.join(message.outlook.unknown)}", "unknown")
        else:
            self.status.forget("unknown")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that do nothing now are not shown."""
        if action == "stop":
            return self.speaker is not None or self.focused is not self.line
        return True

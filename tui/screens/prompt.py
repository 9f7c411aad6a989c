"""The Prompt screen: talk to a model, see how sure it is, and steer it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Footer, Input

from ...core.errors import PLAIN_ERRORS, EngineError
from ...data.cleaning import one_line
from ..display import sentence
from ..handing_over import app_of, hand_over
from ..talk.conversation import Conversation, Turn
from ..talk.speaker import Speaker
from ..talk.typed_line import CANDIDATES
from ..talk.word_stream import WordStream
from ..widgets.entry import PromptEntry, Standing
from ..widgets.hint_line import HintLine
from ..widgets.next_words import NextWords
from ..widgets.prompt_line import PromptLine
from ..widgets.sampler_panel import SamplerPanel
from ..widgets.title_line import TitleLine
from ..widgets.transcript import Transcript
from ..workbench import LIVE, Talker, Workbench
from .runs import RunsDialog

if TYPE_CHECKING:
    from ...core.speaking.choices import Sampling
    from ...core.speaking.generation import Word

FLUSH_EVERY = 1 / 30
"""Seconds between two looks at the words that were made."""
ASK_AGAIN_AFTER = 0.5
"""Seconds until a training that has no model yet is asked again."""
OPENING = (
    "Type the beginning of a joke and press enter: the model goes on, one word at a time. "
    "An empty line lets it start by itself.\n\n"
    "Words in bold it was sure of, words in italics are guesses. F1 lists all keys."
)
NO_MODEL = (
    "There is no model yet. F2 leads to the Train screen; press enter there, and talk to the model while it trains."
)
NO_MODEL_YET = "There is no model yet; F2 leads to Train."
EARLY = "The training is being prepared. Type the beginning of a joke: the model answers after its first steps."


class PromptScreen(Screen[None]):
    """A conversation with one model at a time."""

    CSS_PATH = "prompt.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (66, "-slim"), (80, "-normal"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-medium"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop", tooltip="Stop the answer"),
        Binding("ctrl+r", "again", "again", tooltip="Another answer from the same place"),
        Binding("ctrl+z", "rewind", "rewind", tooltip="Take back the last word"),
        Binding("ctrl+t", "reset", "reset", tooltip="Reset the state: forget the talk"),
        Binding("ctrl+l", "carry", "carry", show=False, tooltip="Carry the state from prompt to prompt, or not"),
        Binding("ctrl+o", "choose_model", "model", tooltip="Choose the model to talk to"),
        Binding("ctrl+s", "save", "save", tooltip="Save the talk to a text file"),
        Binding("ctrl+n", "new_talk", "new", tooltip="New talk"),
        Binding("f4", "panel", "panel", show=False, tooltip="Show or hide the panel at the side"),
    ]

    entry = query_one(PromptEntry)
    line = query_one(PromptLine)
    transcript = query_one(Transcript)
    next_words = query_one(NextWords)
    panel = query_one(SamplerPanel)
    status = query_one(HintLine)
    title_line = query_one(TitleLine)

    def __init__(self, bench: Workbench) -> None:
        """A talk with a model of ``bench``."""
        super().__init__()
        self.bench = bench
        self.talk = Conversation(carry=bench.preferences.carry_state)
        self.talker: Talker | None = None
        """The model in use."""
        self.speaker: Speaker | None = None
        """The answer that is being shown."""
        self._waiting_for_model = False
        self._waiting_prompt: str | None = None
        """A prompt that was sent before there was a model; it is answered as soon as there is one."""
        self._retry: Timer | None = None
        self._flush_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title, talk beside next words and settings, the line to type into, keys."""
        yield TitleLine("prompt")
        with Horizontal(id="talk"):
            yield Transcript(id="transcript")
            with Vertical(id="side"):
                yield NextWords(id="next-words")
                yield SamplerPanel(self.bench.preferences.sampler, id="sampler")
        yield HintLine()
        yield PromptEntry(self._standing)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """The line has the focus; a model is looked for."""
        self.set_class(not self.bench.preferences.side_panel, "-folded")
        self._flush_timer = self.set_interval(FLUSH_EVERY, self._flush, pause=True)
        self.transcript.open_with(OPENING)
        self.line.focus()
        self._show_standing()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """Take the model on show when none was chosen yet, or when the training talked to has made way for another."""
        if self._waiting_for_model:
            return
        talker = self.talker
        if talker is None or (talker.choice == LIVE and talker.run != self.bench.session_run()):
            self.use_model(None)

    def on_unmount(self) -> None:
        """The app closes: a thread that waits for its words to be shown would keep the process alive."""
        self.stop_making()

    # The model

    def use_model(self, choice: str | None) -> None:
        """Talk to a run's model or to the one in training; None: whatever is on show."""
        if self.talker is not None and choice == self.talker.choice != LIVE:
            return
        if self._retry is not None:
            self._retry.stop()
        self._waiting_for_model = True
        self.status.hint("loading the model…")
        self._show_standing()
        self._load(choice)

    @work(thread=True, exclusive=True, group="model", exit_on_error=False)
    def _load(self, choice: str | None) -> None:
        talker, problem, early = None, "", False
        try:
            chosen = self.bench.default_choice() if choice is None else choice
            early = chosen == LIVE and self.bench.preparing
            talker = None if chosen is None or early else self.bench.talker(chosen)
        except PLAIN_ERRORS as error:
            problem = sentence(error)
        except Exception as error:  # noqa: BLE001  # shown in words; another model can be chosen
            problem = f"The model cannot be loaded: {sentence(error)}."
        if early:
            hand_over(self, self._ask_again, choice)
        else:
            hand_over(self, self._loaded, talker, problem)

    def _ask_again(self, choice: str | None) -> None:
        """The training has no weights yet: look again soon."""
        self.transcript.open_with(EARLY)
        self.status.hint("the training is being prepared…")
        self._retry = self.set_timer(ASK_AGAIN_AFTER, lambda: self._load(choice))

    async def _loaded(self, talker: Talker | None, problem: str) -> None:
        self._waiting_for_model = False
        prompt, self._waiting_prompt = self._waiting_prompt, None
        if problem:
            self.status.hint(problem, "error")
        elif talker is None:
            self.transcript.open_with(NO_MODEL)
            self.status.hint(NO_MODEL_YET if prompt is not None else "")
        else:
            self.stop_speaking()
            self.transcript.open_with(OPENING)
            if self.talker is None or talker.run != self.talker.run:
                self.talk.reset()
            self.talker = talker
            self.status.hint(talker.generator.notice or "")
            self.entry.look_ahead_soon()
        self._show_standing()
        if prompt is None:
            return
        if self.talker is None:
            self.line.value = self.line.value or prompt
        else:
            await self._answer(prompt)

    def action_choose_model(self) -> None:
        """Choose among the model in training and all runs."""

        def choose(choice: str | None) -> None:
            if choice is not None:
                self.use_model(choice)

        app_of(self).push_screen(RunsDialog(self.bench, choose_model=True), choose)

    # Answers

    @on(Input.Submitted, "#line")
    async def _submit(self, event: Input.Submitted) -> None:
        prompt = event.value.strip()
        self.stop_speaking()
        if self._waiting_for_model:
            self._waiting_prompt = prompt
            self.line.value = ""
            self.status.hint("Your prompt is answered as soon as the model is there.")
        elif self.talker is None:
            self.status.hint(NO_MODEL_YET)
        else:
            await self._answer(prompt)

    async def _answer(self, prompt: str) -> None:
        """Let the model go on after a prompt; an empty one lets an unfinished answer go on."""
        last = self.talk.last
        if not prompt and last is not None and self.talk.position is not None and not last.ended_by_itself:
            await self._speak(last)
            return
        self.line.remember(prompt)
        self.line.value = ""
        await self._speak(self.talk.begin(prompt, round(self.panel.values["seed"])))

    async def action_again(self) -> None:
        """Another answer from the same place."""
        self.stop_speaking()
        turn = self.talk.again() if self.talker is not None else None
        if turn is not None:
            await self._speak(turn)

    async def _speak(self, turn: Turn) -> None:
        sampling = self.panel.sampling()
        limit = max(1, round(self.panel.values["words"]) - turn.spoken)
        turn.ending = ""
        stream = WordStream(lambda: self._make_words(turn, sampling, limit))
        self.speaker = Speaker(self.talk, turn, stream, sampling)
        self._run_stream(stream)
        view = self.transcript.view_of(turn) or await self.transcript.add(turn)
        view.redraw()
        if self._flush_timer is not None:
            self._flush_timer.resume()
        self.refresh_bindings()

    def _make_words(self, turn: Turn, sampling: Sampling, limit: int) -> Iterator[Word]:
        """Runs in the stream's thread: fresh weights of the model in training, the prompt, then word after word."""
        if self.talker is None:
            raise EngineError("There is no model yet.")
        if self.talker.choice == LIVE:
            fresh = self.bench.talker(LIVE)
            if fresh.run != self.talker.run:
                # Another training has begun; a state of the model before means nothing to this one.
                turn.start = turn.after_prompt = None
                self.talk.reset()
                if turn.words:
                    raise EngineError("Another training has begun; send the prompt again to talk to its model.")
            self.talker = fresh
        generator = self.talker.generator
        turn.model = one_line(generator.label)
        if turn.after_prompt is None:
            turn.unknown_spans = tuple(generator.unknown_spans(turn.prompt))
            turn.after_prompt = generator.read(turn.prompt, turn.start)
        yield from generator.stream(turn.position or turn.after_prompt, sampling, turn.seed, limit)

    @work(thread=True, group="stream", exit_on_error=False)
    def _run_stream(self, stream: WordStream) -> None:
        stream.run()

    def _flush(self) -> None:
        """Show the words whose time has come; once all are shown, finish the answer."""
        speaker = self.speaker
        if speaker is None:
            return
        words = speaker.say_due(self.panel.values["speed"])
        if words:
            self._redraw(speaker.turn)
            self._show_rivals(words[-1], speaker.sampling)
            self._show_standing()
        if speaker.done:
            self._finish(stopped=False)

    def _show_rivals(self, word: Word, sampling: Sampling) -> None:
        if self.talker is not None:
            self.next_words.show(self.talker.generator.next_words(word.before, sampling, CANDIDATES), word)

    def stop_making(self) -> None:
        """Let the thread that makes words end."""
        if self.speaker is not None:
            self.speaker.stream.stop()

    def stop_speaking(self) -> None:
        """Stop an answer: what was shown stays, and the talk stands after the last word shown."""
        if self.speaker is not None:
            self._finish(stopped=True)

    def _finish(self, *, stopped: bool) -> None:
        speaker, self.speaker = self.speaker, None
        if self._flush_timer is not None:
            self._flush_timer.pause()
        if speaker is None:
            return
        speaker.finish(stopped=stopped)
        if speaker.stream.problem:
            self.status.hint(speaker.stream.problem, "error")
        self._redraw(speaker.turn)
        self._show_standing()
        self.entry.look_ahead_soon()
        self._measure_copying(speaker.turn)
        self.refresh_bindings()

    def _redraw(self, turn: Turn) -> None:
        view = self.transcript.view_of(turn)
        if view is not None:
            view.redraw()

    def action_stop(self) -> None:
        """Stop the answer and type again."""
        self.stop_speaking()
        self.line.focus()

    @work(thread=True, group="copied", exit_on_error=False)
    def _measure_copying(self, turn: Turn) -> None:
        answer = turn.answer
        if self.talker is not None and answer:
            copied = self.talker.generator.copied(answer)
            hand_over(self, self._show_copying, turn, answer, copied)

    def _show_copying(self, turn: Turn, answer: str, copied: tuple[int, int]) -> None:
        if turn.answer == answer and turn.ending:
            turn.copied = copied
            self._redraw(turn)

    # The talk

    async def action_rewind(self) -> None:
        """Take back a word; with none left, the prompt comes back into the line."""
        self.stop_speaking()
        turn = self.talk.last
        if turn is None:
            return
        prompt = self.talk.rewind()
        if prompt is None:
            self._redraw(turn)
        else:
            await self.transcript.forget(turn)
            self.line.value = prompt
            self.line.cursor_position = len(prompt)
        self._show_standing()
        self.entry.look_ahead_soon()

    def action_reset(self) -> None:
        """Forget the hidden state."""
        self.stop_speaking()
        self.talk.reset()
        self._state_changed("The state is reset: the next prompt starts afresh.")

    def action_carry(self) -> None:
        """Carry the state from prompt to prompt, or start each afresh."""
        self.talk.carry = not self.talk.carry
        self.bench.preferences.carry_state = self.talk.carry
        self._state_changed("The state is carried on." if self.talk.carry else "Each prompt starts from a fresh state.")
        self._remember()

    async def action_new_talk(self) -> None:
        """Start over on an empty screen."""
        self.stop_speaking()
        self.talk.clear()
        await self.transcript.clear()
        self._state_changed("")

    def _state_changed(self, hint: str) -> None:
        self.status.hint(hint)
        self._show_standing()
        self.entry.look_ahead_soon()

    def action_save(self) -> None:
        """Write the talk to a text file and say where."""
        if self.talk.turns:
            self._save(self.talk.transcript())
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
        self.entry.look_ahead_soon()

    def _remember(self) -> None:
        problem = self.bench.remember()
        if problem:
            self.status.hint(problem, "error")

    # What is being typed

    def _standing(self) -> Standing | None:
        if self.talker is None:
            return None
        return Standing(self.talker.generator, self.talk.start, self.panel.sampling())

    @on(PromptEntry.LookedAhead)
    def _show_outlook(self, message: PromptEntry.LookedAhead) -> None:
        if self.speaker is not None:
            return
        self.next_words.show(message.outlook.candidates)
        if message.outlook.unknown:
            self.status.hint(f"unknown: {', '.join(message.outlook.unknown)}", "unknown")
        else:
            self.status.forget("unknown")

    def _show_standing(self) -> None:
        """Say where the talk stands and with which model."""
        position = self.talk.start
        self.status.state(None if position is None else position.count, carry=self.talk.carry)
        missing = "loading…" if self._waiting_for_model else "no model"
        self.title_line.tell(*(self.talker.about if self.talker is not None else (missing,)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that do nothing now are not shown."""
        if action == "stop":
            return self.speaker is not None or self.focused is not self.line
        return True

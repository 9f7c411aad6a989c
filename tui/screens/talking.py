"""What the Prompt screen does with its model: loading it, having it answer, showing the words as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.getters import query_one
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from ...core.errors import PLAIN_ERRORS, EngineError
from ...core.keeping.tree import Said
from ...core.keeping.turns import Turn
from ..display import sentence
from ..handing_over import app_of, hand_over
from ..talk.answering import Began, Speaker, answer
from ..talk.copying import copying_of
from ..talk.desk import Desk, Task, chosen_word
from ..talk.positions import Positions
from ..talk.typed_line import as_text
from ..talk.word_stream import WordStream
from ..widgets.entry import PromptEntry
from ..widgets.hint_line import HintLine
from ..widgets.next_words import NextWords
from ..widgets.prompt_line import PromptLine
from ..widgets.sampler_panel import SamplerPanel
from ..widgets.title_line import TitleLine
from ..widgets.transcript import Transcript
from ..workbench import LIVE, Talker, Workbench

if TYPE_CHECKING:
    from ...core.speaking.spoken import Word

FLUSH_EVERY = 1 / 30
"""Seconds between two looks at the words that were made."""
FOLLOW_EVERY = 0.5
"""Seconds between two looks at the training that is talked to."""
ASK_AGAIN_AFTER = 0.5
"""Seconds until a training that has no model yet is asked again."""
OPENING = (
    "Type the beginning of a joke and press enter: the model goes on, one word at a time. "
    "An empty line lets it start by itself.\n\n"
    "Words in bold it was sure of, words in italics are guesses. Tab leads into the talk: ← → walk over its words, "
    "and a digit goes on with another one. F7 keeps an answer. F1 lists all keys."
)
NO_MODEL = (
    "There is no model yet. F2 leads to the Train screen; press enter there, and talk to the model while it trains."
)
NO_MODEL_YET = "There is no model yet; F2 leads to Train."
EARLY = "The training is being prepared. Type the beginning of a joke: the model answers after its first steps."


class TalkingScreen(Screen[None]):
    """A screen with a transcript, a line and a panel, whose model answers."""

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
        self.desk = Desk(carry=bench.preferences.carry_state)
        self.speaker: Speaker | None = None
        """The answer that is being shown."""
        self.waiting_for_model = False
        self._waiting_prompt: str | None = None
        """A prompt that was sent before there was a model; it is answered as soon as there is one."""
        self._ended_training = ""
        """What to say once the run of an ended training is there."""
        self._retry: Timer | None = None
        self._wanted = 0
        """How often a model was asked for: only the last one is taken."""
        self._flush_timer: Timer | None = None

    @property
    def talker(self) -> Talker | None:
        """The model in use."""
        return self.desk.talker

    @property
    def is_current(self) -> bool:
        """Whether it can be seen: below a screen that hides it, whatever it paints has all of that one painted anew."""
        return super().is_current and (self.is_active or app_of(self).screen.styles.background.a < 1)

    def on_mount(self) -> None:
        """Words are looked for only while an answer is being made."""
        self._flush_timer = self.set_interval(FLUSH_EVERY, self._flush, pause=True)
        self.set_interval(FOLLOW_EVERY, self._follow_training)

    def on_unmount(self) -> None:
        """The app closes: a thread that waits for its words to be shown would keep the process alive."""
        if self.speaker is not None:
            self.speaker.stream.stop()

    def look(self) -> None:
        """Have the panel show what may be said at the place that is looked at."""
        raise NotImplementedError

    # The model

    def use_model(self, choice: str | None) -> None:
        """Talk to a run's model or to the one in training; None: whatever is on show."""
        talker = self.talker
        # What is watched may have got better weights.
        if talker is not None and choice == talker.choice and choice != LIVE and not self.bench.store.watched:
            return
        if self._retry is not None:
            self._retry.stop()
        self.waiting_for_model = True
        self.status.hint("loading the model…")
        self.show_standing()
        self._wanted += 1
        self._load(choice, self._wanted)

    @work(thread=True, exclusive=True, group="model", exit_on_error=False)
    def _load(self, choice: str | None, wish: int) -> None:
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
            hand_over(self, self._ask_again, choice, wish)
        else:
            hand_over(self, self._loaded, talker, problem, wish)

    def _ask_again(self, choice: str | None, wish: int) -> None:
        """The training has no weights yet: look again soon."""
        if wish != self._wanted:
            return
        self.transcript.open_with(EARLY)
        self.status.hint("the training is being prepared…")
        self._retry = self.set_timer(ASK_AGAIN_AFTER, lambda: self._load(choice, wish))

    async def _loaded(self, talker: Talker | None, problem: str, wish: int) -> None:
        if wish != self._wanted:
            return  # another model was wanted since; this one would only end its first answer
        self.waiting_for_model = False
        prompt, self._waiting_prompt = self._waiting_prompt, None
        if problem:
            self.status.hint(problem, "error")
        elif talker is None:
            self.transcript.open_with(NO_MODEL)
            self.status.hint(NO_MODEL_YET if prompt is not None else "")
        else:
            self.stop_speaking()
            self.transcript.open_with(OPENING)
            self.desk.take(talker)
            self.status.hint(self._ended_training or talker.generator.notice or "")
            self._ended_training = ""
            self.look()
        self.show_standing()
        if prompt is None:
            return
        if self.talker is None:
            self.line.value = self.line.value or prompt
        else:
            await self._answer(prompt)

    def _follow_training(self) -> None:
        """The model in training grows while one talks to it, and once it has ended its run takes its place."""
        talker, session = self.talker, self.bench.session
        if talker is None or talker.choice != LIVE or session is None or self.waiting_for_model:
            return
        if session.done.is_set() and self.speaker is None:
            self._ended_training = "The training has ended; you talk to its best epoch now."
            self.use_model(talker.run)
        elif app_of(self).screen is self:
            self.show_standing()

    # Answers

    @on(Input.Submitted, "#line")
    async def _submit(self, event: Input.Submitted) -> None:
        prompt = event.value.strip()
        self.stop_speaking()
        if self.waiting_for_model:
            self._waiting_prompt = prompt
            self.line.value = ""
            self.status.hint("Your prompt is answered as soon as the model is there.")
        elif self.talker is None:
            self.status.hint(NO_MODEL_YET)
        else:
            await self._answer(prompt)

    async def _answer(self, prompt: str) -> None:
        """Let the model go on after a prompt; an empty one lets an unfinished answer go on."""
        self.desk.cursor = None
        values = self.panel.values
        sampling, words = self.panel.sampling(), round(values["words"])
        if not prompt and self.desk.unfinished:
            await self.speak(self.desk.go_on(sampling, words))
            return
        self.line.remember(prompt)
        self.line.value = ""
        asked = prompt if self.talker is None else as_text(prompt, self.talker.generator)
        await self.speak(self.desk.ask(asked, round(values["seed"]), sampling, words))

    async def action_again(self) -> None:
        """Another answer from the same place."""
        self.stop_speaking()
        if self.talker is not None:
            await self.speak(self.desk.again(self.panel.sampling(), round(self.panel.values["words"])))

    @on(NextWords.Chosen)
    async def _choose(self, message: NextWords.Chosen) -> None:
        """Go on with another word of the panel."""
        await self.go_on_with((chosen_word(message.candidate),), only=message.only)

    async def go_on_with(self, words: tuple[Said, ...], *, only: bool = False) -> None:
        """Go on with these words at the word looked at, or after the last one; ``only``: and with no others."""
        self.stop_speaking()
        desk, values = self.desk, self.panel.values
        place = desk.cursor or desk.talk.head
        if self.talker is not None and place is not None and words:
            count = 0 if only else round(values["words"])
            await self.speak(desk.choose(place, words, round(values["seed"]), self.panel.sampling(), count))

    async def speak(self, task: Task | None) -> None:
        """Have an answer made and shown; None: the talk has only moved."""
        if task is not None:
            stream = WordStream(lambda: answer(task.request, self.fresh_model))
            self.speaker = Speaker(self.desk.talk, task.number, task.prompt, stream, task.request.draw)
            self._run_stream(stream)
            if self._flush_timer is not None:
                self._flush_timer.resume()
        await self.transcript.show(self.desk.turns, self.desk.cursor)
        self.show_standing()
        if task is None:
            self.look()
        self.refresh_bindings()

    def fresh_model(self) -> tuple[Talker, Positions]:
        """Runs in the stream's thread: the weights of the model in training as they are, or the model that is there."""
        talker, positions = self.desk.talker, self.desk.positions
        if talker is None or positions is None:
            raise EngineError("There is no model yet.")
        if talker.choice != LIVE:
            return talker, positions
        fresh = self.bench.talker(LIVE)
        return fresh, Positions(fresh.generator, fresh.run)

    @work(thread=True, exclusive=True, group="stream", exit_on_error=False)
    def _run_stream(self, stream: WordStream[Began | Word]) -> None:
        stream.run()

    def _flush(self) -> None:
        """Show the words whose time has come; once all are shown, finish the answer."""
        speaker = self.speaker
        if speaker is None:
            return
        had_begun = speaker.began is not None
        words = speaker.say_due(self.panel.values["speed"])
        if speaker.began is not None and not had_begun:
            self.desk.take(speaker.began.talker, speaker.began.positions)
        if words:
            self.transcript.redraw(self.desk.turns, self.desk.cursor)
            if self.desk.cursor is None and self.talker is not None:
                last = words[-1]
                alternatives = speaker.alternatives(self.talker.generator, last)
                said = Said(last.text, last.token, last.probability, last.is_end)
                self.next_words.show(alternatives, said)
            self.show_standing()
        if speaker.done:
            self._finish(stopped=False)

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
        turns = self.desk.turns
        self.transcript.redraw(turns, self.desk.cursor)
        self.show_standing()
        self.look()
        if turns and self.talker is not None:
            self.measure_copying(turns[-1], self.talker)
        self.refresh_bindings()

    @work(thread=True, group="copied", exit_on_error=False)
    def measure_copying(self, turn: Turn, talker: Talker) -> None:
        """Find out how much of an answer stands in the training texts."""
        if turn.answer:
            hand_over(self, self.transcript.tell_copied, turn.number, copying_of(turn, talker))

    def show_standing(self) -> None:
        """Say where the talk stands and with which model."""
        self.status.state(self.desk.count, carry=self.desk.carry)
        missing = "loading…" if self.waiting_for_model else "no model"
        talker = self.talker
        self.title_line.tell(*((missing,) if talker is None else self.bench.about(talker)))

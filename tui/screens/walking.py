"""Walking over a talk: its words, its branches, what else might have been said, and several answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from ...core.errors import EngineError
from ...core.keeping.trails import Trail, drawn_before, trail_to
from ...core.keeping.tree import Place, Said
from ...core.keeping.turns import Turn
from ...core.runs.voice import BUNDLED
from ...core.speaking.choices import Draw
from ...data.cleaning import one_line
from ..handing_over import app_of, hand_over
from ..talk.positions import Positions
from ..talk.typed_line import CANDIDATES
from ..talk.variants import Voices
from ..widgets.transcript import WordClicked
from ..workbench import LIVE, Talker
from .answers import AnswersScreen, Asked
from .copied import CopiedScreen
from .own_word import OwnWordScreen
from .talk_map import TalkMap
from .talking import NO_MODEL_YET, TalkingScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...core.speaking.rivals import Alternatives


class WalkingScreen(TalkingScreen):
    """A talk that is looked at word by word and goes on from any of them."""

    async def show_talk(self) -> None:
        """Show the talk as it is now, and what comes next or stands under the cursor."""
        await self.transcript.show(self.desk.turns, self.desk.cursor)
        self.show_standing()
        self.look()

    def action_enter_talk(self) -> None:
        """Put the keyboard into the talk."""
        self.transcript.focus()

    async def action_walk(self, step: int) -> None:
        """Look at another word."""
        self.desk.walk(step)
        await self.show_talk()

    async def action_walk_to(self, edge: int) -> None:
        """Look at the first word of the talk or at the last one."""
        self.desk.walk_to(edge)
        await self.show_talk()

    @on(WordClicked)
    async def _look_at_clicked(self, message: WordClicked) -> None:
        self.desk.cursor = message.place
        await self.show_talk()

    async def action_walk_turn(self, step: int) -> None:
        """Look at the first word of another answer."""
        self.desk.walk_turn(step)
        await self.show_talk()

    async def action_branch(self, step: int) -> None:
        """Show another answer from the same place."""
        self.stop_speaking()
        if not self.desk.turn_branch(step):
            self.status.hint("There is only one way on from here; ctrl+r makes another answer.")
        await self.show_talk()

    def action_rival(self, number: int) -> None:
        """Go on with a word of the panel."""
        self.next_words.choose(number - 1)

    async def action_step(self) -> None:
        """One more word and no further."""
        self.stop_speaking()
        if self.talker is not None:
            if self.desk.last is not None and self.desk.last.ended_by_itself:
                self.status.hint("The text has ended here; ctrl+r makes another answer.")
            await self.speak(self.desk.step(self.panel.sampling()))

    def action_own_word(self) -> None:
        """Ask for a word to go on with."""
        place, talker, positions = self.desk.cursor or self.desk.talk.head, self.talker, self.desk.positions
        if place is None or talker is None or positions is None:
            self.status.hint("There is nothing to go on from yet; ask for an answer first.")
            return
        trail = trail_to(self.desk.talk, place)

        def take(text: str | None) -> None:
            if text is not None:
                self._spell(text, trail, talker, positions)

        looked_at = self.desk.looked_at()
        app_of(self).push_screen(OwnWordScreen("" if looked_at is None else one_line(looked_at.text).strip()), take)

    @work(thread=True, exclusive=True, group="spell", exit_on_error=False)
    def _spell(self, text: str, trail: Trail, talker: Talker, positions: Positions) -> None:
        spelled = talker.generator.spell(text, positions.after(trail))
        hand_over(self, self.go_on_with, tuple(Said(said, token, chance) for said, token, chance, _ in spelled))

    def action_copied(self) -> None:
        """Show the training texts that share words with the answer looked at."""
        turn = self.desk.turn_looked_at
        copying = None if turn is None else self.transcript.copying(turn.number)
        if copying is None:
            self.status.hint("There is no finished answer here to compare with the training texts.")
        else:
            app_of(self).push_screen(CopiedScreen(copying))

    # What may come next

    def look(self) -> None:
        """Have the panel show the words at the cursor, or those that may follow the line."""
        place, word, positions = self.desk.cursor, self.desk.looked_at(), self.desk.positions
        if place is None or word is None:
            self.entry.look_ahead_soon()
        elif positions is not None:
            drawn = drawn_before(self.desk.talk, place)
            draw = Draw(self.panel.sampling(), 0, end=self.panel.dials.text_end())
            self._look_at(place, word, trail_to(self.desk.talk, place), drawn, positions, draw)

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _look_at(
        self, place: Place, word: Said, trail: Trail, drawn: tuple[Said, ...], positions: Positions, draw: Draw
    ) -> None:
        """Compute the candidates at the word under the cursor."""
        alternatives = positions.alternatives(trail, drawn, draw, CANDIDATES, word.token)
        hand_over(self, self._show_looked_at, place, word, alternatives)

    def _show_looked_at(self, place: Place, word: Said, alternatives: Alternatives) -> None:
        if place == self.desk.cursor:
            self.next_words.show(alternatives, word)

    # Several answers

    def action_side_by_side(self) -> None:
        """Have several answers made at once: instead of the word looked at, else to what stands in the line."""
        if self.talker is None:
            self.status.hint(NO_MODEL_YET)
            return
        self.stop_speaking()
        prompt = "" if self.desk.cursor is not None else self.line.value.strip()
        self._find_models(prompt, self.talker.choice)

    @work(thread=True, exclusive=True, group="models", exit_on_error=False)
    def _find_models(self, prompt: str, first: str) -> None:
        try:
            names = [summary.name for summary in self.bench.summaries() if summary.problem is None and summary.epochs]
        except EngineError:
            names = []
        others = [name for name in (*names, BUNDLED) if name not in (first, self.bench.session_run())]
        try:
            run = self.bench.run_of(first)
            epochs, best = run.snapshots(), None if first == LIVE else run.info.best_epoch
        except EngineError:
            epochs, best = (), None
        voices = Voices((first, *others), epochs, best)
        hand_over(self, self._open_answers, Asked(prompt, self.panel.dials, voices))

    def _open_answers(self, asked: Asked) -> None:
        async def take(number: int | None) -> None:
            if number is not None:
                self.desk.take_answer(number)
                if asked.prompt:
                    self.line.remember(asked.prompt)
                    self.line.value = ""
            await self.show_talk()
            last = self.desk.last
            if number is not None and last is not None and self.talker is not None:
                self.measure_copying(last, self.talker)

        if app_of(self).screen is self:
            app_of(self).push_screen(AnswersScreen(self.desk, asked, self._model_for, self.keep_answer), take)

    def keep_answer(self, turn: Turn, talker: Talker | None, tell: Callable[[str], None]) -> None:
        """Keep an answer of ``talker``'s, or take that back where it was kept just now; ``tell`` what came of it."""
        raise NotImplementedError

    def _model_for(self, choice: str | None, epoch: int | None) -> tuple[Talker, Positions]:
        """Runs in a thread."""
        talked_to = self.talker
        if epoch is None and (choice is None or (talked_to is not None and choice == talked_to.choice)):
            return self.fresh_model()
        if choice is None and talked_to is not None:
            choice = talked_to.choice
        talker = self.bench.talker(choice or "", epoch)
        return talker, Positions(talker.generator, talker.run)

    def action_map(self) -> None:
        """Show all branches of the talk."""

        async def go(number: int | None) -> None:
            if number is not None:
                self.stop_speaking()
                self.desk.take_answer(number)
                await self.show_talk()

        if self.desk.talk.stretches:
            app_of(self).push_screen(TalkMap(self.desk.talk, self.transcript.kept), go)
        else:
            self.status.hint("There is nothing to show yet; ask for an answer first.")

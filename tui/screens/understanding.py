"""Why a word came: what it did to the network, and what the place reminds the network of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.getters import query_one

from ...core.errors import PLAIN_ERRORS
from ...core.keeping.trails import Trail, trail_to
from ...core.keeping.tree import Place, Said
from ..display import sentence
from ..handing_over import hand_over
from ..talk.positions import Positions
from ..talk.reasons import ANOTHERS, Reasons, Reminded, reasons_for
from ..widgets.why_panel import WhyPanel
from ..workbench import LIVE, Talker, Workbench
from .walking import WalkingScreen

if TYPE_CHECKING:
    from ...core.speaking.generation import Generator
    from ...core.speaking.reminders import StateIndex


class UnderstandingScreen(WalkingScreen):
    """A talk whose words are explained."""

    why = query_one(WhyPanel)

    def __init__(self, bench: Workbench) -> None:
        """Nothing is explained yet."""
        super().__init__(bench)
        self._memory: tuple[Generator, StateIndex | str] | None = None
        """What a model may be reminded of, or why of nothing."""

    def action_why(self) -> None:
        """Show what a word did to the network in the place of the dials, or the dials again."""
        self.toggle_class("-why")
        self.look()

    def look(self) -> None:
        """Explain the word at the cursor as well."""
        super().look()
        if self.has_class("-why"):
            self._explain()

    def _explain(self) -> None:
        turn, talker, positions, cursor = self.desk.turn_looked_at, self.talker, self.desk.positions, self.desk.cursor
        if turn is None or talker is None or positions is None:
            self.why.show(None)
            return
        asked, places, words, said = turn.asked, turn.places, turn.words, turn.said
        if asked is not None and cursor is not None and cursor.stretch == asked.number:
            places, words, said = tuple(Place(asked.number, n) for n in range(len(asked.words))), asked.words, (asked,)
        if not words:
            self.why.show(None)
        elif any(stretch.tokens_of != talker.run for stretch in said):
            self.why.show(Reasons(0, (), ANOTHERS))
        else:
            word = places.index(cursor) if cursor in places else len(places) - 1
            self._find_reasons(talker, positions, trail_to(self.desk.talk, places[0]), words, word)

    @work(thread=True, exclusive=True, group="why", exit_on_error=False)
    def _find_reasons(
        self, talker: Talker, positions: Positions, trail: Trail, words: tuple[Said, ...], word: int
    ) -> None:
        reasons, after = reasons_for(talker.generator, positions.after(trail), words, word)
        hand_over(self, self.why.show, reasons)
        if reasons.problem:
            return
        memory = self._memory_of(talker)
        if isinstance(memory, str):
            hand_over(self, self.why.remind, reasons, Reminded((), memory))
            return
        from ...core.speaking.reminders import reminders_of

        found = reminders_of(talker.generator, memory, after)
        hand_over(self, self.why.remind, reasons, Reminded(found, left_out=memory.left_out))

    def _memory_of(self, talker: Talker) -> StateIndex | str:
        """Runs in a thread: the states of a saved model, read or built once."""
        if talker.choice == LIVE:
            return "A model in training changes too fast to be reminded of anything; choose a saved run."
        known = self._memory
        if known is None or known[0] is not talker.generator:
            from ...core.speaking.reminders import remembering

            try:
                scratch = self.bench.store.open(talker.run).scratch
                found: StateIndex | str = remembering(talker.generator, scratch)
            except PLAIN_ERRORS as error:
                found = sentence(error)
            known = (talker.generator, found)
            self._memory = known
        return known[1]

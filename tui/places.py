"""Where keys count: the bindings that the help lists and that ``keys.toml`` can set, by their headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .screens.answers import AnswersScreen
from .screens.copied import CopiedScreen
from .screens.history import HistoryScreen
from .screens.kept import KeptScreen
from .screens.leave import LeaveScreen
from .screens.models import ModelDialog
from .screens.new_run import NewRunDialog
from .screens.own_word import OwnWordScreen
from .screens.prompt import PromptScreen
from .screens.runs import RunsScreen
from .screens.steer import SteerDialog
from .screens.talk_map import TalkMap
from .screens.talks import TalksScreen
from .screens.texts import TextsScreen
from .screens.train import TrainScreen
from .widgets.field_line import FieldLine
from .widgets.next_words import NextWords
from .widgets.prompt_line import PromptLine
from .widgets.run_table import RunTable
from .widgets.sampler_panel import SamplerPanel
from .widgets.source_line import PathInput
from .widgets.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.binding import BindingType

PLACES: Mapping[str, Sequence[BindingType]] = {
    "Train": TrainScreen.BINDINGS,
    "Prompt": PromptScreen.BINDINGS,
    "Prompt, in the line": PromptLine.BINDINGS,
    "Prompt, in the talk": Transcript.BINDINGS,
    "Prompt, in the list of words": NextWords.BINDINGS,
    "Prompt, in the dials": SamplerPanel.BINDINGS,
    "Several answers": AnswersScreen.BINDINGS,
    "A word of your own": OwnWordScreen.BINDINGS,
    "Where it was copied": CopiedScreen.BINDINGS,
    "Earlier prompts": HistoryScreen.BINDINGS,
    "Map of the talk": TalkMap.BINDINGS,
    "Talks": TalksScreen.BINDINGS,
    "Kept texts": KeptScreen.BINDINGS,
    "Choosing a model": ModelDialog.BINDINGS,
    "Runs": [*RunTable.BINDINGS, *RunsScreen.BINDINGS],
    "New run": NewRunDialog.BINDINGS,
    "New run, in the line of the corpus": PathInput.BINDINGS,
    "New run, in a field": FieldLine.BINDINGS,
    "The texts of a training": TextsScreen.BINDINGS,
    "Changing a training": SteerDialog.BINDINGS,
    "Quitting": LeaveScreen.BINDINGS,
}

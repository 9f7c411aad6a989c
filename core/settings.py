"""What a person may choose about a training, each choice defined once, and kept as TOML."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from annotated_types import Ge, Gt, Le, Lt

from ..data.cleaning import one_line
from ..data.demands import check_reading
from ..data.faults import CorpusError
from ..data.interpretation import ReadingOptions
from .described import Described
from .errors import SettingsError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

PresetChoice = Literal["auto", "tutorial", "small", "medium", "large", "ngram"]
TokenizerChoice = Literal["auto", "words", "spaces", "bpe", "chars"]
CellChoice = Literal["lstm", "gru"]
DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]
PrecisionChoice = Literal["auto", "float32", "bfloat16"]
DivergenceChoice = Literal["stop", "rollback"]

PRESET_CHOICES: tuple[str, ...] = get_args(PresetChoice)

Positive = Annotated[int, Ge(1), Le(1_000_000)]

_PRESETS = "the preset's"


@dataclass(frozen=True)
class TrainingSettings:
    """The choices for one training; ``None`` leaves a choice to the preset."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "ignore", "allow_inf_nan": False}

    preset: Annotated[
        PresetChoice, Described("The network; auto follows from the size of the corpus, whatever the machine.")
    ] = "auto"
    max_epochs: Annotated[Positive | None, Described("Passes over the texts.", "", "N", unset=_PRESETS)] = None
    batch_size: Annotated[
        Positive | None, Described("Texts read side by side; of the tutorial preset, windows.", "", "N", unset=_PRESETS)
    ] = None
    sequence_length: Annotated[
        Positive | None,
        Described("Tokens a gradient reaches back; of the tutorial preset, words a window.", "", "N", unset=_PRESETS),
    ] = None
    learning_rate: Annotated[
        Annotated[float, Gt(0), Le(10)] | None, Described("Highest rate of the schedule.", "", "X", unset=_PRESETS)
    ] = None
    tokenizer: Annotated[
        TokenizerChoice | None,
        Described("What a token is; auto takes words where they know the held-out words.", unset="auto"),
    ] = None
    cell: Annotated[CellChoice | None, Described("What the network is made of.", unset=_PRESETS)] = None
    hidden: Annotated[
        Annotated[int, Ge(1), Le(8192)] | None, Described("Units of each layer.", "", "N", step=64, unset=_PRESETS)
    ] = None
    dropout: Annotated[
        Annotated[float, Ge(0), Le(0.95)] | None,
        Described("The strongest of the network's dropouts; the others follow.", "", "X", step=0.05, unset=_PRESETS),
    ] = None
    seed: Annotated[int, Ge(0), Lt(2**63), Described("Everything random follows from it.", "", "N")] = 0
    device: Annotated[DeviceChoice, Described("Where to compute.")] = "auto"
    precision: Annotated[PrecisionChoice, Described("Of the matrix products.")] = "auto"
    cores: Annotated[
        Annotated[int, Ge(1), Le(1024)] | None,
        Described("Cores of the processor to compute on; fewer leave it to others.", "", "N", unset="what is fastest"),
    ] = None
    processes: Annotated[
        Annotated[int, Ge(1), Le(1024)] | None,
        Described("Processes that train together, each with its share of every batch.", "", "N", unset="1"),
    ] = None
    max_seconds: Annotated[
        Annotated[float, Gt(0)] | None,
        Described("Seconds that all of it may take; epochs and network follow from it.", "time", "X", unset="no limit"),
    ] = None
    patience: Annotated[
        Positive | None, Described("Stop after N epochs without a better loss.", "", "N", unset="never")
    ] = None
    on_divergence: Annotated[
        DivergenceChoice,
        Described(
            "When the loss runs away: stop, or go back to the last good epoch at half the rate.", "if it diverges"
        ),
    ] = "stop"
    column: Annotated[
        tuple[str, ...] | str | None,
        Described(
            "Columns of a table that make the texts, by name, number or path as in message.text; several are joined.",
            "", "NAME", unset="found by itself",
        ),
    ] = None  # fmt: skip
    texts: Annotated[
        str | None,
        Described(
            "How plain text is divided: lines, blank (between blank lines), double-blank, whole, file or mark=TEXT.",
            "", "HOW", unset="guessed",
        ),
    ] = None  # fmt: skip
    where: Annotated[
        tuple[str, ...],
        Described('Keep the rows of a table that pass, for example "score >= 20".', "", "CONDITION", unset="all rows"),
    ] = ()
    exclude: Annotated[
        tuple[str, ...],
        Described(
            "Leave texts out, by the numbers that doctor says, or by a file of them.",
            "",
            "NUMBER|FILE",
            unset="no text",
        ),
    ] = ()
    correct: Annotated[
        tuple[str, ...],
        Described(
            r"Another text instead of the one with a number, \n for a line break; or a file of such lines.",
            "", "NUMBER=TEXT|FILE", unset="no text",
        ),
    ] = ()  # fmt: skip
    keep_spacing: Annotated[
        bool | None, Described("Keep indentation, runs of blanks and blank lines.", unset="where it matters")
    ] = None
    letters_only: Annotated[bool, Described("Drop punctuation and digits.")] = False

    @property
    def reading(self) -> ReadingOptions:
        """What is asked for of the reading of the texts; the tutorial's preset takes them as they stand."""
        columns = (self.column,) if isinstance(self.column, str) else self.column or ()
        as_written = self.preset == "tutorial" and not self.letters_only
        return ReadingOptions(
            columns,
            self.texts,
            self.where,
            self.keep_spacing,
            self.letters_only,
            as_written,
            exclude=self.exclude,
            correct=self.correct,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        return asdict(self)

    def to_toml(self) -> str:
        """Return the settings as TOML, without those left to the preset."""
        import tomli_w

        return tomli_w.dumps({name: value for name, value in self.to_dict().items() if value not in (None, ())})


def make_settings(values: dict[str, Any]) -> TrainingSettings:
    """Validate ``values``; raises SettingsError with one sentence that names the first wrong value."""
    from pydantic import ValidationError

    known = [field.name for field in fields(TrainingSettings)]
    for name in values:
        if name not in known:
            shown = one_line(name).replace("_", "-")
            raise SettingsError(f"There is no setting '{shown}'; the settings are {', '.join(known)}.")
    try:
        settings = _adapter().validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = one_line(".".join(str(part) for part in first["loc"][:1])).replace("_", "-")
        given = one_line(str(first["input"]))[:80]
        wanted = first["msg"].removeprefix("Input ").removeprefix("Value ")
        raise SettingsError(f"{name} is '{given}', but it {wanted[:1].lower()}{wanted[1:]}.") from error
    try:
        check_reading(settings.reading)
    except CorpusError as error:
        raise SettingsError(str(error)) from error
    return settings


@cache
def _adapter() -> TypeAdapter[TrainingSettings]:
    """What checks settings; making it takes longer than using it."""
    from pydantic import TypeAdapter

    return TypeAdapter(TrainingSettings)


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings of a TOML file; raises SettingsError when it is missing, damaged or has a wrong value."""
    shown = one_line(str(path))
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no settings file {shown}; check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {shown} cannot be read; it must be a TOML text file.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {shown} is not valid TOML: {one_line(str(error))}.") from error
    make_settings(values)
    return values

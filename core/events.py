"""What a training reports while it runs: frozen records of plain numbers and strings, never tensors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..data.interpretation import Reading

EndReason = Literal["finished", "time", "patience", "stopped", "diverged"]

ChangeKind = Literal["rate", "dropout", "epochs", "patience", "cores", "finish", "planned", "time"]
"""What can be changed in a training that goes on; ``planned`` and ``time`` come from its time budget: what that allows,
and its end."""


@dataclass(frozen=True)
class Figures:
    """How well a model predicts one split; losses are in nats per token."""

    split: str
    tokens: int
    """Predicted tokens, ends of text included."""
    words: int
    """Space-separated words of the texts."""
    characters: int
    """Characters of the texts, plus one for each end of text."""
    loss: float
    perplexity: float
    bits_per_character: float
    unknown_rate: float
    """Share of the tokens that the vocabulary does not know."""
    ngram_perplexity: float | None = None
    """Perplexity of the 5-gram Kneser-Ney model on the same tokens."""
    mixed_perplexity: float | None = None
    """Perplexity of the network mixed with the n-gram model, the weight chosen on the validation split."""
    spelled_bits_per_character: float | None = None
    """Bits per character that also pay for spelling the unknown words: comparable between tokenizers."""


@dataclass(frozen=True)
class Transfer:
    """What a training that started from another run's weights knew, and what it has forgotten; losses in nats."""

    run: str
    epoch: int | None
    known: int
    """Tokens of the new training texts that the other run knows."""
    added: int
    """Tokens that were added to its vocabulary."""
    valid_before: float | None
    """Validation loss on the new texts before the first step."""
    old_before: float | None
    """Loss on the other run's validation texts before the first step, new tokens being possible."""
    old_after: float | None
    """The same at the end; None until then."""


@dataclass(frozen=True)
class Preparing:
    """Something is being made ready before the first step."""

    message: str


@dataclass(frozen=True)
class Noticed:
    """One sentence the user should see; the training goes on."""

    message: str


@dataclass(frozen=True)
class Started:
    """The run exists and its first step follows."""

    run: str
    corpus: str
    tokenizer: str
    preset: str
    vocabulary: int
    train_tokens: int
    parameters: int
    device: str
    precision: str
    threads: int
    seed: int
    steps_per_epoch: int
    total_epochs: int
    first_step: int
    """0, or the step that a resumed run continues after."""
    characters_per_token: float
    """Characters per token of the training texts: turns nats per token into bits per character."""
    words_per_token: float
    ngram_loss: float | None
    """Validation loss of the 5-gram Kneser-Ney model, the baseline in the chart."""
    reading: Reading | None = None
    """How the texts were read; None for runs that are older than that."""
    speeds: dict[str, float] = field(default_factory=dict[str, float])
    """Tokens a second of this training on each device that was tried for it; empty where there was no choice."""
    transfer: Transfer | None = None
    """The run it starts from; None where the weights are drawn."""


@dataclass(frozen=True)
class StepDone:
    """One optimizer step is done."""

    step: int
    epoch: int
    """The epoch this step belongs to, counted from 1."""
    loss: float
    """Mean training loss of the batch, nats per token."""
    learning_rate: float
    tokens: int
    """Tokens in the batch."""
    seconds: float
    """Training time so far, pauses excluded."""
    gradient_norm: float | None = None
    """Length of the gradient before it was clipped."""


@dataclass(frozen=True)
class EpochDone:
    """One pass over the training texts is done and the validation split has been read."""

    epoch: int
    step: int
    train_loss: float
    """Mean over the epoch's tokens, nats."""
    valid_loss: float | None
    """None where the run has no validation split."""
    tokens_per_second: float
    seconds: float
    best: bool
    """Whether this is the best epoch so far."""


@dataclass(frozen=True)
class SampleMade:
    """A text the model made after an epoch, always from the same seed."""

    epoch: int
    text: str
    copied: int
    """Length in words of the longest stretch that stands word for word in the training texts."""
    words: int


@dataclass(frozen=True)
class Remembered:
    """What a model has learned by heart; shares from 0 to 1, None where there is nothing to count."""

    epoch: int
    step: int
    train_loss: float
    """Nats per token on training texts that are always the same, without dropout."""
    copied: float | None
    """Share of the stretches of five words in what it says that stand like that in the training texts."""
    copied_texts: float | None
    """Share of the texts it says that stand there as a whole."""
    held_out: float | None
    """Share of the stretches of five words in the validation texts that stand in the training texts."""
    held_out_texts: float | None


@dataclass(frozen=True)
class Changed:
    """The training was changed while it went on, by a person or by its time budget."""

    step: int
    """The step it followed."""
    epoch: int
    kind: ChangeKind
    value: float
    message: str
    """One plain sentence."""
    total_steps: int
    total_epochs: int
    again: bool
    """Whether the run had it noted already: it was resumed or repeats another."""


@dataclass(frozen=True)
class RolledBack:
    """The loss had run away, so the training went back to an earlier state, to go on at a lower rate."""

    number: int
    """How often it has gone back, this time included."""
    from_step: int
    step: int
    """The step whose state it is in again; what came after it is undone."""
    epoch: int
    rate_factor: float
    """Times what the schedule says the learning rate is now."""


@dataclass(frozen=True)
class CheckpointSaved:
    """A checkpoint is safely on disk."""

    kind: Literal["best", "last"]
    step: int


@dataclass(frozen=True)
class Ended:
    """The last event of a training that did not fail."""

    run: str
    reason: EndReason
    message: str
    """One plain sentence saying how it ended."""
    epochs: int
    seconds: float
    best_epoch: int | None
    valid: Figures | None
    test: Figures | None
    transfer: Transfer | None = None
    """What it has kept of the run it started from."""
    remembered: Remembered | None = None
    """What the best epoch has learned by heart."""


Event = (
    Preparing
    | Noticed
    | Started
    | StepDone
    | EpochDone
    | SampleMade
    | Remembered
    | Changed
    | RolledBack
    | CheckpointSaved
    | Ended
)

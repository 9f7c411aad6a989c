"""Making a generator or an evaluator of a run on disk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ...data.corpus import Corpus, make_split
from ...data.faults import CorpusError
from ...data.interpretation import ReadingOptions
from ...data.splitting import SplitName
from ...data.tokenization import Tokenizer
from ...models.configuration import ModelConfig
from ...models.inference import InferenceNetwork
from ...models.ngram import KneserNey
from ..errors import RunError
from ..events import Figures
from ..home import corpora_folder
from ..runs.bundled import BundledRun
from ..runs.checkpoints import Checkpoint, load_checkpoint
from ..runs.contents import load_corpus, load_tokenizer
from ..runs.folder import BEST, LAST, TOKENIZER, Run
from ..runs.info import RunInfo
from ..runs.snapshots import load_epoch, snapshot_file
from ..runs.voice import WHAT_IT_IS
from .counting import count_ngrams, known_texts, measured_part
from .evaluation import figures
from .generation import Generator
from .memorization import CopyDetector
from .predictors import MixturePredictor, NetworkPredictor, NGramPredictor, Predictor, best_mixture

if TYPE_CHECKING:
    from ...data.reading import Texts

_USUAL_ORDER = 5
_LONGEST_ORDER = 32
"""Longer n-grams than any recipe counts."""

CheckpointChoice = Literal["best", "last"]


@dataclass(frozen=True, eq=False)
class LoadedRun:
    """A run's model with all that belongs to it."""

    info: RunInfo
    tokenizer: Tokenizer
    corpus: Corpus
    predictor: NetworkPredictor | NGramPredictor
    epoch: int | None
    """The epoch the weights are from."""
    notice: str | None
    """One sentence when not the checkpoint asked for was loaded."""

    def ngram(self) -> NGramPredictor:
        """Return the n-gram model of the same texts, counted anew."""
        if isinstance(self.predictor, NGramPredictor):
            return self.predictor
        order = self.info.recipe.get("ngram_order", _USUAL_ORDER)
        if not isinstance(order, int) or not 0 < order <= _LONGEST_ORDER:
            raise RunError("The run's recipe is damaged at 'ngram_order'; restore its run.json from a copy.")
        return NGramPredictor(count_ngrams(self.corpus, order), self.tokenizer.end_id)


def load_run(run: Run, checkpoint: CheckpointChoice = "best", *, epoch: int | None = None) -> LoadedRun:
    """Load a run for asking; where a checkpoint is damaged the other one is taken and ``notice`` says so.

    With ``epoch`` it is loaded as it was after that epoch, in half precision unless that is the best one.

    Raises:
        RunError: no checkpoint can be read, the epoch was not kept, or something else of the run is damaged.
    """
    info = run.info
    tokenizer = load_tokenizer(run)
    if tokenizer.vocabulary_size != info.vocabulary:
        raise RunError(f"The {TOKENIZER} of the run '{run.name}' belongs to another run; restore it from a copy.")
    corpus = load_corpus(run, tokenizer)
    if epoch is not None and epoch != info.best_epoch:
        if info.model is None:
            raise RunError(f"The run '{run.name}' counts n-grams and has no epochs to choose from; leave --epoch out.")
        found = load_epoch(run.path, epoch, info.best_epoch)
        predictor = _predictor(info, tokenizer, found, f"{run.name}/{snapshot_file(epoch)}")
        return LoadedRun(info, tokenizer, corpus, predictor, epoch, None)
    problems: list[str] = []
    for file in (LAST, BEST) if checkpoint == "last" and epoch is None else (BEST, LAST):
        try:
            found = load_checkpoint(run.path / file)
            predictor = _predictor(info, tokenizer, found, f"{run.name}/{file}")
        except RunError as error:
            problems.append(str(error))
            continue
        loaded_epoch = found.values.get("epoch")
        notice = f"{problems[0].removesuffix('.')}, so {file} was loaded instead." if problems else None
        if isinstance(run, BundledRun):
            notice = WHAT_IT_IS
        return LoadedRun(info, tokenizer, corpus, predictor, loaded_epoch, notice)
    if not any((run.path / file).exists() for file in (BEST, LAST)):
        raise RunError(run.silence)
    raise RunError(f"The run '{run.name}' has no checkpoint that can be read: {problems[0]}")


def load_generator(
    run: Run, checkpoint: CheckpointChoice = "best", *, epoch: int | None = None, mixed: bool = False
) -> Generator:
    """Return a generator of the run; ``mixed`` adds the n-gram model in the share that suits the validation split.

    Raises:
        RunError: the run cannot be loaded, did not keep ``epoch``, or there is nothing to mix.
    """
    loaded = load_run(run, checkpoint, epoch=epoch)
    predictor: Predictor = loaded.predictor
    if mixed:
        predictor = _mixture(run.name, loaded)
    where = "" if loaded.epoch is None else f" · epoch {loaded.epoch}"
    return Generator(
        predictor,
        loaded.tokenizer,
        label=f"{run.name}{where}",
        copies=CopyDetector(known_texts(loaded.corpus.train), loaded.tokenizer),
        notice=loaded.notice,
        judge=lambda: predictor if mixed else _best_predictor(run.name, loaded),
        keeps_spacing=loaded.info.keeps_spacing,
    )


def _best_predictor(name: str, loaded: LoadedRun) -> Predictor:
    """Return the mixture of network and n-gram model, or what there is of it."""
    if isinstance(loaded.predictor, NGramPredictor) or loaded.corpus.valid is None:
        return loaded.predictor
    return _mixture(name, loaded)


def _mixture(name: str, loaded: LoadedRun) -> MixturePredictor:
    network, valid = loaded.predictor, loaded.corpus.valid
    if not isinstance(network, NetworkPredictor):
        raise RunError(
            f"The run '{name}' only counts n-grams, so there is no network to mix them with; leave --mix out."
        )
    if valid is None:
        raise RunError(
            f"The run '{name}' has no validation texts to choose the share of an n-gram model on; leave --mix out."
        )
    ngram, weight = loaded.ngram(), loaded.info.mixture_weight
    if weight is None:  # stopped before it was measured
        return best_mixture(network, ngram, valid)
    return MixturePredictor(network, ngram, weight)


def evaluate_run(
    run: Run,
    split: SplitName = "test",
    source: str | tuple[str, ...] | None = None,
    options: ReadingOptions | None = None,
    *,
    epoch: int | None = None,
) -> tuple[Figures, tuple[str, ...]]:
    """Measure a run on one of its own splits, or on all the texts of ``source``; returns what is to be said about it.

    Raises:
        RunError: the run cannot be loaded or has no such split.
        CorpusError: ``source`` cannot be read.
    """
    loaded = load_run(run, epoch=epoch)
    notices = () if loaded.notice is None else (loaded.notice,)
    if source is not None:
        texts = read_foreign(loaded.info, source, options)
        chosen = make_split("test", list(texts.texts), loaded.tokenizer)
        notices += texts.notices
    else:
        try:
            chosen, said = measured_part(loaded.corpus.split(split))
        except CorpusError as error:
            raise RunError(f"The run '{run.name}' has no {split} texts: it was trained on all of them.") from error
        notices += said
    own = loaded.predictor.log_probabilities(chosen)
    weight = loaded.info.mixture_weight
    compared = isinstance(loaded.predictor, NetworkPredictor) and len(chosen.tokens) > 0
    ngram = loaded.ngram().log_probabilities(chosen) if compared else None
    return figures(chosen, own, ngram=ngram, mixture_weight=weight), notices


def read_foreign(info: RunInfo, source: str | tuple[str, ...], options: ReadingOptions | None = None) -> Texts:
    """Read other texts as those of a run were read, but for what ``options`` ask; raises CorpusError."""
    from ...data.reading import read_texts  # loads pandas

    asked = options or ReadingOptions()
    asked = replace(asked, letters_only=asked.letters_only or info.settings.letters_only)
    return read_texts(source, asked, like=info.how_read, cache=corpora_folder())


def _predictor(
    info: RunInfo, tokenizer: Tokenizer, checkpoint: Checkpoint, what: str
) -> NetworkPredictor | NGramPredictor:
    if info.model is None:
        try:
            model = KneserNey.from_arrays(checkpoint.arrays)
        except ValueError as error:
            raise RunError(f"The checkpoint {what} is damaged.") from error
        if model.vocabulary_size != tokenizer.vocabulary_size:
            raise RunError(f"The checkpoint {what} belongs to another run.")
        return NGramPredictor(model, tokenizer.end_id)
    try:
        config = ModelConfig.from_dict(info.model)
    except (TypeError, ValueError) as error:
        raise RunError(f"The run.json of {what.partition('/')[0]} is damaged; restore it from a copy.") from error
    try:
        # The weights are looked at before anything is allocated: a foreign configuration may claim any size.
        return NetworkPredictor(InferenceNetwork(config, checkpoint.arrays), tokenizer.end_id)
    except ValueError as error:
        raise RunError(f"The checkpoint {what} does not fit the run's network ({error}).") from error

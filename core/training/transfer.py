"""A new run that starts from the weights of another: what it knows of the new texts, and what it forgets of the old."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.corpus import Corpus, Split, building
from ...data.tokenization import Tokenizer
from ...models.configuration import ModelConfig
from ...models.inference import InferenceNetwork
from ..errors import RunError, SettingsError
from ..events import Event, Noticed, Preparing, Transfer
from ..recipes import Recipe, network_for, recipe_for
from ..runs.checkpoints import Checkpoint, load_checkpoint
from ..runs.folder import BEST, LAST, START, Run
from ..runs.info import RunInfo
from ..settings import TrainingSettings
from ..speaking.loading import load_run
from ..speaking.predictors import NetworkPredictor
from .beginning import Beginning, told
from .device import choose_machine
from .preparation import first_info, reading_source
from .token_choice import cautions

_RATE_SHARE = 0.5
"""Share of the recipe's highest rate: what is known already needs less of it."""
_SHORTEST_PART = 3
"""Letters of a word that may stand for a part of a new one."""
_OLD = "old."
"""How the arrays of the old validation texts are named beside the weights."""


def begin_from_run(run: Run, sources: tuple[str, ...], settings: TrainingSettings) -> Generator[Event, None, Beginning]:
    """Read ``sources`` and prepare a training on them that starts from the weights of ``run``.

    Every token keeps its number and its weights; a new one starts as the mean of its parts.

    Raises:
        RunError: the run cannot be loaded, or is of a kind that nothing can start from.
        SettingsError: a setting asks for another network or other tokens than the run's.
        CorpusError: the texts cannot be read.
    """
    yield Preparing(f"opening the run {run.name}")
    loaded = load_run(run)
    settings = _settings_like(loaded.info, settings, run.name)
    if loaded.notice is not None:
        yield Noticed(loaded.notice)
    yield Preparing("reading the texts")
    texts = yield from told(reading_source(sources[0] if len(sources) == 1 else sources, settings))
    for notice in texts.notices:
        yield Noticed(notice)
    yield Preparing("turning texts into tokens")
    corpus = yield from told(building(texts, loaded.tokenizer.kind, known=loaded.tokenizer))
    for notice in cautions(corpus):
        yield Noticed(notice)
    recipe = _recipe(settings, corpus)
    before = ModelConfig.from_dict(loaded.info.model or {})
    usual = network_for(recipe, corpus.tokenizer.vocabulary_size)
    dropouts = {name: value for name, value in usual.to_dict().items() if name.endswith("dropout")}
    config = replace(before, vocabulary_size=usual.vocabulary_size, **dropouts)
    weights = _grown(_weights(run, before), loaded.tokenizer, corpus)
    old = loaded.corpus.valid
    network = NetworkPredictor(InferenceNetwork(config, weights), corpus.tokenizer.end_id)
    transfer = Transfer(
        run=run.name,
        epoch=loaded.epoch,
        known=int((corpus.train.counts(config.vocabulary_size)[: before.vocabulary_size] > 0).sum()),
        added=config.vocabulary_size - before.vocabulary_size,
        valid_before=_loss(network, corpus.valid),
        old_before=_loss(network, old),
        old_after=None,
    )
    yield Noticed(_sentence(transfer))
    info = first_info(" ".join(sources), settings, texts.reading, corpus, recipe, choose_machine(settings))
    model = {"model": config.to_dict(), "parameters": config.parameters, "transfer": asdict(transfer)}
    start = Checkpoint(weights | _as_arrays(old), {})
    return Beginning(corpus, recipe, info.model_copy(update=model), start=start)


def _settings_like(info: RunInfo, settings: TrainingSettings, name: str) -> TrainingSettings:
    """Return ``settings`` with the network and the tokens of the run; a SettingsError where they ask for others."""
    own = {"preset": str(info.recipe.get("preset")), "tokenizer": info.tokenizer, "cell": info.recipe.get("cell")}
    if info.model is None:
        raise RunError(f"The run '{name}' counts n-grams and has no weights to start from; choose another run.")
    own["hidden"] = info.model.get("hidden_size")
    if own["preset"] == "tutorial":
        raise RunError(f"The run '{name}' follows the tutorial, which has no texts of their own; choose another run.")
    for setting, value in own.items():
        asked = getattr(settings, setting)
        if asked not in (None, "auto", value):
            raise SettingsError(
                f"The run '{name}' has the {setting} '{value}', and what starts from it has the same; "
                f"leave --{setting} out."
            )
    letters_only = settings.letters_only or info.settings.letters_only
    return replace(settings, letters_only=letters_only, **{name: value for name, value in own.items() if value})


def _recipe(settings: TrainingSettings, corpus: Corpus) -> Recipe:
    tokens = len(corpus.train.tokens)
    recipe = recipe_for(settings, settings.preset, tokens, one_long_text=corpus.layout == "stream")
    if settings.learning_rate is not None:
        return recipe
    return replace(recipe, learning_rate=recipe.learning_rate * _RATE_SHARE)


def _weights(run: Run, config: ModelConfig) -> dict[str, NDArray[np.float32]]:
    """Return the weights that the run speaks with, in float32."""
    for file in (BEST, LAST):
        try:
            arrays = load_checkpoint(run.path / file).arrays
        except RunError:
            continue
        return {name: arrays[name].astype(np.float32) for name in config.weight_shapes}
    raise RunError(f"The run '{run.name}' has no checkpoint that can be read.")


def _grown(weights: dict[str, NDArray[np.float32]], known: Tokenizer, corpus: Corpus) -> dict[str, NDArray[Any]]:
    """Return ``weights`` with rows for the tokens that the vocabulary of ``corpus`` has besides those ``known``."""
    tokenizer = corpus.tokenizer
    new = range(known.vocabulary_size, tokenizer.vocabulary_size)
    numbers = {known.token_text(token): token for token in range(known.vocabulary_size)}
    parts = [_parts(tokenizer.token_text(token), numbers) for token in new]
    grown = dict(weights)
    for name in ("embedding.weight", "output_weight"):
        if name in weights:
            rows = weights[name]
            made = [rows[part].mean(0) if part else rows.mean(0) for part in parts]
            grown[name] = np.stack([*rows, *made]).astype(np.float32)
    counts = corpus.train.counts(tokenizer.vocabulary_size) + 0.5
    usual, bias = np.log(counts / counts.sum()), weights["output_bias"]
    # A bias is a log-frequency but for a constant, which the tokens that both know tell.
    seen = counts[: len(bias)] > 1
    constant = float((bias - usual[: len(bias)])[seen].mean()) if seen.any() else 0.0
    grown["output_bias"] = np.concatenate([bias, usual[len(bias) :] + constant]).astype(np.float32)
    return grown


def _parts(text: str, known: dict[str, int]) -> list[int]:
    """Return the known tokens that a new one is made of: itself written otherwise, else the longest pieces of it."""
    word = text.strip()
    spellings = {way(form) for form in (word, f" {word}") for way in (str, str.lower, str.upper, str.capitalize)}
    spellings |= {f" {word.capitalize()}"}
    alike = sorted(known[form] for form in spellings if form in known)
    if alike:
        return alike
    found: list[int] = []
    start = 0
    while start < len(word):
        ends = range(len(word), start + _SHORTEST_PART - 1, -1)
        pieces = (form for end in ends for form in (word[start:end], f" {word[start:end]}") if form in known)
        piece = next(pieces, None)
        if piece is None:
            start += 1
        else:
            found.append(known[piece])
            start += len(piece.strip())
    return found


def _as_arrays(split: Split | None) -> dict[str, NDArray[Any]]:
    return {} if split is None else {f"{_OLD}tokens": split.tokens, f"{_OLD}offsets": split.offsets}


def _loss(predictor: NetworkPredictor, split: Split | None) -> float | None:
    return None if split is None else -float(predictor.log_probabilities(split).mean())


def forgetting(run: Run, predictor: NetworkPredictor) -> Transfer | None:
    """Return what the run started from, with what it predicts of the old validation texts now; None where from nothing.

    Raises:
        RunError: the weights it started from are missing or damaged.
    """
    transfer = run.info.started_from
    if transfer is None:
        return None
    arrays = load_checkpoint(run.path / START).arrays
    old: Split | None = None
    if f"{_OLD}tokens" in arrays:
        old = Split("valid", arrays[f"{_OLD}tokens"], arrays[f"{_OLD}offsets"], 0, 0, 0)
    return replace(transfer, old_after=_loss(predictor, old))


def _sentence(transfer: Transfer) -> str:
    where = "" if transfer.epoch is None else f", epoch {transfer.epoch}"
    new = {0: "no token is new", 1: "1 token is new"}.get(transfer.added, f"{transfer.added:,} tokens are new")
    return f"It starts from the weights of {transfer.run}{where}: {transfer.known:,} of its tokens are known, {new}."

"""Generation as an iterator of words, with the state in the caller's hands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...data.cleaning import clean_text
from ...data.tokenization import Tokenizer
from ..errors import GenerationError
from ..training.tensors import from_array, integers
from .memorization import CopyDetector
from .predictors import Predictor
from .sampling import Floats, Sampling, as_seeds, draw, filtered_probabilities, softmax

_RECENT = 64
"""Tokens that the repetition penalty looks back on."""
_LOGITS_AT_ONCE = 4_000_000
"""Numbers that a batch computes at each step, at most."""
_TOKENS_PER_WORD = 32
"""More tokens than this a word, and the text is ended: a model of characters may never write a space."""


@dataclass(frozen=True, eq=False)
class Position:
    """A place in a text: the state after all tokens so far and the logits of the next; keep it to come back to it."""

    state: Any
    logits: Floats
    """(vocabulary,) with minus infinity for the unknown word."""
    count: int
    """Tokens read and made since the state was fresh."""
    at_text_start: bool
    recent: tuple[int, ...] = ()
    unfinished: tuple[int, ...] = ()
    """Tokens that are part of a character which is not complete yet."""


@dataclass(frozen=True)
class Candidate:
    """One word that may come next."""

    text: str
    probability: float
    """The model's own."""
    drawn: float
    """After temperature and filters."""


@dataclass(frozen=True, eq=False)
class Word:
    """One token of a generated text, its leading space included; the end of the text comes as an empty last word."""

    text: str
    probability: float
    """The model's own, before temperature and filters."""
    before: Position
    """The place it was drawn at: :meth:`Generator.next_words` there gives its rivals."""
    position: Position
    """The place after this word."""
    is_end: bool


@dataclass(frozen=True)
class GeneratedText:
    """One finished text."""

    text: str
    """The prompt included."""
    words: tuple[tuple[str, float], ...]
    """Each generated token and its probability."""
    ended: str
    """``end of text`` or ``word limit``."""
    seed: int


class Generator:
    """Completes prompts with a model, its tokenizer and, where known, the texts it was trained on."""

    def __init__(
        self,
        predictor: Predictor,
        tokenizer: Tokenizer,
        *,
        label: str = "",
        copies: CopyDetector | None = None,
        notice: str | None = None,
    ) -> None:
        """Wrap a model that no longer changes."""
        self.predictor = predictor
        self.tokenizer = tokenizer
        self.label = label
        self.notice = notice
        """What the user should know about this model, if anything."""
        self._copies = copies

    def start(self) -> Position:
        """Return the position before a text, with a fresh state."""
        opening = [] if self.tokenizer.end_id is None else [self.tokenizer.end_id]
        return self._advance(self.predictor.initial_state(1), opening, 0, at_text_start=True)

    def read(self, prompt: str, position: Position | None = None) -> Position:
        """Feed ``prompt`` once, after ``position`` or else from a fresh state; unknown words are fed as the unknown."""
        position = position or self.start()
        tokens = self.tokenizer.encode(self._as_typed(prompt, position))
        if not tokens:
            return position
        after = self._advance(position.state, tokens, position.count, at_text_start=False)
        return _with_recent(after, (*position.recent, *tokens)[-_RECENT:])

    def stream(self, position: Position, sampling: Sampling, seed: int, words: int = 100) -> Iterator[Word]:
        """Yield one token after the other until the text ends or ``words`` words are made.

        The token at a place depends on the position and ``seed`` alone.
        """
        made = 0
        for _ in range(words * _TOKENS_PER_WORD):
            word, token = self._next(position, sampling, seed)
            made += self.begins_word(token, made)
            if made > words:
                return
            yield word
            if word.is_end:
                return
            position = word.position

    def next_words(self, position: Position, sampling: Sampling, count: int = 10) -> list[Candidate]:
        """Return the likeliest words at ``position``, the best first."""
        own, drawn = self.distributions(position, sampling)
        return list(self._candidates(own, drawn, count))

    def distributions(self, position: Position, sampling: Sampling) -> tuple[Floats, Floats]:
        """Return the model's own distribution and the one drawn from, each ``(vocabulary,)`` and summing to 1."""
        said = _said(position, sampling)
        return softmax(position.logits), filtered_probabilities(position.logits[None], sampling, said)[0]

    def complete(self, partial: str, position: Position) -> str | None:
        """Return the likeliest rest of the unfinished word ``partial`` at ``position``, or None."""
        if not partial.strip():
            return None
        leading = "" if position.at_text_start or self.tokenizer.kind == "spaces" else " "
        prefix = (" " if self.tokenizer.kind == "spaces" else leading) + partial.strip()
        tokens = self.tokenizer.completions(prefix)
        if not tokens:
            return None
        best = tokens[int(position.logits[tokens].argmax())]
        return self.tokenizer.token_text(best)[len(prefix) :]

    def unknown_spans(self, prompt: str) -> list[tuple[int, int]]:
        """Return where in ``prompt`` (character offsets) the vocabulary does not know a word."""
        return self.tokenizer.unknown_spans(prompt)

    def unknown_words(self, prompt: str) -> list[str]:
        """Return the words of ``prompt`` that the vocabulary does not know."""
        return [prompt[start:end] for start, end in self.unknown_spans(prompt)]

    def copied(self, text: str) -> tuple[int, int]:
        """Return the words of the longest stretch of ``text`` copied from the training texts, and all its words."""
        return (0, len(text.split())) if self._copies is None else self._copies.copied(text)

    def generate_many(
        self, prompt: str, sampling: Sampling, seed: int, count: int, words: int = 100
    ) -> Iterator[GeneratedText]:
        """Yield ``count`` texts as :meth:`generate_batch` makes them, as many side by side as fit in memory."""
        at_once = max(1, _LOGITS_AT_ONCE // self.predictor.vocabulary_size)
        for first in range(0, count, at_once):
            yield from self.generate_batch(prompt, sampling, seed + first, min(at_once, count - first), words)

    @torch.inference_mode()
    def generate_batch(
        self, prompt: str, sampling: Sampling, seed: int, count: int, words: int = 100
    ) -> list[GeneratedText]:
        """Make ``count`` texts side by side; text ``i`` is the one that :meth:`stream` makes with ``seed + i``."""
        prompt = clean_text(prompt)
        start = self.read(prompt)
        grown: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        for texts, tokens, chances in self._grow(start, sampling, as_seeds(seed, count), words):
            rows: Iterable[tuple[int, int, float]] = zip(texts.tolist(), tokens.tolist(), chances.tolist(), strict=True)
            for text, token, chance in rows:
                grown[text].append((token, chance))
        return [self._finished(prompt, start, said, seed + text) for text, said in enumerate(grown)]

    def _grow(
        self, start: Position, sampling: Sampling, seeds: NDArray[np.uint64], words: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
        """Yield place by place which texts got a token, ends included, the tokens and their probabilities."""
        first, later = self._beginnings
        growing: NDArray[np.int64] = np.arange(len(seeds), dtype=np.int64)
        made = np.zeros(len(seeds), dtype=np.int64)
        state = _repeat(start.state, len(seeds))
        logits = np.repeat(start.logits[None], len(seeds), axis=0)
        said = np.tile(np.array(start.recent, dtype=np.int64), (len(seeds), 1))
        for place in range(start.count, start.count + words * _TOKENS_PER_WORD):
            tokens = draw(logits, sampling, seeds[growing], place, said)
            chances = _probabilities_of(tokens, logits)
            made[growing] += np.where(made[growing] == 0, first[tokens], later[tokens])
            fits = made[growing] <= words
            yield growing[fits], tokens[fits], chances[fits]
            stays = fits & (tokens != self.tokenizer.end_id)
            if not stays.all():
                growing, tokens, said = growing[stays], tokens[stays], said[stays]
                state = _select(state, from_array(stays.nonzero()[0]))
            if not growing.size:
                return
            if sampling.repetition_penalty != 1.0:
                said = np.concatenate([said, tokens[:, None]], axis=1)[:, -_RECENT:]
            logits, state = self._read(tokens[None], state)

    def _finished(self, prompt: str, start: Position, said: list[tuple[int, float]], seed: int) -> GeneratedText:
        tokenizer = self.tokenizer
        ended = bool(said) and said[-1][0] == tokenizer.end_id
        tokens, chances = [token for token, _ in said], [chance for _, chance in said]
        if ended:
            del tokens[-1], chances[-1]
        parts = [tokenizer.token_text(token) for token in tokens]
        text = tokenizer.decode(tokens)
        if parts and tokenizer.kind == "spaces" and not start.at_text_start:
            text = f" {text}"
        elif parts and tokenizer.kind == "spaces":
            parts[0] = parts[0][1:]
        ending = "end of text" if ended else "word limit"
        return GeneratedText(prompt + text, tuple(zip(parts, chances, strict=True)), ending, seed)

    def _next(self, position: Position, sampling: Sampling, seed: int) -> tuple[Word, int]:
        rows = position.logits[None]
        tokens = draw(rows, sampling, as_seeds(seed), position.count, _said(position, sampling))
        token = int(tokens[0])
        is_end = token == self.tokenizer.end_id
        text, unfinished = self._text_of(token, position)
        logits, state = self._read(tokens[None], position.state)
        recent = () if is_end else (*position.recent, token)[-_RECENT:]
        after = Position(state, logits[0], position.count + 1, is_end, recent, () if is_end else unfinished)
        return Word(text, float(_probabilities_of(tokens, rows)[0]), position, after, is_end), token

    def _advance(self, state: Any, tokens: list[int], count: int, *, at_text_start: bool) -> Position:
        logits, state = self._read(np.array(tokens, dtype=np.int64)[:, None], state)
        return Position(state, logits[0], count + len(tokens), at_text_start)

    def _read(self, tokens: NDArray[np.int64], state: Any) -> tuple[Floats, Any]:
        """Read ``tokens`` ``(time, batch)``; return the logits ``(batch, vocabulary)``, unknown words ruled out."""
        found, state = self.predictor.read(from_array(tokens), state)
        logits: Floats = found.numpy(force=True)
        if self.tokenizer.unknown_id is not None:
            logits[:, self.tokenizer.unknown_id] = -np.inf
        return logits, state

    def _candidates(self, own: Floats, drawn: Floats, count: int) -> tuple[Candidate, ...]:
        # Tokens that cannot be drawn follow in the order of the model's own probabilities.
        merits = drawn + own * 1e-9
        count = min(count, len(merits))
        likeliest = np.argpartition(merits, -count)[-count:]
        likeliest = likeliest[np.argsort(-merits[likeliest], kind="stable")]
        rows = zip(likeliest.tolist(), own[likeliest].tolist(), drawn[likeliest].tolist(), strict=True)
        return tuple(Candidate(self._shown(token), probability, chance) for token, probability, chance in rows)

    def _shown(self, token: int) -> str:
        return "(end)" if token == self.tokenizer.end_id else self.tokenizer.token_text(token)

    def _text_of(self, token: int, position: Position) -> tuple[str, tuple[int, ...]]:
        if token == self.tokenizer.end_id:
            return "", ()
        if self.tokenizer.kind == "bpe":
            parts = (*position.unfinished, token)
            text = self.tokenizer.decode(parts)
            complete = not text.endswith("�") or len(parts) >= 4
            return (text, ()) if complete else ("", parts)
        text = self.tokenizer.token_text(token)
        # The first word of a text has no word before it to be parted from.
        return (text[1:] if position.at_text_start and self.tokenizer.kind == "spaces" else text), ()

    @cached_property
    def _beginnings(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """What :meth:`begins_word` says of each token as the first one and later."""
        tokens = range(self.predictor.vocabulary_size)
        return (
            np.array([self.begins_word(token, 0) for token in tokens]),
            np.array([self.begins_word(token, 1) for token in tokens]),
        )

    def begins_word(self, token: int, made: int) -> bool:
        """Return whether ``token`` begins a new word after ``made`` words."""
        if token == self.tokenizer.end_id:
            return False
        text = self.tokenizer.token_text(token)
        return made == 0 or (text[:1].isspace() and (self.tokenizer.kind != "words" or _has_word(text)))

    def _as_typed(self, prompt: str, position: Position) -> str:
        text = clean_text(prompt)
        parted = position.at_text_start or self.tokenizer.kind == "spaces" or not text
        return text if parted else f" {text}"


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _with_recent(position: Position, recent: tuple[int, ...]) -> Position:
    return Position(position.state, position.logits, position.count, position.at_text_start, recent)


def _said(position: Position, sampling: Sampling) -> NDArray[np.int64] | None:
    """Return the tokens ``(1, recent)`` that a repetition penalty looks back on, None without one."""
    return None if sampling.repetition_penalty == 1.0 else np.array([position.recent], dtype=np.int64)


def _repeat(state: Any, count: int) -> Any:
    if isinstance(state, Tensor):
        return state.repeat(1, count, 1)
    if isinstance(state, list):
        return cast("list[Any]", state) * count
    return tuple(_repeat(part, count) for part in state)


def _select(state: Any, rows: Tensor) -> Any:
    if isinstance(state, Tensor):
        return state[:, rows]
    if isinstance(state, list):
        return [state[row] for row in integers(rows)]
    return tuple(_select(part, rows) for part in state)


def _probabilities_of(tokens: NDArray[np.int64], logits: Floats) -> Floats:
    """Return the probability of each row's token ``(batch,)`` under ``logits`` ``(batch, vocabulary)``."""
    everyone = np.arange(len(tokens))
    if len(logits) == 1:
        top = logits.max()
        return np.exp(logits[everyone, tokens] - top) / np.exp(logits - top).sum(-1)
    # torch takes all cores for this.
    return torch.softmax(from_array(logits), -1).numpy()[everyone, tokens]


def checked_words(words: int) -> int:
    """Return ``words`` when it can be a limit; raises GenerationError otherwise."""
    if not 1 <= words <= 100_000:
        raise GenerationError(f"words must be between 1 and 100,000, but is {words}.")
    return words

"""Generation as an iterator of words, with the state in the caller's hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from ...data.cleaning import clean_text
from ...data.tokenization import Tokenizer
from ..errors import GenerationError
from .choices import Sampling, TextEnd
from .fingerprints import fingerprint
from .gluing import Gluing
from .memorization import CopiedSpan, CopyDetector, Source
from .novelty import CopyLimit, allowed_probabilities, draw_allowed
from .predictors import Floats, Predictor
from .sampling import as_seeds, draw, softmax
from .spoken import Candidate, Position, Word
from .stopping import LeastWords, StopWatch

ENDS_BY_ITSELF = TextEnd()
CLOSING = ",.;:!?…)]}%"
"""What is written right after the word before it."""
TOKENS_PER_WORD = 32
"""More tokens than this a word, and the text is ended: a model of characters may never write a space."""


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
        judge: Callable[[], Predictor] | None = None,
        keeps_spacing: bool = False,
    ) -> None:
        """Wrap a model that no longer changes."""
        self.predictor = predictor
        self.tokenizer = tokenizer
        self.label = label
        self.notice = notice
        """What the user should know about this model, if anything."""
        self.copies = copies
        """Finds what was copied from the training texts; None where they are not known."""
        self.cleaned = partial(clean_text, keep_spacing=keeps_spacing)
        """Cleans a text as those were that it learned from."""
        self._make_judge = judge

    @cached_property
    def judge(self) -> Predictor:
        """The best predictor there is of the same texts: whose surprise ranks what this one says."""
        return self.predictor if self._make_judge is None else self._make_judge()

    @cached_property
    def weights(self) -> str:
        """Hash of the model's weights: two epochs of one run have two, and a copy of a run has the same."""
        return fingerprint(self.predictor)

    @property
    def knows_line_breaks(self) -> bool:
        """Whether line breaks stand in the texts it learned from, as far as these are known."""
        return self.tokenizer.knows_line_breaks and (self.copies is None or self.copies.has_line_breaks)

    def start(self) -> Position:
        """Return the position before a text, with a fresh state."""
        fresh = Position(self.predictor.initial_state(1), 0, at_text_start=True)
        return fresh if self.tokenizer.end_id is None else self.after(fresh, [self.tokenizer.end_id])

    def read(self, prompt: str, position: Position | None = None) -> Position:
        """Feed ``prompt`` once, after ``position`` or else from a fresh state; unknown words are fed as the unknown."""
        position = position or self.start()
        tokens = self.tokenizer.encode(self.as_typed(prompt, position))
        return self.after(position, tokens) if tokens else position

    def spell(self, prompt: str, position: Position) -> list[tuple[str, int, float, Position]]:
        """Read ``prompt``; return each token's text as typed, its number, probability and the place after it."""
        text = self.as_typed(prompt, position)
        spelled: list[tuple[str, int, float, Position]] = []
        tokens = self.tokenizer.encode_with_spans(text)
        for index, (token, (first, stop)) in enumerate(tokens):
            probability = float(softmax(self.predictor.logits(position.state)[0])[token])
            position = self.after(position, [token])
            # Several byte pairs may make one character; the last of them shows it.
            shown = index + 1 == len(tokens) or tokens[index + 1][1] != (first, stop)
            spelled.append((text[first:stop] if shown else "", token, probability, position))
        return spelled

    def after(self, position: Position, tokens: list[int]) -> Position:
        """Return the position after ``tokens`` that follow ``position``."""
        state = self.predictor.read([[token] for token in tokens], position.state)
        count, said = position.count + len(tokens), position.said
        for token in tokens:
            said = None if token == self.tokenizer.end_id else (token, said)
        return Position(state, count, tokens[-1] == self.tokenizer.end_id, said)

    def logits(self, position: Position) -> Floats:
        """Return the logits of the next token ``(vocabulary,)``, minus infinity for the unknown word."""
        return self.without_unknown(self.predictor.logits(position.state))[0]

    def without_unknown(self, logits: Floats) -> Floats:
        """Rule the unknown word out of ``logits`` ``(batch, vocabulary)``, which are changed."""
        if self.tokenizer.unknown_id is not None:
            logits[:, self.tokenizer.unknown_id] = -np.inf
        return logits

    @cached_property
    def gluing(self) -> Gluing | None:
        """What keeps words apart; None where the tokens are not words, or the training texts not known."""
        if self.copies is None or self.tokenizer.kind != "words":
            return None
        return Gluing(self.copies.train, self.tokenizer)

    def stream(
        self,
        position: Position,
        sampling: Sampling,
        seed: int,
        words: int = 100,
        end: TextEnd = ENDS_BY_ITSELF,
    ) -> Iterator[Word]:
        """Yield one token after the other until the text ends as ``end`` says or ``words`` words are made.

        The token at a place depends on the position and ``seed`` alone, but that an end may have to wait. A text is
        never empty: it does not end where it begins.
        """
        least, watch = self.least_words(end), StopWatch(self.tokenizer, end.stop)
        for _ in range(words * TOKENS_PER_WORD):
            word = self._next(position, sampling, seed, waits=least.waits)
            least.sees(word.token)
            if least.made > words:
                return
            if watch.sees(word.token):
                yield replace(word, is_stop=True)
                return
            yield word
            if word.is_end:
                return
            position = word.position

    def least_words(self, end: TextEnd) -> LeastWords:
        """Return what says of a text that is being made whether its end has to wait."""
        return LeastWords(self.tokenizer, self.begins_word, end.least_words)

    def next_words(self, position: Position, sampling: Sampling, count: int = 10) -> list[Candidate]:
        """Return the likeliest words at ``position``, the best first."""
        return self.likeliest(*self.distributions(position, sampling), count)

    def likeliest(self, own: Floats, drawn: Floats, count: int) -> list[Candidate]:
        """Return the likeliest words of two distributions as :meth:`distributions` gives them, the best first."""
        # Tokens that cannot be drawn follow in the order of the model's own probabilities.
        merits = drawn + own * 1e-9
        count = min(count, len(merits))
        likeliest = np.argpartition(merits, -count)[-count:]
        likeliest = likeliest[np.argsort(-merits[likeliest], kind="stable")]
        rows = zip(likeliest.tolist(), own[likeliest].tolist(), drawn[likeliest].tolist(), strict=True)
        return [Candidate(self.shown(token), probability, chance, token) for token, probability, chance in rows]

    def distributions(self, position: Position, sampling: Sampling, *, waits: bool = False) -> tuple[Floats, Floats]:
        """Return the model's own distribution and the one drawn from, each ``(vocabulary,)`` and summing to 1.

        ``waits``: the text must not end here.
        """
        logits = self.logits(position)
        said = _said(position, sampling)
        waits = waits or position.at_text_start
        ruled_out = self._ruled_out(position, self._copied_next(position, sampling), waits=waits)
        drawn = allowed_probabilities(logits[None], [ruled_out], sampling, said)
        return softmax(logits), drawn[0]

    def shown(self, token: int) -> str:
        """Return what a list of words shows for ``token``; the end of the text is ``(end)``."""
        return "(end)" if token == self.tokenizer.end_id else self.tokenizer.token_text(token)

    def complete(self, partial: str, position: Position) -> str | None:
        """Return the likeliest rest of the unfinished word ``partial`` at ``position``, or None."""
        if not partial.strip():
            return None
        leading = "" if position.at_text_start or self.tokenizer.kind == "spaces" else " "
        prefix = (" " if self.tokenizer.kind == "spaces" else leading) + partial.strip()
        tokens = self.tokenizer.completions(prefix)
        if not tokens:
            return None
        best = tokens[int(self.logits(position)[tokens].argmax())]
        return self.tokenizer.token_text(best)[len(prefix) :]

    def unknown_spans(self, prompt: str) -> list[tuple[int, int]]:
        """Return where in ``prompt`` (character offsets) the vocabulary does not know a word."""
        return self.tokenizer.unknown_spans(prompt)

    def unknown_words(self, prompt: str) -> list[str]:
        """Return the words of ``prompt`` that the vocabulary does not know."""
        return [prompt[start:end] for start, end in self.unknown_spans(prompt)]

    def copied(self, text: str) -> tuple[int, int]:
        """Return the words of the longest stretch of ``text`` copied from the training texts, and all its words."""
        return (0, len(text.split())) if self.copies is None else self.copies.copied(text)

    def copied_spans(self, tokens: Sequence[int]) -> tuple[CopiedSpan, ...]:
        """Return the stretches of five words and more that stand in the training texts, the longest first."""
        return () if self.copies is None else self.copies.spans(tokens)

    def source(self, span: CopiedSpan) -> Source:
        """Return the training text that a stretch of :meth:`copied_spans` stands in."""
        if self.copies is None:
            raise ValueError("this generator knows no training texts")
        return self.copies.source(span)

    def begins_word(self, token: int, *, first: bool) -> bool:
        """Return whether ``token`` begins a new word; ``first``: no word was made before it."""
        return token != self.tokenizer.end_id and (first or self._begins_later[token])

    @cached_property
    def _begins_later(self) -> list[bool]:
        """Whether each token of the vocabulary begins a word after another one."""
        texts = map(self.tokenizer.token_text, range(self.tokenizer.vocabulary_size))
        words = self.tokenizer.kind == "words"
        return [text[:1].isspace() and (not words or any(map(str.isalnum, text))) for text in texts]

    def as_typed(self, prompt: str, position: Position) -> str:
        """Return ``prompt`` cleaned, parted from the words before ``position`` by a space where it needs one."""
        text = self.cleaned(prompt)
        parted = position.at_text_start or self.tokenizer.kind == "spaces" or text[:1] in CLOSING
        return text if parted else f" {text}"

    def _next(self, position: Position, sampling: Sampling, seed: int, *, waits: bool) -> Word:
        logits, said = self.logits(position), _said(position, sampling)
        token, probability = draw(logits, sampling, seed, position.count, None if said is None else said[0])
        copied = self._copied_next(position, sampling)
        waits = waits or position.at_text_start
        stepped_back = token in copied
        if stepped_back or (waits and token == self.tokenizer.end_id) or self._glues(position, token):
            ruled_out = self._ruled_out(position, copied, waits=waits)
            (token,) = draw_allowed(logits[None], [ruled_out], sampling, as_seeds(seed), position.count, said).tolist()
            probability = float(softmax(logits)[token])
        text, unfinished = self._text_of(token, position)
        after = self._step(position, token, unfinished)
        return Word(text, token, probability, position, after, after.at_text_start, stepped_back)

    def _copied_next(self, position: Position, sampling: Sampling) -> list[int]:
        """Return the tokens that would copy more than is wanted."""
        limit = self.copy_limit(sampling)
        return [] if limit is None else limit.ruled_out(position.backwards).tolist()

    def _glues(self, position: Position, token: int) -> bool:
        return self.gluing is not None and self.gluing.refuses(position.last, token)

    def _ruled_out(self, position: Position, copied: list[int], *, waits: bool) -> list[int]:
        """Return all tokens that must not come: those that copy, an end that has to wait, glued words."""
        end = self.tokenizer.end_id
        early = [end] if waits and end is not None else []
        return [*copied, *early, *([] if self.gluing is None else self.gluing.ruled_out(position.last))]

    def copy_limit(self, sampling: Sampling) -> CopyLimit | None:
        """Return what keeps a text from copying, None where it need not be kept from it.

        Raises:
            GenerationError: the training texts are not known.
        """
        if not sampling.only_new:
            return None
        if self.copies is None:
            raise GenerationError(
                "The texts of the training are not at hand, so nothing can be said to be new; leave only-new out."
            )
        return self.copies.limit(sampling.only_new)

    def _step(self, position: Position, token: int, unfinished: tuple[int, ...]) -> Position:
        state = self.predictor.read([[token]], position.state)
        if token == self.tokenizer.end_id:
            return Position(state, position.count + 1, at_text_start=True)
        return Position(state, position.count + 1, False, (token, position.said), unfinished)

    def _text_of(self, token: int, position: Position) -> tuple[str, tuple[int, ...]]:
        """Return what ``token`` adds at ``position``, and the parts of a character that is not complete yet."""
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


def _said(position: Position, sampling: Sampling) -> NDArray[np.int64] | None:
    """Return the tokens ``(1, recent)`` that a repetition penalty looks back on, None without one."""
    return None if sampling.repetition_penalty == 1.0 else np.array([position.recent], dtype=np.int64)

"""Turning texts into tokens and back, exactly, in four ways that share one file format."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, pairwise
from typing import Any, Literal, get_args

from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers import Tokenizer as Backend

from .cleaning import printable
from .faults import CorpusError
from .units import FIRST, as_written, marked_units

TokenizerKind = Literal["words", "spaces", "bpe", "chars"]
TOKENIZER_KINDS: tuple[TokenizerKind, ...] = get_args(TokenizerKind)

END_OF_TEXT = "\u0003"
"""The vocabulary's name for the end of a text: the control character ETX, which cleaned text cannot contain."""
UNKNOWN = "<unk>"
"""The vocabulary's name for unknown words. In corpora that come with it (Penn Treebank) it is that word."""

_WORDS = r" ?[\p{L}\p{M}\p{N}_]+(?:['’]\p{L}+)*| ?[^\s\p{L}\p{M}\p{N}_]+|\s+"
_PATTERNS: dict[TokenizerKind, str] = {"words": _WORDS, "spaces": " [^ ]*", "chars": r"[\s\S]"}
_DAMAGED = "The tokenizer file is damaged; restore it from a copy or train the run again."
_CUT = re.compile(r"(?<=\S)(?=\n)")
_LONG_WORD = re.compile(r"\S{256}")
_UNSOUND = re.compile(f"[{END_OF_TEXT}\ud800-\udfff]")
_CHUNK = 32_768
_BATCH_CHARACTERS = 1_000_000


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """A fitted tokenizer: plain text in, token numbers out, and exactly back for text without unknowns."""

    kind: TokenizerKind
    backend: Backend

    @property
    def vocabulary_size(self) -> int:
        """Number of different tokens, the unknown and the end of text included."""
        return self.backend.get_vocab_size()

    @cached_property
    def end_id(self) -> int | None:
        """The token that ends a text; None for texts that were joined."""
        return self.backend.token_to_id(END_OF_TEXT)

    @cached_property
    def unknown_id(self) -> int | None:
        """The token of every word outside the vocabulary; None where there can be none."""
        return None if self.kind == "bpe" else self.backend.token_to_id(UNKNOWN)

    @cached_property
    def _texts(self) -> list[str]:
        return [self._exact(index) for index in range(self.vocabulary_size)]

    def encode(self, text: str) -> list[int]:
        """Return the tokens of ``text``; words without a token of their own become the unknown, or are left out."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        if not self._has_unknown:
            vocabulary = self.backend.get_vocab(with_added_tokens=False)
            return [[vocabulary[piece] for piece, _ in self._pieces(text) if piece in vocabulary] for text in texts]
        encoded: list[list[int]] = []
        for batch in batches(texts):
            chunks = [self._chunks(_sound(text)) for text in batch]
            # In chunks and batches, because each token of an encoding takes hundreds of bytes until it is read.
            ids = (e.ids for e in self.backend.encode_batch_fast(list(chain(*chunks)), add_special_tokens=False))
            encoded += [list(chain.from_iterable(islice(ids, len(parts)))) for parts in chunks]
        return encoded

    def encode_with_spans(self, text: str) -> list[tuple[int, tuple[int, int]]]:
        """Return the tokens of ``text`` and where each stands in it (character offsets)."""
        if not self._has_unknown:
            vocabulary = self.backend.get_vocab(with_added_tokens=False)
            return [(vocabulary[piece], span) for piece, span in self._pieces(text) if piece in vocabulary]
        encoding = self.backend.encode(_sound(text), add_special_tokens=False)
        return list(zip(encoding.ids, encoding.offsets, strict=True))

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of ``tokens``; ends of text are silent."""
        spoken = [int(token) for token in tokens if token != self.end_id]
        if self.kind == "bpe":
            return printable(self.backend.decode(spoken, skip_special_tokens=False))
        text = "".join(self._texts[token] for token in spoken)
        return text.removeprefix(" ") if self.kind == "spaces" else text

    def token_text(self, token: int) -> str:
        """Return what ``token`` adds to a text, its leading space included; the end of text adds nothing.

        Parts of a character (byte pairs) show as the replacement character; join them with :meth:`decode`.
        """
        return self._texts[token]

    def unknown_spans(self, text: str) -> list[tuple[int, int]]:
        """Return where in ``text`` (character offsets) the vocabulary does not know what it reads."""
        if self.kind == "bpe":
            return []
        if self.unknown_id is not None:
            encoding = self.backend.encode(_sound(text), add_special_tokens=False)
            spans = [
                span for token, span in zip(encoding.ids, encoding.offsets, strict=True) if token == self.unknown_id
            ]
        else:
            spans = [span for piece, span in self._pieces(text) if self.backend.token_to_id(piece) is None]
        return [_without_leading_space(text, start, end) for start, end in spans if text[start:end].strip()]

    @cached_property
    def knows_line_breaks(self) -> bool:
        """Whether line breaks stand in the texts that it was fitted on, as far as it can tell: bytes know them all."""
        if self.kind == "bpe":
            return True
        return self.kind != "spaces" and any("\n" in piece for piece in self.backend.get_vocab())

    def unknown_words(self, text: str) -> list[str]:
        """Return what :meth:`unknown_spans` finds, of a text of any length."""
        if self.kind == "bpe":
            return []
        return [part[start:end] for part in self._chunks(text) for start, end in self.unknown_spans(part)]

    def completions(self, prefix: str) -> list[int]:
        """Return the tokens that begin with the unfinished word ``prefix`` and say more than it."""
        return [index for index, text in enumerate(self._texts) if len(text) > len(prefix) and text.startswith(prefix)]

    @property
    def words(self) -> list[str]:
        """The vocabulary without the unknown and the end, the commonest first."""
        special = {self.end_id, self.unknown_id}
        return [text for index, text in enumerate(self._texts) if index not in special]

    def to_json(self) -> str:
        """Return the tokenizer as one JSON document, readable by the ``tokenizers`` library."""
        return self.backend.to_str()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the document: tokens mean something only to the tokenizer that made them."""
        return hashlib.sha256(self.to_json().encode("utf-8")).hexdigest()

    @classmethod
    def from_json(cls, document: str) -> Tokenizer:
        """Rebuild a tokenizer; raises CorpusError when the document is damaged or not one of ours."""
        try:
            backend = Backend.from_str(document)
            kind = _kind_of(json.loads(document))
            numbers = sorted(backend.get_vocab().values())
        except Exception as error:
            raise CorpusError(_DAMAGED) from error
        if kind is None or numbers != list(range(len(numbers))):
            raise CorpusError(_DAMAGED)
        return cls(kind, backend)

    @property
    def _has_unknown(self) -> bool:
        return self.kind == "bpe" or self.unknown_id is not None

    def _exact(self, index: int) -> str:
        if index == self.end_id:
            return ""
        if self.kind == "bpe":
            return printable(self.backend.decode([index], skip_special_tokens=False))
        # Only `spaces` keeps every token's leading space, and with it the literal "<unk>" of its corpora.
        text = printable(self.backend.id_to_token(index) or "")
        return " " + UNKNOWN if self.kind == "spaces" and index == self.unknown_id else text

    def _pieces(self, text: str) -> list[tuple[str, tuple[int, int]]]:
        return _pieces(self.backend.pre_tokenizer, self.kind, _sound(text))

    def _chunks(self, text: str) -> list[str]:
        """Cut a long text where no token can reach across."""
        if len(text) <= _CHUNK or self.kind == "spaces":
            return [text]
        if self.kind == "chars":
            return [text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)]
        cuts = [0]
        for match in _CUT.finditer(text):
            if match.start() - cuts[-1] >= _CHUNK:
                cuts.append(match.start())
        return [text[start:stop] for start, stop in pairwise([*cuts, len(text)])]


def fit_tokenizer(
    texts: Iterable[str],
    kind: TokenizerKind = "words",
    *,
    min_count: int | None = None,
    max_vocabulary: int | None = None,
    end_of_text: bool = True,
) -> Tokenizer:
    """Fit a tokenizer on the training texts.

    ``min_count`` is how often a word (``bpe``: a pair) must occur to get a token: 2 for ``words`` and ``bpe``, else 1.
    ``max_vocabulary`` counts the unknown and the end too. Without ``end_of_text`` the vocabulary is exactly the words,
    with neither an end nor an unknown: the tutorial's.
    The vocabulary is in the order of the counts, then of the text, whatever the order of the texts.
    """
    least = min_count if min_count is not None else 2 if kind in ("words", "bpe") else 1
    if kind == "bpe":
        return _fit_byte_pairs([_sound(text) for text in texts], least, max_vocabulary, end_of_text=end_of_text)
    pre_tokenizer = pre_tokenizers.Split(Regex(_PATTERNS[kind]), "isolated")
    written = Counter(chain.from_iterable(marked_units(_sound(text)) for text in texts))
    counts: Counter[str] = Counter()
    for unit, times in written.items():
        # Only the first unit of a text is without the space that `spaces` puts in front itself.
        text = unit.removeprefix(FIRST) if kind == "spaces" else as_written(unit)
        for piece, _ in _pieces(pre_tokenizer, kind, text):
            counts[piece] += times
    specials = [UNKNOWN, END_OF_TEXT] if end_of_text else []
    if end_of_text:
        del counts[" " + UNKNOWN]  # the unknown word itself
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = [piece for piece, count in ranked if count >= least]
    vocabulary = {piece: index for index, piece in enumerate([*specials, *kept][:max_vocabulary])}
    backend = Backend(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    backend.pre_tokenizer = pre_tokenizer
    backend.decoder = decoders.Fuse()
    if kind == "spaces":
        # Each word takes a space along, the first one too, so that a word is one type wherever it stands.
        backend.normalizer = normalizers.Prepend(" ")
        backend.decoder = decoders.Sequence([decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    return Tokenizer(kind, backend)


def _fit_byte_pairs(texts: list[str], least: int, max_vocabulary: int | None, *, end_of_text: bool) -> Tokenizer:
    backend = Backend(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=max_vocabulary or _byte_pair_vocabulary(sum(map(len, texts))),
        min_frequency=least,
        special_tokens=[END_OF_TEXT] if end_of_text else [],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    # A word of a hundred thousand letters would take minutes: the trainer's time grows with the square of a word.
    backend.train_from_iterator(chain.from_iterable(map(_with_short_words, texts)), trainer)
    # As an added token the end of text could be typed; as a plain entry only its number reaches it.
    document = json.loads(backend.to_str())
    document["added_tokens"] = []
    return Tokenizer("bpe", Backend.from_str(json.dumps(document)))


def _with_short_words(text: str) -> list[str]:
    cuts = [0, *(match.end() for match in _LONG_WORD.finditer(text)), len(text)]
    return [text[start:stop] for start, stop in pairwise(cuts)]


def _byte_pair_vocabulary(characters: int) -> int:
    return 1024 if characters < 1_000_000 else 4096


def _kind_of(document: dict[str, Any]) -> TokenizerKind | None:
    # Added tokens, truncation and padding would change what a text becomes; ours never have them.
    if document["added_tokens"] or document["truncation"] or document["padding"] or document["post_processor"]:
        return None
    model, pre_tokenizer = document["model"], document["pre_tokenizer"]
    if model["type"] == "BPE":
        return "bpe" if pre_tokenizer["type"] == "ByteLevel" else None
    pattern = pre_tokenizer["pattern"]["Regex"]
    if model["type"] != "WordLevel" or model["unk_token"] != UNKNOWN:
        return None
    return next((kind for kind, own in _PATTERNS.items() if own == pattern), None)


def _pieces(
    pre_tokenizer: pre_tokenizers.PreTokenizer | None, kind: TokenizerKind, text: str
) -> list[tuple[str, tuple[int, int]]]:
    """Return the pieces of ``text`` that may become tokens, and where they stand in it."""
    if pre_tokenizer is None or not text:
        return []
    if kind != "spaces":
        return pre_tokenizer.pre_tokenize_str(text)
    pieces = pre_tokenizer.pre_tokenize_str(" " + text)
    return [(piece, (max(start - 1, 0), stop - 1)) for piece, (start, stop) in pieces]


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield ``texts`` in groups whose tokens take little memory on the way."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text)
        if characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _sound(text: str) -> str:
    """Replace what no tokenizer can take, and the end of text where it is not meant, character by character."""
    return _UNSOUND.sub("\ufffd", text)


def _without_leading_space(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    return start, end

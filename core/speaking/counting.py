"""The n-gram model of a corpus, and what of a large one is looked at where all of it has no room."""

from __future__ import annotations

from ...data.corpus import Corpus, Split, at_hand
from ...models.ngram import KneserNey

COUNTED_TOKENS = 2_500_000
"""Training tokens of a large corpus whose n-grams are counted; about 60 bytes each at the order below."""
COUNTED_ORDER = 3
KNOWN_TOKENS = 1_000_000
"""Training tokens of a large corpus that a text is compared with; about 60 bytes each."""
MEASURED_TOKENS = 400_000
"""Training tokens of a large corpus that a model is measured on: about as many as its held-out texts have."""


def count_ngrams(corpus: Corpus, order: int) -> KneserNey:
    """Count the training split's n-grams; of a large one the shorter ones of a part, as :func:`left_out_of` says."""
    train = corpus.train
    if train.is_on_disk:
        order = min(order, COUNTED_ORDER)
        train = at_hand(train, COUNTED_TOKENS)
    return KneserNey.fit(
        train.tokens,
        train.offsets,
        corpus.tokenizer.vocabulary_size,
        order=order,
        end_id=corpus.tokenizer.end_id,
    )


def counted_tokens(train: Split) -> int:
    """Return how many training tokens are counted, about."""
    return min(len(train.tokens), COUNTED_TOKENS) if train.is_on_disk else len(train.tokens)


def known_texts(train: Split) -> Split:
    """Return the training texts that copies and near texts are looked for in: all but of a large corpus."""
    return at_hand(train, KNOWN_TOKENS)


def measured_part(split: Split) -> tuple[Split, tuple[str, ...]]:
    """Return the texts of ``split`` that a model is measured on, and what is to be said where these are not all."""
    part = at_hand(split, MEASURED_TOKENS)
    if len(part.tokens) == len(split.tokens):
        return part, ()
    share = len(part.tokens) / len(split.tokens)
    return part, (f"The {split.name} texts stay on the disk; the model was measured on {share:.1%} of them.",)


def left_out_of(corpus: Corpus, order: int) -> tuple[str, ...]:
    """Return what is said about a large corpus of which only a part is counted and compared."""
    if not corpus.train.is_on_disk:
        return ()
    tokens = len(corpus.train.tokens)
    counted, known = (min(1.0, most / tokens) for most in (COUNTED_TOKENS, KNOWN_TOKENS))
    sentence = (
        f"The texts of {corpus.name} stay on the disk: all of them are trained on, n-grams of up to "
        f"{min(order, COUNTED_ORDER)} tokens are counted in {counted:.1%} of them, and copies are looked for in "
        f"{known:.1%}."
    )
    return (sentence,)

"""What a run's folder holds of its texts: the tokenizer and the tokens."""

from __future__ import annotations

from ...data.corpus import Corpus
from ...data.faults import CorpusError, ForeignTokenizerError
from ...data.sealed_corpus import read_corpus
from ...data.tokenization import Tokenizer
from ..errors import RunError
from .folder import CORPUS, TOKENIZER, Run


def load_tokenizer(run: Run) -> Tokenizer:
    """Read the run's tokenizer; raises RunError when it is missing or damaged."""
    try:
        return Tokenizer.from_json((run.path / TOKENIZER).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, CorpusError) as error:
        raise RunError(
            f"The {TOKENIZER} of the run '{run.name}' is missing or damaged; restore it from a copy."
        ) from error


def load_corpus(run: Run, tokenizer: Tokenizer) -> Corpus:
    """Read the texts the run was trained on; raises RunError when they are missing or damaged."""
    try:
        return read_corpus(run.path / CORPUS, tokenizer)
    except ForeignTokenizerError as error:
        raise RunError(
            f"The {TOKENIZER} of the run '{run.name}' is damaged or belongs to another run; restore it from a copy."
        ) from error
    except (OSError, CorpusError) as error:
        raise RunError(
            f"The {CORPUS} of the run '{run.name}' is missing or damaged; restore it from a copy."
        ) from error

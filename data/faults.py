"""What can be wrong with texts, as one plain sentence that says what to do."""


class CorpusError(Exception):
    """Texts cannot be read, fetched or trained on; ``str(error)`` is the whole message."""


class ForeignTokenizerError(CorpusError):
    """Tokens meet a tokenizer that did not make them."""

"""OpenAI's completions as data: what may be asked, and the forms of the answers and errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.speaking.choices import Sampling
from ...core.speaking.continuing import TokenChance
from ...data.cleaning import one_line

MOST_TOKENS = 4_096
"""Tokens of one text."""
_MOST_TEXTS = 16
_MOST_STOPS = 4
_MOST_CHARACTERS = 100_000
Tokens = list[Annotated[int, Field(ge=0)]]


class RefusalError(Exception):
    """A request that is not obeyed; ``str`` of it is one sentence."""

    def __init__(self, message: str, status: int = 400, parameter: str | None = None, code: str | None = None) -> None:
        """Say why, with the HTTP status and what the protocol calls ``param`` and ``code``."""
        super().__init__(message)
        self.status = status
        self.parameter = parameter
        self.code = code

    def body(self) -> dict[str, Any]:
        """Return the refusal in the protocol's form."""
        kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
        kind = kinds.get(self.status, "server_error" if self.status >= 500 else "invalid_request_error")
        return {"error": {"message": str(self), "type": kind, "param": self.parameter, "code": self.code}}


class StreamOptions(BaseModel):
    """What comes along with a stream."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    include_usage: bool = False


class CompletionRequest(BaseModel):
    """The body of ``POST /v1/completions``; what is in it is obeyed or refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    model: str
    prompt: str | Tokens | list[str] | list[Tokens] | None = ""
    max_tokens: int | None = Field(16, ge=0, le=MOST_TOKENS)
    temperature: float | None = Field(1.0, ge=0)
    top_p: float | None = 1.0
    n: int | None = Field(1, ge=1, le=_MOST_TEXTS)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    logprobs: int | None = Field(None, ge=0, le=5)
    echo: bool | None = False
    stop: str | list[str] | None = None
    seed: int | None = None
    user: str | None = None
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    # What this engine has not: only the values that ask for nothing are taken.
    best_of: int | None = None
    suffix: None = None
    presence_penalty: float | None = Field(0.0, ge=0, le=0)
    frequency_penalty: float | None = Field(0.0, ge=0, le=0)
    logit_bias: dict[str, float] | None = Field(None, max_length=0)

    @property
    def prompts(self) -> Sequence[str | list[int]]:
        """The prompts, one or several."""
        if self.prompt is None or isinstance(self.prompt, str):
            return [self.prompt or ""]
        if all(isinstance(part, int) for part in self.prompt) and self.prompt:
            return [[part for part in self.prompt if isinstance(part, int)]]
        return [part for part in self.prompt if not isinstance(part, int)]

    @property
    def stops(self) -> list[str]:
        """The texts that end an answer."""
        return [self.stop] if isinstance(self.stop, str) else self.stop or []

    @property
    def sampling(self) -> Sampling:
        """How tokens are drawn; raises SettingsError when a value makes no sense."""
        temperature = 1.0 if self.temperature is None else self.temperature
        return Sampling(
            temperature=temperature or 1.0,
            top_k=self.top_k,
            top_p=1.0 if self.top_p is None else self.top_p,
            min_p=self.min_p,
            repetition_penalty=self.repetition_penalty,
            greedy=temperature == 0,
        )


def parse(body: bytes) -> CompletionRequest:
    """Return what a body asks for; raises RefusalError with a sentence about the first thing that cannot be obeyed."""
    try:
        asked = CompletionRequest.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from error
    if len(asked.prompts) * (asked.n or 1) > _MOST_TEXTS:
        raise RefusalError(f"At most {_MOST_TEXTS} texts are made at a time; ask for fewer.", parameter="n")
    if sum(map(len, asked.prompts)) > _MOST_CHARACTERS:
        raise RefusalError(
            f"A prompt may have {_MOST_CHARACTERS:,} characters; send a shorter one.", parameter="prompt"
        )
    if len(asked.stops) > _MOST_STOPS or not all(asked.stops):
        raise RefusalError(f"stop takes up to {_MOST_STOPS} texts, none of them empty.", parameter="stop")
    if asked.best_of not in (None, asked.n):
        raise RefusalError("best_of is not offered; leave it out and choose among n.", parameter="best_of")
    return asked


def _refusal(error: ValidationError) -> RefusalError:
    first = error.errors(include_url=False)[0]
    name = one_line(str(first["loc"][0])) if first["loc"] else None
    if first["type"] == "json_invalid":
        return RefusalError("The body is no JSON object; send one as application/json.")
    if first["type"] == "extra_forbidden":
        return RefusalError(f"'{name}' is not offered; leave it out.", parameter=name)
    if first["type"] == "missing":
        return RefusalError(f"'{name}' is missing; say it.", parameter=name)
    wanted = first["msg"].removeprefix("Input ")
    return RefusalError(f"{name or 'The body'} cannot be obeyed: it {wanted[:1].lower()}{wanted[1:]}.", parameter=name)


def choice(
    index: int, text: str, ended: str | None, chances: Iterable[TokenChance] | None, offset: int
) -> dict[str, Any]:
    """Return one text of an answer, or what a stream adds to it; ``offset``: where it begins in the whole text."""
    return {
        "index": index,
        "text": text,
        "finish_reason": ended,
        "logprobs": None if chances is None else _log_probabilities(chances, offset),
    }


def _log_probabilities(chances: Iterable[TokenChance], offset: int) -> dict[str, Any]:
    found: dict[str, list[Any]] = {"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}
    for chance in chances:
        found["tokens"].append(chance.text)
        found["token_logprobs"].append(chance.log_probability)
        found["top_logprobs"].append(dict(chance.rivals))
        found["text_offset"].append(offset)
        offset += len(chance.text)
    return found


def usage(prompt: int, made: int) -> dict[str, int]:
    """Return how many tokens were read and made."""
    return {"prompt_tokens": prompt, "completion_tokens": made, "total_tokens": prompt + made}

"""OpenAI's completions for saved runs, as a Starlette app."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Iterator
from random import SystemRandom
from threading import BoundedSemaphore, Lock
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ...core.errors import PLAIN_ERRORS, RunError
from ...core.runs.folder import BEST
from ...core.runs.store import RunStore
from ...core.runs.voice import BUNDLED, has_voice
from ...core.speaking.continuing import Prompt, chances_of, continued, read_prompt
from ...core.speaking.generation import Generator
from ...core.speaking.loading import load_generator
from ...data.cleaning import one_line
from .access import Access
from .protocol import CompletionRequest, RefusalError, choice, parse, usage

_LARGEST_BODY = 1_000_000
_AT_ONCE = 4
"""Requests that are computed at a time; more are asked to come again."""
_KEPT = 4
"""Models in memory."""


class Models:
    """The runs that can be asked, the last few of them kept in memory."""

    def __init__(self, store: RunStore) -> None:
        """Serve the runs of ``store``."""
        self._store = store
        self._kept: OrderedDict[tuple[str, int], Generator] = OrderedDict()
        self._lock = Lock()

    def described(self) -> list[dict[str, Any]]:
        """Return all runs that can be asked, in the protocol's form."""
        names = [summary.name for summary in self._store.list() if summary.problem is None]
        return [self.description(name) for name in (*names, *([BUNDLED] if has_voice() else []))]

    def description(self, name: str) -> dict[str, Any]:
        """Return one run in the protocol's form; raises RefusalError when there is none of that name."""
        try:
            path = self._store.open(name).path
        except RunError as error:
            raise RefusalError(str(error), 404, "model", "model_not_found") from error
        return {"id": name, "object": "model", "created": int(path.stat().st_mtime), "owned_by": "jokegen"}

    def generator(self, name: str) -> Generator:
        """Return a run's model, read anew when there is a better one; raises RefusalError where it cannot be."""
        self.description(name)
        try:
            run = self._store.open(name)
            with self._lock:
                checkpoint = run.path / BEST
                key = (name, checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0)
                if key not in self._kept:
                    self._kept[key] = load_generator(run)
                self._kept.move_to_end(key)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
                return self._kept[key]
        except PLAIN_ERRORS as error:
            raise RefusalError(str(error), 404, "model", "model_not_found") from error


class Guard:
    """Lets a request through, or answers it with a refusal; holds the size of its body."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Stand before ``app``."""
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        headers = request.headers
        bearer = headers.get("authorization", "")
        offered = [bearer[7:].strip()] if bearer.lower().startswith("bearer ") else []
        complaint = self._access.complaint(headers.get("host", ""), headers.get("origin", ""), offered)
        if complaint is not None:
            await _refused(RefusalError(complaint[1], complaint[0]))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def completions_app(store: RunStore, access: Access) -> Starlette:
    """Return the app that answers ``/v1/models`` and ``/v1/completions``."""
    models, places = Models(store), BoundedSemaphore(_AT_ONCE)

    async def list_models(_request: Request) -> Response:
        return JSONResponse({"object": "list", "data": await run_in_threadpool(models.described)})

    async def one_model(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(models.description, str(request.path_params["name"])))

    async def complete(request: Request) -> Response:
        asked = parse(await _body(request))
        if not places.acquire(blocking=False):
            raise RefusalError("Too many requests are being answered; try again in a moment.", 429)
        answer = None
        try:
            answer = await run_in_threadpool(Answer, models, asked)
            if asked.stream:
                return _Streamed(answer, places)
            return JSONResponse(await run_in_threadpool(answer.whole))
        except PLAIN_ERRORS as error:
            raise RefusalError(str(error)) from error
        finally:
            if answer is None or not asked.stream:
                places.release()

    routes = [
        Route("/v1/models", list_models),
        Route("/v1/models/{name}", one_model),
        Route("/v1/completions", complete, methods=["POST"]),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, access=access)],
        exception_handlers={RefusalError: _on_refusal, HTTPException: _on_unknown, Exception: _on_bug},
    )


class Answer:
    """One request being answered: its prompts are read, so whatever is wrong with it was said."""

    def __init__(self, models: Models, asked: CompletionRequest) -> None:
        """Load the model and read the prompts; raises RefusalError or an error of the engine."""
        self.asked = asked
        self.sampling = asked.sampling
        self.generator = models.generator(asked.model)
        try:
            self.prompts = [read_prompt(self.generator, prompt) for prompt in asked.prompts]
        except ValueError as error:
            raise RefusalError(f"The prompt cannot be read: {error}.", parameter="prompt") from error
        self.seed = SystemRandom().randrange(2**31) if asked.seed is None else asked.seed
        self.read, self.made = sum(len(prompt.ids) for prompt in self.prompts), 0
        texts = [prompt for prompt in asked.prompts if isinstance(prompt, str)]
        unknown = [one_line(word) for text in texts for word in self.generator.unknown_words(text)]
        self._head: dict[str, Any] = {
            "id": f"cmpl-{uuid4().hex}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": asked.model,
            "system_fingerprint": self.generator.weights,
            **({"unknown_words": unknown} if unknown else {}),
        }

    def whole(self) -> dict[str, Any]:
        """Return the answer in one piece."""
        texts: dict[int, dict[str, Any]] = {}
        for part in self._parts():
            known = texts.setdefault(part["index"], part)
            if known is not part:
                _add(known, part)
        return self._with({"choices": [*texts.values()], "usage": usage(self.read, self.made)})

    def chunks(self) -> Iterator[str]:
        """Yield the answer as server-sent events."""
        with_usage = self.asked.stream_options is not None and self.asked.stream_options.include_usage
        none = {"usage": None} if with_usage else {}
        for part in self._parts():
            yield _event(self._with({"choices": [part], **none}))
        if with_usage:
            yield _event(self._with({"choices": [], "usage": usage(self.read, self.made)}))
        yield "data: [DONE]\n\n"

    def _with(self, rest: dict[str, Any]) -> dict[str, Any]:
        return {**self._head, **rest}

    def _parts(self) -> Iterator[dict[str, Any]]:
        """Yield pieces of all texts, one text after the other."""
        count = self.asked.n or 1
        for number, prompt in enumerate(self.prompts):
            for draw in range(count):
                yield from self._one(number * count + draw, prompt, self.seed + draw)

    def _one(self, index: int, prompt: Prompt, seed: int) -> Iterator[dict[str, Any]]:
        asked, rivals = self.asked, self.asked.logprobs
        offset = len(prompt.text)
        if asked.echo:
            chances = None if rivals is None else chances_of(self.generator, prompt, rivals)
            yield choice(index, prompt.text, None, chances, 0)
        limit = 16 if asked.max_tokens is None else asked.max_tokens
        for piece in continued(self.generator, prompt, self.sampling, seed, limit, asked.stops, rivals):
            self.made += piece.made
            yield choice(index, piece.text, piece.ended, None if rivals is None else piece.tokens, offset)
            offset += len(piece.text)


def _add(known: dict[str, Any], part: dict[str, Any]) -> None:
    known["text"] += part["text"]
    known["finish_reason"] = part["finish_reason"]
    if part["logprobs"] is not None:
        for name, values in part["logprobs"].items():
            known["logprobs"][name] += values


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"


class _Streamed(StreamingResponse):
    """An answer as server-sent events; its place is free again when the last is sent or the client is gone."""

    def __init__(self, answer: Answer, places: BoundedSemaphore) -> None:
        super().__init__(iterate_in_threadpool(answer.chunks()), media_type="text/event-stream")
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._places.release()


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusalError("Only application/json is read; say so in the content-type.", 415)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            raise RefusalError(f"The request is larger than {_LARGEST_BODY:,} bytes; send a shorter one.", 413)
    return bytes(body)


def _refused(refusal: RefusalError) -> Response:
    return JSONResponse(refusal.body(), refusal.status)


async def _on_refusal(_request: Request, error: Exception) -> Response:
    return _refused(error if isinstance(error, RefusalError) else RefusalError(str(error), 500))


async def _on_unknown(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _refused(RefusalError("There is /v1/models and, to post to, /v1/completions; nothing else is here.", status))


async def _on_bug(_request: Request, error: Exception) -> Response:
    return _refused(RefusalError(f"Something went wrong inside JokeGen ({type(error).__name__}).", 500))

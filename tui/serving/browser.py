"""The app in a browser: textual-serve, let in by a token, one process a session and not too many of them."""

from __future__ import annotations

import asyncio
import copy
import shlex
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from textual_serve.server import Server

from .access import Access

_COOKIE = "jokegen-token"
_SOCKET = "/ws"
_TOKEN = "token"  # noqa: S105 - the name it has in an address
_APP = (sys.executable, "-c", "from jokegen.tui.main import main; main()")
_OWN_PLACE_ONLY = "default-src 'self' 'unsafe-inline' data: blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BrowserServer(Server):
    """Serves the app to those whom ``access`` lets in."""

    def __init__(self, access: Access, port: int, sessions: int) -> None:
        """Allow that many sessions at a time."""
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - a PathLike of its own without a parameter
            shlex.join(_APP), host=access.host, port=port, title="JokeGen"
        )
        self._access = access
        self._most = sessions
        self._sessions: set[asyncio.Task[Any]] = set()

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app.middlewares.append(guard)
        return app

    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        asked = request.query.get(_TOKEN, "")
        offered = [asked, request.cookies.get(_COOKIE, "")]
        complaint = self._access.complaint(request.headers.get("Host", ""), request.headers.get("Origin", ""), offered)
        if complaint is not None:
            status, sentence = complaint
            more = (
                f" It belongs at the end of the address: ?{_TOKEN}=…"
                if status == web.HTTPUnauthorized.status_code
                else ""
            )
            return web.Response(status=status, text=f"{sentence}{more}\n")
        if asked:
            # From now on the browser shows it by itself, and it stands in no address.
            moved = web.HTTPSeeOther(request.path)
            moved.set_cookie(_COOKIE, asked, httponly=True, samesite="Strict")
            return moved
        return await (self._session(request, handler) if request.path == _SOCKET else handler(request))

    async def handle_index(self, request: web.Request) -> Any:
        """Answer with the page, whose addresses are those that the browser came by."""
        page = copy.copy(self)
        page.public_url = f"{request.scheme}://{request.host}"
        answer = await Server.handle_index(page, request)
        # The page of textual-serve would fetch a font from a stranger, who then knows of each visit.
        answer.headers["Content-Security-Policy"] = _OWN_PLACE_ONLY
        return answer

    async def _session(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Run the app for one session, where there are not as many as may be."""
        task = asyncio.current_task()
        if task is None or len(self._sessions) >= self._most:
            return web.Response(status=503, text="As many sessions are open as are allowed; close one or come later.\n")
        self._sessions.add(task)
        try:
            return await handler(request)
        finally:
            self._sessions.discard(task)

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the verb has said it."""

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002
        """End all sessions; each saves what it trains."""
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def run(self, listener: Any) -> None:
        """Serve at a bound socket until interrupted."""
        web.run_app(self._make_app(), sock=listener, print=None, access_log=None)

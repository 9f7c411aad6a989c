"""``jokegen-tui serve``: the app in a browser, or saved runs for programs that speak OpenAI's completions."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

import click

from ...data.sources.confinement import VARIABLE as TEXTS
from ..serving.access import Access, is_loopback
from .options import debug_option
from .output import notice
from .program import DONE

_LEAST_TOKEN = 8
_SESSIONS = 4
_EPILOG = """\b
Examples:
  jokegen-tui serve
  jokegen-tui serve --texts ~/jokes --sessions 20
  jokegen-tui serve --api
  JOKEGEN_TOKEN=... jokegen-tui serve --host 0.0.0.0 --port 8080
"""


@click.command(epilog=_EPILOG, short_help="Offer the app in a browser, or runs to other programs.")
@click.option("--api", is_flag=True, help="Answer OpenAI's completions instead of offering the app.")
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen at; 0 takes a free one.",
)
@click.option(
    "--token",
    metavar="TOKEN",
    envvar="JOKEGEN_TOKEN",
    show_envvar=True,
    help="What others must show; needed beyond this machine.",
)
@click.option(
    "--sessions", type=click.IntRange(1, 1000), help="How many may use the app at the same time.  [default: 4]"
)
@click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="The only folder the app may read texts from.  [default: none]",
)
@debug_option
def serve(api: bool, host: str, port: int, token: str | None, sessions: int | None, texts: Path | None) -> int:
    """Offer the app in a browser, or answer OpenAI's completions with saved runs, until Ctrl-C.

    Only this machine can reach it unless --host says another address, and then only who knows the token. Who uses the
    app sees, changes and deletes the runs of this account.
    """
    if api and (sessions is not None or texts is not None):
        raise click.UsageError("--sessions and --texts belong to the app; leave them out with --api.")
    if token is not None and len(token) < _LEAST_TOKEN:
        raise click.UsageError(f"A token has {_LEAST_TOKEN} characters or more, so that nobody guesses it.")
    if not is_loopback(host) and token is None:
        raise click.UsageError(f"{host} is reached from other machines: choose a token with --token or JOKEGEN_TOKEN.")
    with _listening(host, port) as listener:
        access = Access(host, token)
        if api:
            _serve_api(listener, access)
        else:
            _serve_app(listener, access, sessions or _SESSIONS, texts)
    notice("Stopped.")
    return DONE


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such address"
        raise click.ClickException(
            f"{host}, port {port} cannot be listened at ({reason}); choose another with --host or --port."
        ) from error


def _serve_api(listener: socket.socket, access: Access) -> None:
    from ...core.home import runs_folder
    from ...core.runs.store import RunStore

    try:
        import uvicorn

        from ..serving.endpoints import completions_app
    except ImportError as error:
        raise _lacking("api") from error
    app = completions_app(RunStore(runs_folder()), access)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    _announce("OpenAI's completions", listener, access, "/v1")
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _serve_app(listener: socket.socket, access: Access, sessions: int, texts: Path | None) -> None:
    try:
        from ..serving.browser import BrowserServer
    except ImportError as error:
        raise _lacking("serve") from error
    # The app of a session is a process of its own and inherits this.
    os.environ[TEXTS] = "" if texts is None else str(texts.resolve())
    os.environ.pop("JOKEGEN_TOKEN", None)
    server = BrowserServer(access, listener.getsockname()[1], sessions)
    _announce("the app", listener, access, "/" if access.token is None else "/?token=…")
    with suppress(KeyboardInterrupt):
        server.run(listener)


def _announce(what: str, listener: socket.socket, access: Access, path: str) -> None:
    who = "this machine only" if is_loopback(access.host) else "whoever knows the token, unencrypted"
    shown = f"[{access.host}]" if ":" in access.host else access.host
    notice(f"Serving {what} to {who}, at http://{shown}:{listener.getsockname()[1]}{path} (Ctrl-C ends it)")


def _lacking(extra: str) -> click.ClickException:
    return click.ClickException(f"This needs more packages; install them with: pip install 'jokegen[{extra}]'.")

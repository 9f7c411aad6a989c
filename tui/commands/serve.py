"""``jokegen-tui serve``: the app in a browser, or saved runs for programs that speak OpenAI's completions."""

from __future__ import annotations

import socket

import click

from ..serving.access import Access, is_loopback
from .options import debug_option
from .output import notice
from .program import DONE

_LEAST_TOKEN = 8
_EPILOG = """\b
Examples:
  jokegen-tui serve --api
  JOKEGEN_TOKEN=... jokegen-tui serve --api --host 0.0.0.0 --port 8080
"""


@click.command(epilog=_EPILOG, short_help="Answer OpenAI's completions with saved runs.")
@click.option("--api", is_flag=True, help="Answer /v1/models and /v1/completions of OpenAI's protocol.")
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
@debug_option
def serve(api: bool, host: str, port: int, token: str | None) -> int:
    """Answer OpenAI's completions with saved runs, until Ctrl-C.

    Only this machine can reach it unless --host says another address, and then only who knows the token.
    """
    if not api:
        raise click.UsageError("Say what to serve: --api.")
    if token is not None and len(token) < _LEAST_TOKEN:
        raise click.UsageError(f"A token has {_LEAST_TOKEN} characters or more, so that nobody guesses it.")
    if not is_loopback(host) and token is None:
        raise click.UsageError(f"{host} is reached from other machines: choose a token with --token or JOKEGEN_TOKEN.")
    with _listening(host, port) as listener:
        _serve_api(listener, Access(host, token))
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
    port = listener.getsockname()[1]
    shown = f"[{access.host}]" if ":" in access.host else access.host
    who = "this machine only" if is_loopback(access.host) else "whoever knows the token"
    notice(f"Serving OpenAI's completions to {who}, at http://{shown}:{port}/v1 (Ctrl-C ends it)")
    app = completions_app(RunStore(runs_folder()), access)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        notice("Stopped.")


def _lacking(extra: str) -> click.ClickException:
    return click.ClickException(f"This needs more packages; install them with: pip install 'jokegen[{extra}]'.")

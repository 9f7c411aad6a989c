"""``serve``: the app over a web socket, as a browser has it; who is refused, and that what is trained is saved."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from command_line import PROGRAM, environment, run_cli
from jokegen.core.runs.folder import Run

TOKEN = "open sesame"


@contextmanager
def _serving(home: Path, *arguments: str | Path) -> Iterator[str]:
    """Run the program; yields its address, and holds that it ends well when it is interrupted."""
    command = [str(PROGRAM), "serve", "--port", "0", *(str(part) for part in arguments)]
    server = subprocess.Popen(command, env=environment(home), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        port = server.stderr.readline().rpartition(":")[2].partition("/")[0]
        yield f"127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        out, rest = server.communicate(timeout=60)
    assert (server.returncode, rest, out) == (0, "Stopped.\n", "")


async def _seen(socket: aiohttp.ClientWebSocketResponse, *wanted: str) -> str:
    """Read what the app paints until all of ``wanted`` came by."""
    painted = ""
    async with asyncio.timeout(60):
        while not all(text in painted for text in wanted):
            message = await socket.receive()
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), (message, painted[-300:])
            if message.type is aiohttp.WSMsgType.BINARY:
                painted += message.data.decode("utf-8", "replace")
    return painted


async def _type(socket: aiohttp.ClientWebSocketResponse, keys: str) -> None:
    await socket.send_json(["stdin", keys])


async def test_a_session_trains_from_the_folder_of_texts_and_closing_it_saves(tmp_path: Path, corpus: Path) -> None:
    home, texts = tmp_path / "home", tmp_path / "texts"
    texts.mkdir()
    home.mkdir()
    shutil.copy(corpus, texts / "tiny.csv")
    chosen = {"source": "tiny.csv", "max_epochs": "100000", "preset": "small", "tokenizer": "words"}
    (home / "preferences.json").write_text(json.dumps({"new_run": chosen}), encoding="utf-8")
    runs = home / "runs"
    with _serving(home, "--texts", texts, "--sessions", "1") as address:
        async with (
            aiohttp.ClientSession(headers={"Origin": f"http://{address}"}) as client,
            client.ws_connect(f"http://{address}/ws?width=100&height=30") as socket,
        ):
            await _seen(socket, "JokeGen")
            async with client.get(f"http://{address}/ws") as answer:
                assert (answer.status, "sessions" in await answer.text()) == (503, True)
            await _type(socket, "n")
            await _seen(socket, "tiny.csv")
            await socket.send_json(["resize", {"width": 120, "height": 40}])
            await _type(socket, "\r")
            async with asyncio.timeout(60):
                while not [*runs.glob("*/samples.jsonl")]:
                    await asyncio.sleep(0.1)
        (path,) = runs.glob("[!.]*")
        run = Run(path)
        for _ in range(600):
            if not run.in_training():
                break
            await asyncio.sleep(0.1)
        assert run.resumable
        assert run.info.source.endswith("tiny.csv")


async def test_the_page_is_for_this_machine_and_its_own_origin(tmp_path: Path) -> None:
    with _serving(tmp_path) as address:
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://{address}/") as page:
                assert f"ws://{address}/ws" in await page.text()
            async with client.get(f"http://{address}/", headers={"Host": "evil.example"}) as page:
                assert page.status == 403
            for place in ("/", "/ws", "/static/js/textual.js"):
                async with client.get(f"http://{address}{place}", headers={"Origin": "http://evil.example"}) as page:
                    assert (page.status, "other sites" in await page.text()) == (403, True)
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await client.ws_connect(f"http://{address}/ws", headers={"Origin": "http://evil.example"})
        second = run_cli(tmp_path, "serve", "--port", address.partition(":")[2])
        assert (second.exit_code, second.stderr.count("\n")) == (1, 1)


async def test_beyond_this_machine_the_token_opens_the_page_and_leaves_the_address(tmp_path: Path) -> None:
    with _serving(tmp_path, "--host", "0.0.0.0", "--token", TOKEN) as address:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            for shown in ("", "?token=wrong"):
                async with client.get(f"http://{address}/{shown}") as page:
                    assert (page.status, "token" in await page.text()) == (401, True)
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await client.ws_connect(f"http://{address}/ws")
            async with client.get(f"http://{address}/", params={"token": TOKEN}) as page:
                assert (page.status, str(page.url)) == (200, f"http://{address}/")
            async with client.ws_connect(f"http://{address}/ws") as socket:
                await _seen(socket, "JokeGen")
                with suppress(ConnectionError):  # the session ends, the server goes on
                    await _type(socket, "x" * 10_000_000)
            async with client.get(f"http://{address}/") as page:
                assert page.status == 200

"""``serve`` in a real Chromium: open, train, prompt, resize, close; what is trained is saved, nobody else is asked."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from jokegen.core.runs.folder import Run
from test_cli_serve_app import _serving

playwright = pytest.importorskip("playwright.async_api", reason="a browser is driven by playwright")

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(90):
        while not condition():
            await asyncio.sleep(0.1)


@pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed")
async def test_a_person_trains_prompts_and_closes_the_page(tmp_path: Path, corpus: Path) -> None:
    home, texts = tmp_path / "home", tmp_path / "texts"
    for folder in (home, texts):
        folder.mkdir()
    shutil.copy(corpus, texts / "tiny.csv")
    chosen = {"source": "tiny.csv", "max_epochs": "100000", "preset": "small", "tokenizer": "words"}
    (home / "preferences.json").write_text(json.dumps({"new_run": chosen}), encoding="utf-8")
    painted: list[str] = []
    sent: list[str] = []
    asked: list[str] = []
    refused: dict[str, str | None] = {}

    def listen(socket: playwright.WebSocket) -> None:
        socket.on("framereceived", lambda data: painted.append(data if isinstance(data, str) else data.decode(errors="replace")))  # fmt: skip  # noqa: E501
        socket.on("framesent", lambda data: sent.append(str(data)))

    def shown(text: str) -> bool:
        return text in "".join(painted)

    with _serving(home, "--texts", texts) as address:
        async with playwright.async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=_CHROMIUM, args=_QUIETLY)
            page = await browser.new_page(viewport={"width": 1000, "height": 640})
            page.on("websocket", listen)
            page.on("requestfailed", lambda request: refused.update({request.url: request.failure}))
            page.on("request", lambda request: asked.append(request.url))
            await page.goto(f"http://{address}/", wait_until="domcontentloaded")
            await _until(lambda: shown("JokeGen"))
            assert await page.locator("body.-first-byte").count() == 1
            await page.locator(".xterm-helper-textarea").focus()
            await page.keyboard.press("n")
            await _until(lambda: shown("tiny.csv"))
            await page.keyboard.press("Enter")
            await _until(lambda: [*home.glob("runs/*/samples.jsonl")])

            await _until(lambda: shown("pause"))  # a key of the screen behind the dialog
            before = len(sent)
            painted.clear()
            await page.set_viewport_size({"width": 1300, "height": 800})
            await _until(lambda: any('"resize"' in message for message in sent[before:]) and shown("pause"))

            async with asyncio.timeout(90):
                while not shown("did the chicken"):  # what stands in the empty line
                    await page.keyboard.press("F3")  # a page that is still being laid out may miss a key
                    await asyncio.sleep(2)
            await page.keyboard.type("Why did the hen")
            await page.keyboard.press("Enter")
            await _until(lambda: any("Why did the hen" in talk.read_text() for talk in home.glob("talks/*.jsonl")))
            await browser.close()
        (path,) = (home / "runs").glob("[!.]*")
        run = Run(path)
        await _until(lambda: not run.in_training())
        assert run.resumable
        assert run.info.status == "stopped"
    assert asked
    elsewhere = [url for url in asked if address not in url and not url.startswith(("data:", "blob:"))]
    assert {url: refused.get(url) for url in elsewhere} == dict.fromkeys(elsewhere, "csp")

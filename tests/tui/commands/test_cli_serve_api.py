"""``serve --api``, asked by OpenAI's own client and by those who must not be answered."""

from __future__ import annotations

import http.client
import json
import math
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openai
import pytest
import uvicorn
from command_line import PROGRAM, RUN, Trained, environment, run_cli
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.continuing import continued, read_prompt
from jokegen.core.speaking.generation import Generator
from jokegen.core.speaking.loading import load_generator
from jokegen.tui.serving.access import Access
from jokegen.tui.serving.endpoints import completions_app

PROMPT = "Why did the hen cross"
PLAIN = Sampling(temperature=1.0, top_p=1.0)


@contextmanager
def _served(home: Path, access: Access) -> Iterator[int]:
    config = uvicorn.Config(completions_app(RunStore(home / "runs"), access), port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def port(trained: Trained) -> Iterator[int]:
    """A server of the trained run."""
    with _served(trained.home, Access("127.0.0.1")) as port:
        yield port


@pytest.fixture(scope="module")
def client(port: int) -> Iterator[openai.OpenAI]:
    """The official client."""
    with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def generator(trained: Trained) -> Generator:
    """The same run, asked without a server."""
    return load_generator(RunStore(trained.home / "runs").open(RUN))


def _text(generator: Generator, seed: int, limit: int) -> str:
    position = generator.read(PROMPT)
    words = [word for word, _ in zip(generator.stream(position, PLAIN, seed, limit), range(limit), strict=False)]
    return "".join(word.text for word in words)


def test_the_runs_are_the_models(client: openai.OpenAI) -> None:
    assert RUN in [model.id for model in client.models.list()]
    assert client.models.retrieve(RUN).owned_by == "jokegen"


def test_the_same_seed_says_what_the_run_says_whole_and_streamed(client: openai.OpenAI, generator: Generator) -> None:
    asked = {"model": RUN, "prompt": PROMPT, "max_tokens": 12, "seed": 5}
    whole = client.completions.create(**asked, n=2)
    assert [choice.text for choice in whole.choices] == [_text(generator, seed, 12) for seed in (5, 6)]
    assert whole.usage is not None
    assert whole.usage.prompt_tokens == len(generator.tokenizer.encode(PROMPT))
    pieces = [*client.completions.create(**asked, stream=True, stream_options={"include_usage": True})]
    assert "".join(piece.choices[0].text for piece in pieces[:-1]) == whole.choices[0].text
    assert pieces[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert 0 < pieces[-1].usage.completion_tokens <= 12


def test_tokens_are_counted_echoed_and_weighed(client: openai.OpenAI, generator: Generator) -> None:
    ids = generator.tokenizer.encode(PROMPT)
    (choice,) = client.completions.create(
        model=RUN, prompt=[ids], max_tokens=3, temperature=0, logprobs=2, echo=True
    ).choices
    assert choice.text.startswith(PROMPT)
    weighed = choice.logprobs
    assert "".join(weighed.tokens) == choice.text
    for offset, token in zip(weighed.text_offset, weighed.tokens, strict=True):
        assert choice.text.startswith(token, offset)
    spelled = generator.spell(PROMPT, generator.start())
    for (_, _, probability, _), found in zip(spelled, weighed.token_logprobs, strict=False):
        assert found == pytest.approx(math.log(probability), abs=1e-4)
    for chosen, rivals in zip(weighed.token_logprobs[len(ids) :], weighed.top_logprobs[len(ids) :], strict=True):
        assert len(rivals) == 2
        assert max(rivals.values()) == pytest.approx(chosen, abs=1e-5)  # greedy


def test_a_text_ends_before_the_first_stop(generator: Generator) -> None:
    whole = _text(generator, 5, 30)
    prompt = read_prompt(generator, PROMPT)
    for stops in ([whole[4:7]], [whole[9], whole[5:8]], [whole[6:9] + "§"], ["the", " "], [whole[-2:]]):
        pieces = [*continued(generator, prompt, PLAIN, 5, 30, stops)]
        ends = [place for stop in stops if (place := whole.find(stop)) >= 0]
        assert "".join(piece.text for piece in pieces) == (whole[: min(ends)] if ends else whole)
        assert [piece.ended is None for piece in pieces] == [True] * (len(pieces) - 1) + [False]


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 1_000_000}, "max_tokens"),
        ({"n": 100}, "n"),
        ({"temperature": -1}, "temperature"),
        ({"prompt": "why " * 50_000}, "prompt"),
        ({"prompt": [10**9]}, "prompt"),
        ({"presence_penalty": 1.0}, "presence_penalty"),
        ({"best_of": 3}, "best_of"),
        ({"stop": ["a"] * 9}, "stop"),
        ({"extra_body": {"mirostat": 2}}, "mirostat"),
        ({"extra_body": {"top_k": -5}}, None),
    ],
)
def test_what_is_not_offered_is_refused_in_a_sentence(
    client: openai.OpenAI, asked: dict[str, object], parameter: str | None
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.completions.create(**{"model": RUN, "prompt": PROMPT, **asked})
    assert caught.value.param == parameter
    assert caught.value.body["message"].endswith((".", "?"))


def test_a_model_that_is_not_there_is_asked_for_by_its_nearest_name(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match=f"did you mean '{RUN}'") as caught:
        client.completions.create(model="frist", prompt=PROMPT)
    assert caught.value.code == "model_not_found"
    for name in ("../first", "..", "%2e%2e"):
        with pytest.raises(openai.NotFoundError):
            client.completions.create(model=name, prompt=PROMPT)


def _ask(port: int, body: bytes = b"", **headers: str) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
    try:
        connection.request("POST", "/v1/completions", body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        sentence = json.loads(answer.read()).get("error", {}).get("message", "")
        return answer.status, sentence, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def test_strangers_are_refused_and_the_server_goes_on(port: int, client: openai.OpenAI) -> None:
    body = json.dumps({"model": RUN, "prompt": PROMPT}).encode()
    status, sentence, headers = _ask(port, body, Origin="http://evil.example")
    assert (status, "other sites" in sentence) == (403, True)
    assert not [name for name in headers if name.startswith("access-control")]
    assert _ask(port, body, Host="evil.example")[0] == 403
    assert _ask(port, body, **{"Content-Type": "text/plain"})[0] == 415
    assert _ask(port, b"{" * 10)[0] == 400
    assert _ask(port, b"[" * 100_000)[0] == 400
    status, sentence, _ = _ask(port, b'{"model": "first", "prompt": "' + b"a" * 900_000 + b'"}')
    assert (status, "shorter" in sentence) == (400, True)
    assert client.completions.create(model=RUN, prompt=PROMPT, max_tokens=1).choices


def test_ten_megabytes_are_not_read(port: int) -> None:
    try:
        status, sentence, _ = _ask(port, b" " * 10_000_000)
    except (BrokenPipeError, ConnectionResetError):
        return  # the answer came before all was sent
    assert (status, "larger" in sentence) == (413, True)


def test_beyond_this_machine_the_token_is_needed(trained: Trained) -> None:
    with _served(trained.home, Access("0.0.0.0", "open sesame")) as port:
        address = f"http://127.0.0.1:{port}/v1"
        stranger = openai.OpenAI(base_url=address, api_key="wrong", max_retries=0)
        with stranger, pytest.raises(openai.AuthenticationError, match="token"):
            stranger.models.list()
        with openai.OpenAI(base_url=address, api_key="open sesame", max_retries=0) as friend:
            assert friend.completions.create(model=RUN, prompt=PROMPT, max_tokens=1).choices


@pytest.mark.parametrize(
    ("arguments", "telling"),
    [
        (["--api", "--sessions", "5"], "belong to the app"),
        (["--api", "--host", "0.0.0.0"], "token"),
        (["--api", "--token", "short"], "characters"),
        (["--api", "--host", "no such place"], "no such place"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(tmp_path: Path, arguments: list[str], telling: str) -> None:
    result = run_cli(tmp_path, "serve", *arguments)
    assert result.exit_code in (1, 2)
    assert result.stderr.count("\n") == 1
    assert telling in result.stderr


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = run_cli(tmp_path, "serve", "--api", "--port", "0")
    assert (result.exit_code, "jokegen[api]" in result.stderr) == (1, True)


def test_the_program_serves_until_it_is_interrupted_and_a_second_one_says_who_is_there(trained: Trained) -> None:
    server = subprocess.Popen(
        [str(PROGRAM), "serve", "--api", "--port", "0"],
        env=environment(trained.home),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = server.stderr.readline()
        port = line.split(":")[-1].split("/")[0]
        with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=3) as client:
            assert client.completions.create(model=RUN, prompt=PROMPT, max_tokens=1).choices
        second = run_cli(trained.home, "serve", "--api", "--port", port)
        assert (second.exit_code, second.stderr.count("\n")) == (1, 1)
        assert port in second.stderr
    finally:
        server.send_signal(signal.SIGINT)
        _, rest = server.communicate(timeout=90)
    assert (server.returncode, rest) == (0, "Stopped.\n")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_reads_a_stream(port: int, generator: Generator) -> None:
    asked = {"model": RUN, "prompt": PROMPT, "max_tokens": 4, "seed": 1, "stream": True}
    command = [
        "curl",
        "--silent",
        "--no-buffer",
        "--json",
        json.dumps(asked),
        f"http://127.0.0.1:{port}/v1/completions",
    ]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    parts = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    assert "".join(part["choices"][0]["text"] for part in parts) == _text(generator, 1, 4)

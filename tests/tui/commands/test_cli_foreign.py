"""A run from a stranger: whatever stands in its files, every verb gives text or one sentence, never more."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from command_line import RUN, run_cli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jokegen.core.errors import RunError
from jokegen.core.runs.folder import Run

HOSTILE = ("\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "a\nb\tc", "\u202eevil", "[/bold]", "x" * 200_000, "../../etc")
VERBS: tuple[tuple[str, ...], ...] = (
    ("runs",),
    ("runs", "--json"),
    ("runs", "show", RUN),
    ("runs", "show", RUN, "--json"),
    ("generate", "Why did", "--run", RUN, "--words", "3", "--seed", "1"),
    ("evaluate", "--run", RUN),
    ("score", "--run", RUN, "Why did the hen"),
)
numbers = st.one_of(
    st.integers(-2, 5), st.sampled_from([2**31, 2**63, 10**400, -(10**400), 1e300, -0.0]), st.floats(), st.booleans()
)
strings = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8))
values = st.recursive(
    st.one_of(st.none(), numbers, strings),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=6,
)
few = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(home: Path, arguments: Sequence[str | Path]) -> None:
    """Call a verb; it must end in words."""
    result = run_cli(home, *arguments)
    assert result.exit_code in (0, 1, 2), (arguments, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    for stream in (result.stdout, result.stderr):
        assert "Something went wrong inside" not in stream, (arguments, stream)
        assert "Traceback" not in stream
        assert not {char for char in stream if ord(char) < 32 and char != "\n"} - {"\t"}, (arguments, stream[:500])
        assert not set(stream) & set("\x7f\x9b\x07\u202e\u2066"), (arguments, stream[:500])
    if result.exit_code != 0:
        assert len(result.stderr.splitlines()) <= 3
        assert len(result.stderr) < 2000, arguments


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value of a JSON document."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths_of(inner, (*path, key))
    return found


def value_at(document: Any, path: tuple[Any, ...]) -> Any:
    """Return the value that stands at one place."""
    for key in path:
        document = document[key]
    return document


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a JSON document with another value at one place."""
    copy = json.loads(json.dumps(document))
    value_at(copy, path[:-1])[path[-1]] = value
    return copy


@pytest.mark.parametrize("verb", VERBS, ids=[" ".join(verb[:3]) for verb in VERBS])
def test_whatever_stands_in_run_json(home: Path, verb: tuple[str, ...]) -> None:
    path = home / "runs" / RUN / "run.json"
    plain = json.loads(path.read_text(encoding="utf-8"))
    places = paths_of(plain)

    @few
    @given(st.sampled_from(places), values, st.booleans())
    def tried(place: tuple[Any, ...], value: Any, missing: bool) -> None:
        document = changed(plain, place, value)
        if missing and len(place) == 1:
            del document[place[0]]
        path.write_text(json.dumps(document), encoding="utf-8")
        check(home, verb)

    tried()


def test_no_string_of_a_run_steers_the_terminal(home: Path) -> None:
    """All of them at once that may be any text, so that none is left out by chance."""
    path = home / "runs" / RUN / "run.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    free: list[tuple[Any, ...]] = []
    for place in paths_of(document):
        hostile = changed(document, place, HOSTILE[0])
        path.write_text(json.dumps(hostile), encoding="utf-8")
        with suppress(RunError):
            if isinstance(value_at(document, place), str) and Run(path.parent).info.figures("test") is not None:
                free.append(place)
    for place in free:
        document = changed(document, place, f"{HOSTILE[0]}\x9b{place[-1]}")
    assert ("test", "split") in free
    document["settings"]["where"] = []
    path.write_text(json.dumps(document), encoding="utf-8")
    for verb in VERBS:
        check(home, verb)
    assert "]0;ownedsplit" in run_cli(home, "runs", "show", RUN).stdout


@few
@given(
    st.lists(st.tuples(st.sampled_from(["step", "epoch", "novelty", 7]), st.dictionaries(strings, values)), max_size=4)
)
def test_whatever_stands_in_metrics_and_samples(home: Path, lines: list[tuple[Any, dict[str, Any]]]) -> None:
    known = {"step": 10**400, "epoch": 1e300, "loss": "\x1b[2J", "text": "\x1b]0;owned\x07", "copied": -(10**400)}
    text = "".join(json.dumps({**known, **line, "kind": kind}) + "\n" for kind, line in lines)
    run = home / "runs" / RUN
    for file in ("metrics.jsonl", "samples.jsonl"):
        (run / file).write_text(text + '{"kind": "step", "step": 1, "loss": NaN}\n[[[[', encoding="utf-8")
    for verb in (("runs",), ("runs", "show", RUN), ("runs", "show", RUN, "--json")):
        check(home, verb)


@pytest.mark.parametrize("file", ["best.safetensors", "corpus.safetensors", "tokenizer.json"])
def test_a_file_that_is_cut_or_changed_anywhere(home: Path, file: str) -> None:
    path = home / "runs" / RUN / file
    plain = path.read_bytes()

    @few
    @given(st.integers(0, len(plain) - 1), st.binary(min_size=1, max_size=9), st.booleans())
    def tried(at: int, other: bytes, cut: bool) -> None:
        path.write_bytes(plain[:at] if cut else plain[:at] + other + plain[at + len(other) :])
        check(home, ("generate", "Why did", "--run", RUN, "--words", "2", "--seed", "1"))
        check(home, ("evaluate", "--run", RUN))

    tried()


@few
@given(st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets", "\x1b[2J"]), values))
def test_a_header_that_lies_about_sizes(home: Path, lie: dict[str, Any]) -> None:
    path = home / "runs" / RUN / "best.safetensors"
    header = json.dumps({"embedding.weight": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]} | lie})
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode() + b"\0" * 4)
    check(home, ("generate", "Why did", "--run", RUN, "--words", "2", "--seed", "1"))


def test_a_network_of_a_size_that_no_memory_has_is_refused_before_it_is_built(home: Path) -> None:
    path = home / "runs" / RUN / "run.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["model"] |= {"hidden_size": 2**28, "embedding_size": 2**28, "layers": 1000}
    document["status"] = "stopped"
    path.write_text(json.dumps(document), encoding="utf-8")
    for verb in (*VERBS, ("train", "--resume", RUN)):
        check(home, verb)


@few
@given(
    st.binary(max_size=200),
    st.sampled_from(["run.json", "../run.json", "a/run.json", "/run.json", "first/first/run.json"]),
)
def test_an_archive_of_a_stranger(tmp_path: Path, content: bytes, name: str) -> None:
    archive = tmp_path / "foreign.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr(name, content)
        written.writestr("first/\x1b[2J", b"x")
    check(tmp_path / "home", ("runs", "import", archive))
    assert not (tmp_path / "run.json").exists()


def test_a_training_goes_on_only_from_a_recipe_that_it_understands(home: Path) -> None:
    path = home / "runs" / RUN / "run.json"
    document = json.loads(path.read_text(encoding="utf-8")) | {"status": "stopped"}
    for recipe in (
        {},
        {"preset": "small"},
        document["recipe"] | {"warp": 9},
        document["recipe"] | {"layout": "spiral"},
    ):
        path.write_text(json.dumps(document | {"recipe": recipe}), encoding="utf-8")
        check(home, ("train", "--resume", RUN))

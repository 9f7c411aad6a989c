"""The rules that keep the house in order: who may import whom, what loads when, and what is nowhere."""

import ast
import functools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("data", "models", "core", "tui")
FRONT_DOOR = ("core/interface.py", "core/__init__.py")
STOREYS = (
    ("data", "models"),
    ("core",),
    ("core/runs",),
    ("core/speaking",),
    ("core/keeping",),
    ("core/training",),
    FRONT_DOOR,
    ("tui",),
)
"""From the ground up: a file imports from its own storey and from those below."""
TORCH_ROOMS = ("core/training", "models/losses", "models/networks.py")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@functools.cache
def parsed(path):
    """Return the text of a file and its syntax tree."""
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def storey_of(name):
    """Return the number of the storey that a file or package belongs to: that of the deepest room that holds it."""
    rooms = [
        (len(room), number)
        for number, rooms in enumerate(STOREYS)
        for room in rooms
        if f"{name}/".startswith(f"{room}/")
    ]
    return max(rooms)[1]


@functools.cache
def imports(path):
    """Return (absolute module name or None, path of our file or package or None) of every import in the file."""
    return list(importing(path))


def importing(path):
    place = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(parsed(path)[1]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module, None
        elif isinstance(node, ast.ImportFrom):
            base = place[: len(place) - node.level]
            module = (*base, *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                inner = (*module, alias.name)
                is_module = (ROOT.joinpath(*inner).with_suffix(".py")).exists() or ROOT.joinpath(*inner).is_dir()
                yield None, "/".join(inner if is_module else module)


def wrong_imports(path):
    """Yield what a file imports and must not."""
    name = name_of(path)
    mine = storey_of(name if name in FRONT_DOOR else name.removesuffix("/__init__.py"))
    package = path.relative_to(ROOT).parts[0]
    for absolute, ours in imports(path):
        if ours is not None:
            if storey_of(ours) > mine or (package in ("data", "models") and not ours.startswith(package)):
                yield name, ours
        else:
            top = absolute.partition(".")[0]
            if top == "jokegen" or (package != "tui" and top in ("textual", "rich", "click", "textual_plot")):
                yield name, absolute


def test_imports_point_down_and_are_relative_within_the_house():
    assert [wrong for path in SOURCES for wrong in wrong_imports(path)] == []


def test_torch_is_where_networks_are_trained_and_nowhere_else():
    elsewhere = [path for path in SOURCES if not name_of(path).startswith(TORCH_ROOMS)]
    found = [
        (name_of(path), absolute)
        for path in elsewhere
        for absolute, _ in imports(path)
        if (absolute or "").partition(".")[0] == "torch"
    ]
    assert found == []


@pytest.mark.parametrize("room", ["tui/talk", "tui/charts"])
def test_talk_and_charts_know_no_widget(room):
    for path in sorted((ROOT / room).rglob("*.py")):
        for absolute, ours in imports(path):
            assert not (absolute or "").startswith(("textual.widget", "textual.app", "textual.screen")), name_of(path)
            assert not (ours or "").startswith(("tui/widgets", "tui/screens")), name_of(path)


def stem_of(name):
    """Return the first word of a module's name, in the singular."""
    return name.split("_")[0].removesuffix("s")


def test_no_two_modules_share_a_stem():
    """A verb and a screen are named after what they do; everything else has a name of its own."""
    faces = ("tui/commands/", "tui/screens/")
    stems = {}
    for path in SOURCES:
        if path.name != "__init__.py" and not name_of(path).startswith(faces):
            stems.setdefault(stem_of(path.stem), []).append(name_of(path))
    assert [paths for paths in stems.values() if len(paths) > 1] == []


@pytest.mark.parametrize(("folder", "most"), [("core", 300), ("tui/screens", 350)])
def test_a_file_of_the_engine_is_not_two_and_neither_is_a_screen(folder, most):
    lengths = {name_of(path): len(parsed(path)[0].splitlines()) for path in SOURCES if name_of(path).startswith(folder)}
    assert {name: length for name, length in lengths.items() if length > most} == {}


EXECUTES = {("torch", "load"), ("torch", "save"), ("np", "load"), ("pd", "read_pickle")}


def executing(path):
    """Yield what in a file could execute what stands on the disk."""
    for absolute, _ in imports(path):
        top = (absolute or "").partition(".")[0]
        if top in ("pickle", "shelve", "marshal", "dill", "joblib", "cloudpickle"):
            yield name_of(path), top
    for node in ast.walk(parsed(path)[1]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in EXECUTES:
                yield name_of(path), f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("eval", "exec", "__import__"):
            yield name_of(path), ast.unparse(node.func)


def test_nothing_on_disk_is_ever_executed():
    assert [found for path in SOURCES for found in executing(path)] == []


def test_an_exception_from_the_checks_names_what_it_allows():
    blanket = re.compile(r"#\s*(?:type:\s*ignore(?!\[)|pyright:\s*ignore(?!\[)|noqa(?!:\s*[A-Z]))")
    assert [name_of(path) for path in SOURCES if blanket.search(parsed(path)[0])] == []


THREAD_MODULES = {"threading", "concurrent", "multiprocessing", "_thread", "asyncio", "os"}
MAKES_THREADS = {
    "Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "Process", "Pool", "ThreadPool", "Manager",
    "start_new_thread", "start_new", "start_joinable_thread", "to_thread", "fork", "forkpty", "posix_spawn",
}  # fmt: skip
LOOKS_UP = {"import_module", "getattr"}


def thread_makers(tree):
    """Yield what in a file makes a thread or a process, whichever way and under whichever name it is imported."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            top = (node.module or "").partition(".")[0]
            modules.add(top)
            if top in THREAD_MODULES:
                yield from (alias.name for alias in node.names if alias.name in MAKES_THREADS | {"*"})
    asked = modules & THREAD_MODULES
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr == "run_in_executor" or (asked and node.attr in MAKES_THREADS)
        ):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in LOOKS_UP:
            told = {each.value for each in node.args if isinstance(each, ast.Constant)}
            yield from (str(value) for value in told if value in THREAD_MODULES | MAKES_THREADS)


def test_threads_are_made_in_the_session_alone():
    """Others use core/training/session.py or a Textual worker; asyncio.to_thread belongs to the screens."""
    found = {}
    for path in SOURCES:
        made = set(thread_makers(parsed(path)[1]))
        if name_of(path).startswith("tui/"):
            made -= {"to_thread"}
        if made and name_of(path) != "core/training/session.py":
            found[name_of(path)] = made
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "import threading\nthreading.Thread(target=print).start()",
        "from threading import Thread",
        "from concurrent.futures import ThreadPoolExecutor as Pool",
        "import concurrent.futures\nconcurrent.futures.ThreadPoolExecutor()",
        "import asyncio\nasyncio.to_thread(print)",
        "loop.run_in_executor(None, print)",
        "import threading as t\nt.Thread(target=print).start()",
        "from concurrent import futures\nfutures.ThreadPoolExecutor()",
        "from multiprocessing.pool import ThreadPool",
        "from asyncio import to_thread",
        "from threading import *",
        "import threading\nclass Mine(threading.Thread): ...",
        "import threading\nthreading.Timer(1.0, print)",
        "import multiprocessing\nmultiprocessing.get_context('spawn').Process(target=print)",
        "import multiprocessing as many\nhow = many.get_context()\nhow.Pool(2)",
        "import _thread\n_thread.start_new_thread(print, ())",
        "import os\nos.fork()",
        "from os import fork",
        "import importlib\nimportlib.import_module('threading')",
        "import threading\ngetattr(threading, 'Thread')(target=print)",
    ],
)
def test_the_rule_about_threads_sees_every_way_to_make_one(code):
    assert list(thread_makers(ast.parse(code)))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_loads_nothing_by_itself(package):
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    body = tree.body if package != "core" else tree.body[:1]
    assert [type(node) for node in body] == [ast.Expr]
    assert not {"torch", "numpy", "pandas"} & loaded(f"import jokegen.{package}")


def loaded(statements):
    """Run ``statements`` in a fresh interpreter and return the modules that are loaded at the end."""
    code = f"import sys\n{statements}\nprint('\\n' + ' '.join(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_app_opens_before_torch_and_pandas_are_loaded():
    modules = loaded("import jokegen.tui.app")
    assert "textual" in modules
    assert not {"torch", "pandas", "tokenizers", "numpy"} & modules


def test_help_needs_neither_torch_nor_textual():
    modules = loaded(
        "sys.argv = ['jokegen-tui', '--help']\n"
        "from jokegen.tui.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    )
    assert "click" in modules
    assert not {"torch", "textual", "pandas", "tokenizers", "numpy", "pydantic"} & modules


def test_what_must_be_light_is():
    names = ("core.errors", "core.events", "core.settings", "core.home", "core.described", "core.pace", "data.cleaning")
    light = (
        *names,
        "core.runs.files",
        "core.runs.status",
        "core.speaking.choices",
        "models.configuration",
        "models.presets",
    )
    modules = loaded("\n".join(f"import jokegen.{name}" for name in light))
    assert not {"torch", "pandas", "numpy", "pydantic", "textual", "rich"} & modules


SPEAKING = {
    "generate": ["generate", "Why did the", "--run", "finished", "--words", "5", "--seed", "1"],
    "generate many": ["generate", "--run", "finished", "--count", "3", "--json", "--words", "5"],
    "generate with n-grams": ["generate", "--run", "finished", "--mix", "--words", "5"],
    "score": ["score", "A duck walks into a bar.", "--run", "finished"],
    "evaluate": ["evaluate", "--run", "finished"],
    "runs": ["runs"],
    "kept": ["generate", "Why did the", "--run", "finished", "--words", "5", "--keep"],
    "runs show": ["runs", "show", "finished"],
}


@pytest.mark.parametrize("arguments", SPEAKING.values(), ids=SPEAKING)
def test_who_only_speaks_loads_neither_torch_nor_pandas(arguments, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests" / "fixtures" / "runs-0.1.0" / "finished", tmp_path / "runs" / "finished")
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path))
    modules = loaded(
        f"sys.argv = ['jokegen-tui', *{arguments!r}]\n"
        "from jokegen.tui.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    )
    assert "jokegen.core.runs.folder" in modules
    assert not {"torch", "pandas", "textual"} & modules


def test_talking_to_a_saved_run_in_the_app_loads_no_torch(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests" / "fixtures" / "runs-0.1.0" / "finished", tmp_path / "runs" / "finished")
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path))
    modules = loaded(
        "import asyncio\n"
        "from jokegen.tui.app import JokegenApp\n"
        "async def talk():\n"
        "    app = JokegenApp(run='finished')\n"
        "    async with app.run_test(size=(100, 30)) as pilot:\n"
        "        await pilot.press('f3')\n"
        "        while app.screen.talker is None:\n"
        "            await pilot.pause(0.05)\n"
        "        await pilot.press(*'Why did', 'enter')\n"
        "        while not (app.screen.desk.turns and app.screen.desk.turns[-1].words):\n"
        "            await pilot.pause(0.05)\n"
        "        await pilot.press('escape')\n"
        "asyncio.run(talk())"
    )
    assert "textual" in modules
    assert "torch" not in modules

"""The rules that keep the house in order: who may import whom, what loads when, and what is nowhere."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("data", "models", "core", "tui")
MAY_IMPORT = {"data": {"data"}, "models": {"models"}, "core": {"data", "models", "core"}, "tui": set(PACKAGES)}
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def name_of(path):
    return str(path.relative_to(ROOT))


def imports(path):
    """Yield (absolute module name or None, our package or None, line) of every import, wherever in the file."""
    place = ("jokegen", *path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module, None
        elif isinstance(node, ast.ImportFrom):
            base = place[: len(place) - node.level]
            for alias in node.names:
                full = (*base, *(node.module or alias.name).split("."))
                yield None, full[1] if len(full) > 1 else "jokegen"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_one_way_and_are_relative_within_the_house(path):
    package = path.relative_to(ROOT).parts[0]
    for absolute, ours in imports(path):
        if ours is not None:
            assert ours in MAY_IMPORT[package], f"{package} must not import {ours}"
        else:
            top = absolute.partition(".")[0]
            assert top != "jokegen", f"import {absolute} relatively"
            if package != "tui":
                assert top not in ("textual", "rich", "click", "textual_plot"), f"{package} must not import {top}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_on_disk_is_ever_executed(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for absolute, _ in imports(path):
        top = (absolute or "").partition(".")[0]
        assert top not in ("pickle", "shelve", "marshal", "dill", "joblib", "cloudpickle")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in (
                ("torch", "load"),
                ("torch", "save"),
                ("np", "load"),
                ("pd", "read_pickle"),
            )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec", "__import__")


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_an_exception_from_the_checks_names_what_it_allows(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"#\s*type:\s*ignore(?!\[)", text)
    assert not re.search(r"#\s*pyright:\s*ignore(?!\[)", text)
    assert not re.search(r"#\s*noqa(?!:\s*[A-Z])", text)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_threads_are_made_in_the_session_alone(path):
    if name_of(path) == "core/training/session.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "threading":
            assert node.attr != "Thread", "use core/training/session.py or a Textual worker"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_loads_nothing_by_itself(package):
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    assert [type(node) for node in tree.body] == [ast.Expr]


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
    assert not {"torch", "pandas", "tokenizers", "textual_plot"} & modules - {"textual_plot"}


def test_help_needs_neither_torch_nor_textual():
    modules = loaded(
        "sys.argv = ['jokegen-tui', '--help']\n"
        "from jokegen.tui.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    )
    assert "click" in modules
    assert not {"torch", "textual", "pandas", "tokenizers"} & modules


def test_what_must_be_light_is():
    names = (
        "core.errors",
        "core.events",
        "core.settings",
        "core.home",
        "core.runs.store",
        "core.runs.files",
        "data.cleaning",
    )
    modules = loaded("\n".join(f"import jokegen.{name}" for name in (*names, "models.configuration", "models.presets")))
    assert not {"torch", "pandas", "textual", "rich"} & modules

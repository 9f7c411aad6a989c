"""The file in which a person sets keys: a table for each place, and for each action a key or a list of keys."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from ..data.cleaning import one_line
from ..data.nearness import advice

_MODIFIERS = {"ctrl", "shift", "alt", "meta", "super", "hyper"}
_KNOWN = {key.value for key in Keys} | {*KEY_NAME_REPLACEMENTS.values()} | {f"f{number}" for number in range(1, 25)}
_MOST = 64 * 1024
"""Bytes of the file."""


@dataclass(frozen=True)
class Keymap:
    """The keys that a person set, by the names of the bindings, and what of the file is not obeyed."""

    keys: Mapping[str, str]
    problems: tuple[str, ...] = ()


def read_keymap(path: Path, places: Sequence[Sequence[BindingType]]) -> Keymap:
    """Read ``keys.toml`` for the bindings of ``places``; without the file all keys stay.

    What is wrong is left out and said in a sentence; the rest counts.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST + 1)
        if len(text) > _MOST:
            return Keymap({}, (f"{path.name} is too large to be a list of keys; all keys stay as they are.",))
        tables = cast("dict[str, object]", tomllib.loads(text.decode("utf-8")))
    except FileNotFoundError:
        return Keymap({})
    except OSError as error:
        return Keymap({}, (f"{path.name} cannot be read ({one_line(error.strerror or '')}); all keys stay.",))
    except ValueError as error:
        return Keymap({}, (f"{path.name} is not valid TOML ({one_line(str(error))}); all keys stay as they are.",))
    problems: list[str] = []
    names = {name: binding.key for bindings in places for name, binding in _named(bindings)}
    keys: dict[str, str] = {}
    for name, value in _settings(tables):
        problem = _problem(name, value, names)
        if problem:
            problems.append(f"{path.name}: {problem}")
        else:
            keys[name] = ",".join(_listed(value))
    for bindings in places:
        problems += [f"{path.name}: {clash}" for clash in _clashes(bindings, keys)]
    return Keymap(keys, tuple(problems))


def template(places: Sequence[Sequence[BindingType]]) -> str:
    """Return a ``keys.toml`` with every action and the keys that it has, all lines commented out."""
    lines = ["# Take the mark away from a line and change its keys.", ""]
    place = ""
    seen: set[str] = set()
    for bindings in places:
        for name, binding in _named(bindings):
            if name in seen:
                continue
            seen.add(name)
            table, action = name.split(".", 1)
            if table != place:
                lines += [*([""] if place else []), f"[{table}]"]
                place = table
            keys = ", ".join(f'"{key}"' for key in binding.key.split(","))
            lines.append(f"# {action} = [{keys}]  # {binding.tooltip or binding.description}")
    return "\n".join(lines) + "\n"


def _named(bindings: Sequence[BindingType]) -> Iterator[tuple[str, Binding]]:
    for binding in bindings:
        if isinstance(binding, Binding) and binding.id is not None:
            yield binding.id, binding


def _settings(tables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for place, actions in tables.items():
        if isinstance(actions, dict):
            for action, value in cast("dict[str, object]", actions).items():
                yield f"{place}.{action}", value
        else:
            yield place, actions


def _listed(value: object) -> list[str]:
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item.strip() for item in values if isinstance(item, str) and item.strip()]


def _problem(name: str, value: object, names: Mapping[str, str]) -> str:
    """Say what is wrong with one line of the file; nothing where nothing is."""
    if name not in names:
        near = advice(name, names, "'jokegen-tui keys' lists the names.")
        return f"there is no action named {one_line(name)}; {near}"
    listed = _listed(value)
    if not listed or (isinstance(value, list) and len(cast("list[object]", value)) != len(listed)):
        return f'{name} wants a key or a list of keys, as in "ctrl+r" or ["left", "h"].'
    for key in listed:
        if not _is_key(key):
            return f"'{one_line(key)}' of {name} is not a key; keys are written as in a, left, f5, ctrl+r or shift+tab."
    return ""


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+") if key != "+" else ["plus"]
    if not set(modifiers) <= _MODIFIERS:
        return False
    return len(last) == 1 or last in _KNOWN or key_to_character(last) is not None


def _clashes(bindings: Sequence[BindingType], keys: Mapping[str, str]) -> Iterator[str]:
    """Yield where a key that was set stood for something else at the same place."""
    owners: dict[str, str] = {}
    for name, binding in sorted(_named(bindings), key=lambda named: named[0] not in keys):
        for key in keys.get(name, binding.key).split(","):
            owner = owners.setdefault(key, name)
            if owner != name and owner in keys:
                yield f"'{one_line(key)}' is now {owner}, so {name} has lost it."

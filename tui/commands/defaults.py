"""``settings.toml``: what a person wants the options of the verbs to be where they are not given."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import click

from ...core.errors import SettingsError
from ...data.cleaning import one_line
from ...data.nearness import advice
from .command_tree import commands_of

FILE = "settings.toml"
_LARGEST = 64 * 1024
"""Bytes of the file."""
_NEVER = ("help", "version", "debug")
_Kinds = tuple[tuple[type, ...], str]
_TEXT: _Kinds = ((str,), "a text in quotation marks")
_KINDS: dict[str, _Kinds] = {
    "integer": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "boolean": ((bool,), "true or false"),
}
"""What click's types are in TOML; all others are texts."""


def read_defaults(path: Path, program: click.Group, context: click.Context, verb: str) -> dict[str, Any]:
    """Return the defaults that the file sets for one verb, as click takes them; without a file there are none.

    Raises:
        SettingsError: the file cannot be read, or has something for this verb, or for no verb, that cannot be obeyed.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{_shown(path)} cannot be read ({one_line(error.strerror or '')}).") from error
    if len(content) > _LARGEST:
        raise SettingsError(f"{_shown(path)} is too large to be a file of settings; make it shorter.")
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise SettingsError(f"{_shown(path)} is not valid TOML: {one_line(str(error))}.") from error
    names = program.list_commands(context)
    for name, table in tables.items():
        if name not in names or not isinstance(table, dict):
            otherwise = f"a table is named after a verb, as in [{verb}]."
            raise SettingsError(
                f"{_shown(path)}: there is no verb '{one_line(name)}'; {advice(name, names, otherwise)}"
            )
    command = program.get_command(context, verb)
    if verb not in tables or command is None:
        return {}
    try:
        return {verb: _obeyed(tables[verb], command, click.Context(command, context, verb))}
    except SettingsError as error:
        raise SettingsError(f"{_shown(path)}: {error}") from error


def template(program: click.Group, context: click.Context) -> str:
    """Return a settings.toml with every option of every verb, all lines commented out."""
    lines: list[str] = []
    for verb, command in commands_of(program, context):
        options = [
            f"# {name} = {_example(option)}  # {' '.join((option.help or '').split())}"
            for name, option in _options(command).items()
        ]
        if options:
            lines += [f"[{verb.replace(' ', '.')}]", *options, ""]
    return "\n".join(lines)


def _shown(path: Path) -> str:
    return one_line(str(path))


def _options(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a verb by the names they have in the file."""
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    named = {_name(option): option for option in options}
    return {name: option for name, option in named.items() if name not in _NEVER}


def _name(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-")


def _obeyed(table: Mapping[str, Any], command: click.Command, context: click.Context) -> dict[str, Any]:
    """Return the table with the names that click has; raises SettingsError about the first mistake in it."""
    options = _options(command)
    verbs = command.list_commands(context) if isinstance(command, click.Group) else []
    taken: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        inner = command.get_command(context, key) if isinstance(command, click.Group) and key in verbs else None
        if inner is not None and isinstance(value, dict):
            taken[key] = _obeyed(cast("dict[str, Any]", value), inner, click.Context(inner, context, key))
        elif name in options:
            option = options[name]
            taken[option.name or name] = _checked(value, option, context)
        else:
            near = advice(name, [*options, *verbs], f"see 'jokegen-tui {context.info_name} --help'.")
            raise SettingsError(f"there is no option '{one_line(key)}' of '{context.info_name}'; {near}")
    return taken


def _checked(value: object, option: click.Option, context: click.Context) -> object:
    name = _name(option)
    values = cast("list[object]", value) if option.multiple and isinstance(value, list) else [value]
    kinds, words = _KINDS.get(option.type.name.removesuffix(" range"), _TEXT)
    for one in values:
        if not isinstance(one, kinds) or (isinstance(one, bool) and bool not in kinds):
            shown = one_line(json.dumps(one, default=str))[:80]
            raise SettingsError(f"{name} of '{context.info_name}' must be {words}, but is {shown}.")
    chosen = values if option.multiple else values[0]
    try:
        option.type_cast_value(context, chosen)
    except click.BadParameter as error:
        raise SettingsError(f"{name} of '{context.info_name}' cannot be so: {error.message.rstrip('.')}.") from error
    return chosen


def _example(option: click.Option) -> str:
    if option.is_flag:
        return "true"
    if isinstance(option.type, click.Choice):
        return " | ".join(json.dumps(str(choice)) for choice in option.type.choices)
    default = cast("object", option.default)
    if isinstance(default, int | float):
        return json.dumps(default)
    return option.metavar or option.type.name.upper()

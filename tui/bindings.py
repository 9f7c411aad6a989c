"""The keys of the app: one way to write a binding, and how keys and pairs of keys are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import format_key


def key(
    name: str,
    keys: str,
    action: str,
    label: str,
    meaning: str,
    *,
    shown: bool = True,
    display: str | None = None,
    first: bool = False,
) -> Binding:
    """Return a binding that can be set in ``keys.toml``.

    Args:
        name: what the file calls it, ``place.what-it-does``.
        keys: one key, or several with commas.
        action: the action of the widget or screen.
        label: a word or two for the footer; neighbours with one label are shown as one.
        meaning: a sentence for the help.
        shown: whether it stands in the footer.
        display: the keys as the footer shows them, for those that stand for their neighbours too.
        first: whether it goes before what the widget with the focus would do.
    """
    return Binding(keys, action, label, show=shown, key_display=display, priority=first, tooltip=meaning, id=name)


@dataclass(frozen=True)
class Entry:
    """What one or several neighbouring keys do."""

    keys: tuple[str, ...]
    """As they are typed, ready to be shown."""
    meaning: str


def entries(bindings: Sequence[BindingType], keymap: Mapping[str, str]) -> Iterator[Entry]:
    """Yield what the keys of a place do as ``keymap`` has them; neighbours with one label are one entry."""
    gathered: list[tuple[str, list[str], str]] = []
    seen: set[str] = set()
    for binding in bindings:
        if not isinstance(binding, Binding):
            raise TypeError(binding)
        if binding.id in seen:  # the same key under another label, for another state
            continue
        seen |= {binding.id} if binding.id is not None else set()
        keys = [show_key(key) for key in keymap.get(binding.id or "", binding.key).split(",")]
        if gathered and gathered[-1][0] == binding.description:
            gathered[-1][1].extend(key for key in keys if key not in gathered[-1][1])
        else:
            gathered.append((binding.description, keys, binding.tooltip or binding.description))
    for _, keys, meaning in gathered:
        digits = [key for key in keys if key.isdigit()]
        if len(digits) > 2:
            keys = [f"{digits[0]}-{digits[-1]}", *(key for key in keys if not key.isdigit())]  # noqa: PLW2901
        yield Entry(tuple(keys), meaning)


def show_key(key: str) -> str:
    """Return a key as it is written in the help."""
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, format_key(last) if last else "+"])

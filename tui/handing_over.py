"""From a widget to its app, and from a worker's thread back to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual.worker import NoActiveWorker, get_current_worker  # pyright: ignore[reportUnknownVariableType]

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.worker import Worker

    from ..data.advance import Work

Result = TypeVar("Result")
_SECONDS_BETWEEN_WORDS = 0.5


def app_of(node: DOMNode) -> App[object]:
    """The app of a widget or screen, with a type that is known whole."""
    return cast("App[object]", node.app)  # pyright: ignore[reportUnknownMemberType]


def cancel(node: DOMNode, group: str) -> None:
    """Tell the workers of a node that nobody waits for them any more."""
    node.workers.cancel_group(node, group)  # pyright: ignore[reportUnknownMemberType]


def is_cancelled() -> bool:
    """From a worker's thread: whether nobody waits for it any more; never so elsewhere."""
    try:
        return cast("Worker[Any]", get_current_worker()).is_cancelled
    except NoActiveWorker:
        return False


def hand_over(node: DOMNode, show: Callable[..., object], *values: object) -> None:
    """From a worker's thread: have the screen call ``show(*values)`` soon, unless the worker was cancelled.

    It does not wait: a thread that waits for a screen which is closing would keep the process alive for ever. And a
    screen that is closing shows nothing any more: its widgets are taken away one by one.
    """
    try:
        worker = cast("Worker[Any]", get_current_worker())
    except NoActiveWorker:
        return
    if not worker.is_cancelled:
        node.call_later(_show, node, show, values)


def done_telling(node: DOMNode, work: Work[Result], show: Callable[[str], object]) -> Result | None:
    """From a worker's thread: do the work and have the screen say now and then how far it has come.

    None where nobody waits for it any more; what is done of a large file by then stays on the disk.
    """
    said_at = 0.0
    while True:
        try:
            progress = next(work)
        except StopIteration as end:
            return end.value
        if is_cancelled():
            work.close()
            return None
        if time.monotonic() - said_at >= _SECONDS_BETWEEN_WORDS:
            said_at = time.monotonic()
            hand_over(node, show, progress.sentence)


def _show(node: DOMNode, show: Callable[..., object], values: tuple[object, ...]) -> object:
    return show(*values) if node.is_attached and app_of(node).is_running else None

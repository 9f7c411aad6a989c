"""The last line of a screen: its keys, as many as fit whole."""

from __future__ import annotations

from textual.widgets import Footer
from textual.widgets._footer import FooterKey  # pyright: ignore[reportPrivateImportUsage]

_ALWAYS = 2
"""How many of the last keys stay in any case: help, which lists the others, and the way out."""


class KeyLine(Footer):
    """A footer that leaves out whole keys where there is no room, rather than cutting one."""

    def __init__(self) -> None:
        """The keys of the screen that it stands on."""
        super().__init__(compact=True)

    def on_resize(self) -> None:
        """More or fewer keys fit."""
        self.call_after_refresh(self._fit)

    async def recompose(self) -> None:
        """Other keys do something now."""
        await super().recompose()
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        keys = [key for key in self.query(FooterKey) if not key.has_class("-command-palette")]
        taken = [_width(key) for key in keys]
        palette = sum(key.outer_size.width for key in self.query(FooterKey) if key.has_class("-command-palette"))
        room = self.content_size.width - palette
        shown = [True] * len(keys)
        # From the right, but for the last ones: the first are those that change what goes on.
        for place in range(len(keys) - _ALWAYS - 1, -1, -1):
            if sum(width for width, stays in zip(taken, shown, strict=True) if stays) <= room:
                break
            shown[place] = False
        for key, stays in zip(keys, shown, strict=True):
            key.display = stays


def _width(key: FooterKey) -> int:
    """The cells that a key takes with the gap after it."""
    margin = key.styles.margin
    return len(key.key_display) + 1 + len(key.description) + margin.left + margin.right

"""The style sheet of the app, which is parsed once and not anew for every screen that is opened."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class ParsedStylesheet(Stylesheet):
    """Parses what is new; textual's own parses everything again whenever a screen brings rules or is first shown.

    What was parsed stays true until the variables change, with the theme.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        """Take the variables of the theme."""
        super().__init__(variables=variables)
        self._parsed_with = dict(variables)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the variables of the theme; those that it has already cost nothing."""
        if variables != self._parsed_with:
            super().set_variables(variables)
            self._parsed_with = dict(variables)

    def reparse(self) -> None:
        """Parse what was not parsed with these variables."""
        self.parse()

"""Who may reach a server: on loopback whoever is on this machine, elsewhere whoever knows the token; no web page."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_LOCAL = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Return whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """What a request must show to be answered."""

    host: str
    """The address that is served."""
    token: str | None = None

    def complaint(self, host: str, origin: str, offered: Iterable[str]) -> tuple[int, str] | None:
        """Return the HTTP status and a sentence where a request is refused, else None.

        ``host`` and ``origin`` are its headers, ``offered`` the tokens it shows.
        """
        name = _name_of(host)
        # A page's name that was pointed to this machine (DNS rebinding) is still that page's name.
        if is_loopback(self.host) and name not in (*_LOCAL, self.host):
            return 403, "This server answers to localhost only; use that name in the address."
        if origin and urlsplit(origin).netloc.lower() != host.lower():
            return 403, "Pages of other sites are not answered."
        if self.token is not None and not any(_same(token, self.token) for token in offered):
            return 401, "The token is missing or wrong; ask whoever started this server for it."
        return None


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same(offered: str, token: str) -> bool:
    return hmac.compare_digest(offered.encode(), token.encode())

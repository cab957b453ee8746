"""Which requests the review server answers: those of its own page, loaded by the person who started it.

The server listens on loopback alone, but so does every page that a browser has open, and every account of the machine. So: a name of
this machine in ``Host`` (against DNS rebinding), a secret of the address that was printed, kept in a cookie (against other accounts), a
secret of the page in each call, and the browser's own word on where a call comes from (against other sites).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

KEY = "key"
"""The name of the secret in the address."""
TOKEN_HEADER = "X-Claims-Token"
_NAMES = ("127.0.0.1", "localhost")
_OWN = ("same-origin", "none")
"""What a browser says of the site that a request comes from: our page, or the person (an address typed, a bookmark)."""


class Guard:
    """The secrets of one server on ``port``."""

    def __init__(self, port: int) -> None:
        self.key = secrets.token_urlsafe(24)
        self.token = secrets.token_urlsafe(24)
        self.cookie_name = f"claims-review-{port}"  # browsers send a cookie to all ports of a host
        self._hosts = frozenset(f"{name}:{port}" for name in _NAMES) | (
            frozenset(_NAMES) if port == 80 else frozenset()
        )

    def cookie(self) -> str:
        """The value of ``Set-Cookie`` for whoever came with the key."""
        return f"{self.cookie_name}={self.key}; HttpOnly; SameSite=Strict; Path=/"

    def is_key(self, value: str) -> bool:
        return _same(value, self.key)

    def refuses(self, headers: Mapping[str, str], *, is_page: bool) -> str | None:
        """Why no request with these headers is answered; None where it may be. A link on another site may lead to the page, since the
        page tells nothing to whoever linked to it."""
        host = headers.get("Host", "").lower()
        if host not in self._hosts:
            return "this address is not that of the review server"
        origin = headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            return "requests from other sites are not answered"
        linked = is_page and headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
        if not linked and not is_own(headers):
            return "requests from other sites are not answered"
        return None

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request brings the cookie."""
        try:
            cookies = SimpleCookie(headers.get("Cookie", ""))
        except CookieError:
            return False
        cookie = cookies.get(self.cookie_name)
        return cookie is not None and self.is_key(cookie.value)

    def trusts(self, headers: Mapping[str, str]) -> bool:
        """Whether a request brings the token of the page."""
        return _same(headers.get(TOKEN_HEADER, ""), self.token)


def is_own(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from our page or from the person, as far as the browser says."""
    return headers.get("Sec-Fetch-Site", "none") in _OWN


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode("utf-8", "replace"), other.encode())

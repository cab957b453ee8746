"""What a site's robots.txt allows (RFC 9309). Its reading is protego's."""

from __future__ import annotations

from protego import Protego

from pipeline.fetch.client import Answer
from pipeline.readers.encoding import decode

MAX_BYTES = 500 * 1024
"""What stands behind so much is not read (RFC 9309, 2.5)."""
_OVERLOADED = 429


class Robots:
    """What one robots.txt says to one program."""

    def __init__(self, agent: str, rules: Protego | None, barred: str | None = None) -> None:
        self._agent = agent
        self._rules = rules
        self.barred = barred
        """Why nothing of the site may be fetched at all; ``None`` where the rules decide."""

    def allows(self, url: str) -> bool:
        return self.barred is None and (self._rules is None or self._rules.can_fetch(url, self._agent))

    @property
    def delay(self) -> float:
        """Seconds that the site wants between two requests; 0 where it does not say."""
        if self._rules is None:
            return 0.0
        delay = self._rules.crawl_delay(self._agent) or 0.0
        rate = self._rules.request_rate(self._agent)
        if rate is not None and rate.requests > 0:
            delay = max(delay, rate.seconds / rate.requests)
        return max(0.0, float(delay))


def robots_of(answer: Answer, agent: str) -> Robots:
    """What the answer to a request for robots.txt means: none there allows all, a site in trouble allows nothing (RFC 9309, 2.3.1)."""
    if answer.status >= 500 or answer.status == _OVERLOADED:
        return unreachable(agent, f"HTTP {answer.status}")
    if not 200 <= answer.status < 300:
        return Robots(agent, None)
    return Robots(agent, Protego.parse(decode(answer.body[:MAX_BYTES])))


def unreachable(agent: str, reason: str) -> Robots:
    """Nothing may be fetched as long as robots.txt cannot be read."""
    return Robots(agent, None, f"its robots.txt cannot be read now ({reason})")

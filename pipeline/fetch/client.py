"""One request and its answer, within limits of time and size."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore2

from pipeline.fetch.addresses import Guard
from pipeline.fetch.connect import ForbiddenAddressError, GuardedBackend, Resolve, UnknownHostError
from pipeline.fetch.decoding import BadEncodingError, Decoder, TooMuchError
from pipeline.fetch.settings import FetchSettings
from pipeline.readers.problem import megabytes

Headers = tuple[tuple[str, str], ...]
_ACCEPT = "text/html,application/xhtml+xml,text/plain;q=0.9,application/pdf;q=0.8,*/*;q=0.5"
_TYPES_READ = ("text/", "application/xhtml+xml", "application/xml", "application/pdf", "application/octet-stream")
_NO_BODY = (204, 304)


class FetchError(Exception):
    """No usable answer; the text is a clause that says why.

    ``refused`` where we declined, ``passing`` where another attempt may do better, ``silent`` where the host did not answer at all.
    """

    def __init__(self, reason: str, *, refused: bool = False, passing: bool = False, silent: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused
        self.passing = passing
        self.silent = silent


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for one request."""

    url: str
    sent: Headers
    status: int
    phrase: str
    headers: Headers
    wire: bytes
    """The body as it was sent, without the chunks it was cut into."""
    body: bytes
    """Decompressed."""
    address: str | None
    """Of the machine, in digits."""
    date: datetime = field(default_factory=lambda: datetime.now(UTC))

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def media(self) -> str:
        """The media type in small letters, without parameters; ``""`` if none is stated."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    @property
    def is_redirect(self) -> bool:
        return self.status in (301, 302, 303, 307, 308) and self.header("location") is not None

    def retry_after(self) -> float | None:
        """How many seconds the host asks to wait (RFC 9110, 10.2.3); ``None`` where it does not say, or nothing that can be read."""
        value = (self.header("retry-after") or "").strip()
        if value.isascii() and value.isdigit() and len(value) < 10:
            return float(value)
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
        return max(0.0, (when - self.date).total_seconds())


class Client:
    """Sends requests. Use it as an asynchronous context, inside one event loop."""

    def __init__(self, settings: FetchSettings, resolve: Resolve) -> None:
        self._settings = settings
        contact = f" (+{settings.contact})" if settings.contact else ""
        self._agent = settings.user_agent + contact
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpcore2.default_ssl_context(),
            max_connections=None,
            max_keepalive_connections=settings.hosts_at_once,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(Guard(settings), resolve),
        )

    async def __aenter__(self) -> Client:
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._pool.aclose()

    async def get(self, url: str, *, extra: Headers = (), limits: FetchSettings, pages_only: bool, cut: bool) -> Answer:
        """The answer to a GET of ``url``. Raises ``FetchError``.

        With ``pages_only``, an answer that states to be no page is declined before its body is read. With ``cut``, a body beyond
        ``limits.max_bytes`` is cut there; else it is declined.
        """
        sent: Headers = (
            ("User-Agent", self._agent),
            ("Accept", _ACCEPT),
            ("Accept-Language", "en;q=0.9, *;q=0.5"),
            ("Accept-Encoding", "gzip, deflate"),
            *extra,
        )
        timeouts = {"connect": limits.connect_timeout, "read": limits.timeout, "write": limits.timeout}
        try:
            async with (
                asyncio.timeout(limits.timeout),
                self._pool.stream("GET", url, headers=list(sent), extensions={"timeout": timeouts}) as response,
            ):
                return await _answer(url, sent, response, limits.max_bytes, pages_only=pages_only, cut=cut)
        except TimeoutError:
            raise FetchError(f"took longer than {limits.timeout:g} seconds", passing=True, silent=True) from None
        except ForbiddenAddressError as error:
            raise FetchError(str(error), refused=True) from None
        except UnknownHostError as error:
            raise FetchError(str(error), passing=not error.lasting, silent=True) from None
        except httpcore2.TimeoutException:
            raise FetchError(
                f"no connection within {limits.connect_timeout:g} seconds", passing=True, silent=True
            ) from None
        except httpcore2.ConnectError as error:
            raise _connect_failure(error) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise FetchError(_in_words(error), passing=True) from None
        except httpcore2.UnsupportedProtocol:
            raise FetchError("is no http or https address", refused=True) from None
        except (ssl.SSLError, OSError, ValueError) as error:
            raise FetchError(f"the request failed ({type(error).__name__})", passing=True) from None


async def _answer(
    url: str, sent: Headers, response: httpcore2.Response, limit: int, *, pages_only: bool, cut: bool
) -> Answer:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
    phrase = response.extensions.get("reason_phrase", b"").decode("latin-1")
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    answer = Answer(
        url=url,
        sent=sent,
        status=response.status,
        phrase=phrase or _phrase(response.status),
        headers=headers,
        wire=b"",
        body=b"",
        address=str(peer[0]) if peer else None,
    )
    if response.status in _NO_BODY:
        return answer
    if pages_only and response.status == 200:
        media = answer.media
        if media and not media.startswith(_TYPES_READ):
            raise FetchError(f"is {media[:60]}, no page that can be read", refused=True)
    length = answer.header("content-length") or ""
    if not cut and length.isdigit() and int(length[:20]) > limit:
        raise _too_large(limit)
    try:
        wire, body = await _read(response, answer.header("content-encoding") or "", limit, cut=cut)
    except BadEncodingError as error:
        if response.status != 200:  # only the page itself has to be whole
            wire, body = b"", b""
        else:
            raise FetchError(str(error), passing=True) from None
    return Answer(
        url=url,
        sent=sent,
        status=answer.status,
        phrase=answer.phrase,
        headers=headers,
        wire=wire,
        body=body,
        address=answer.address,
        date=answer.date,
    )


async def _read(response: httpcore2.Response, encoding: str, limit: int, *, cut: bool) -> tuple[bytes, bytes]:
    decoder = Decoder(encoding, limit)
    wire: list[bytes] = []
    body: list[bytes] = []
    size = 0
    async for chunk in response.aiter_stream():
        size += len(chunk)
        wire.append(chunk)
        try:
            body.append(decoder.feed(chunk))
            if size > limit:
                raise TooMuchError
        except TooMuchError:
            if not cut:
                raise _too_large(limit) from None
            return b"".join(wire)[:limit], b"".join(body)[:limit]
    decoder.finish()
    return b"".join(wire), b"".join(body)


def _too_large(limit: int) -> FetchError:
    return FetchError(f"is larger than {megabytes(limit)}, as sent or when decompressed", refused=True)


def _connect_failure(error: httpcore2.ConnectError) -> FetchError:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchError(f"its certificate is not valid ({cause.verify_message})", silent=True)
        if isinstance(cause, ssl.SSLError):
            return FetchError("no encrypted connection can be made to it", passing=True, silent=True)
        if isinstance(cause, ConnectionRefusedError):
            return FetchError("the host refuses the connection", passing=True, silent=True)
    return FetchError("no connection can be made to the host", passing=True, silent=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what led to it; a group of failed attempts counts with all its members."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [cause for cause in (found.__cause__, found.__context__) if cause is not None]
        if isinstance(found, BaseExceptionGroup):
            waiting += found.exceptions


def _in_words(error: Exception) -> str:
    text = str(error)
    if "peer closed connection" in text or "incomplete" in text:
        return "the answer was cut short"
    if isinstance(error, httpcore2.ProtocolError):
        return "the answer is no proper HTTP"
    return "the connection broke"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def conditions(etag: str | None, last_modified: str | None) -> Headers:
    """The headers that ask for a page only if it has changed."""
    pairs: Sequence[tuple[str, str | None]] = (("If-None-Match", etag), ("If-Modified-Since", last_modified))
    return tuple((name, value) for name, value in pairs if value)

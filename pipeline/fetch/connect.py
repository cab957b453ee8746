"""Connections to machines that may be connected to.

A name is resolved once for a connection, each address is checked, and one of those that passed is connected to by its digits. A name
that resolves to something else a moment later (DNS rebinding) changes nothing, and every redirect comes through here again.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

import httpcore2

from pipeline.fetch.addresses import Guard

T = TypeVar("T")
Resolve = Callable[[str, int], Sequence[str]]
"""From a host and a port to its addresses in digits, best first. Raises ``OSError``."""


class ForbiddenAddressError(Exception):
    """The name leads only to machines that may not be connected to; the text is a clause that says which."""


class UnknownHostError(Exception):
    """The name leads nowhere; ``lasting`` where the resolver is sure of it."""

    def __init__(self, host: str, lasting: bool) -> None:
        super().__init__(f"the host {host} is not known" if lasting else f"the address of {host} cannot be found now")
        self.lasting = lasting


def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that the system knows of ``host``. Raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections for the pool, after :class:`Guard` has agreed to the address itself."""

    def __init__(self, guard: Guard, resolve: Resolve) -> None:
        self._guard = guard
        self._resolve = resolve
        self._sockets = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises ``ForbiddenAddressError``, ``UnknownHostError``, and what httpcore2 raises."""
        try:
            async with asyncio.timeout(timeout):
                return await self._connect(host, port, local_address, socket_options)
        except TimeoutError:
            raise httpcore2.ConnectTimeout(f"no connection within {timeout:g} seconds") from None

    async def _connect(
        self,
        host: str,
        port: int,
        local_address: str | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._addresses(host, port)
        permitted = [address for address in addresses if self._guard.permits(address)]
        if not permitted:
            raise ForbiddenAddressError(f"leads to {addresses[0]}, which is no public address")
        failure: Exception | None = None
        for address in permitted:
            try:
                return await self._sockets.connect_tcp(
                    address, port, local_address=local_address, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await in_daemon_thread(lambda: self._resolve(host, port))
        except socket.gaierror as error:
            raise UnknownHostError(host, error.errno in (socket.EAI_NONAME, socket.EAI_FAIL)) from None
        except (OSError, UnicodeError):
            raise UnknownHostError(host, lasting=False) from None
        if not addresses:
            raise UnknownHostError(host, lasting=True)
        return addresses

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.UnsupportedProtocol("only TCP is used")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """The result of ``work``, run where, however long it takes, it holds up neither the others nor the end of the program."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def deliver(settle: Callable[[], None]) -> None:
        if not result.cancelled():
            settle()

    def run() -> None:
        settle: Callable[[], None]
        try:
            settle = partial(result.set_result, work())
        except Exception as error:
            settle = partial(result.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(deliver, settle)

    threading.Thread(target=run, daemon=True).start()
    return await result

"""Which addresses may be fetched: of pages (by their words) and of machines (by their numbers)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import idna

from pipeline.fetch.settings import FetchSettings

MAX_CHARS = 2000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile("[\x00-\x20\x7f\\\\]")
# Characters that may stand unescaped (RFC 3986), and % itself: what is escaped already stays as it is.
_SAFE_PATH = "%/:@!$&'()*+,;=~-._"
_SAFE_QUERY = _SAFE_PATH + "?[]|"

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# Cloud machines tell their secrets under these, one of which counts as public.
_METADATA: tuple[IPNetwork, ...] = tuple(
    ipaddress.ip_network(network)
    for network in ("169.254.169.254/32", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::/32")
)
# Addresses of IPv6 that carry one of IPv4, with the bits below it: RFC 6052, RFC 3056.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# RFC 2606, RFC 6761: names that lead nowhere. (.test and .localhost are for testing, and the resolver knows them.)
_EXAMPLES = re.compile(r"(?:.{0,250}\.)?(?:example(?:\.(?:com|net|org))?|invalid)", re.IGNORECASE)


class RefusedAddressError(Exception):
    """An address that is not fetched; the text is a clause that says why."""


def normalise(url: str) -> str:
    """``url`` in the form that pages are known by: scheme and host in small ASCII letters, no default port, no fragment.

    Raises ``RefusedAddressError`` for what is no http or https address, or holds a name and password.
    """
    url = url.strip()
    if len(url) > MAX_CHARS:
        raise RefusedAddressError(f"is longer than {MAX_CHARS} characters")
    if _UNSAFE.search(url.replace(" ", "")):
        raise RefusedAddressError("holds a control character or a backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedAddressError("is no address that can be read") from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise RefusedAddressError("is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise RefusedAddressError("holds a user name or password, which are never sent")
    host = _host(parts.hostname)
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = quote(parts.path, safe=_SAFE_PATH) or "/"
    return urlunsplit((scheme, host, path, quote(parts.query, safe=_SAFE_QUERY), ""))


def _host(name: str | None) -> str:
    if not name:
        raise RefusedAddressError("names no host")
    if ":" in name:
        try:
            return f"[{ipaddress.IPv6Address(name)}]"
        except ValueError:
            raise RefusedAddressError("names no host that can be read") from None
    name = name.rstrip(".").lower()
    try:
        ascii_name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise RefusedAddressError("names no host that can be read") from None
    if not re.fullmatch(r"[a-z0-9_.-]{1,253}", ascii_name) or ".." in ascii_name:
        raise RefusedAddressError("names no host that can be read")
    return ascii_name


def joined(base: str, location: str) -> str:
    """The address that ``location``, found at ``base``, leads to. Raises ``RefusedAddressError``."""
    try:
        return normalise(urljoin(base, location.strip()))
    except ValueError:
        raise RefusedAddressError("is no address that can be read") from None


def host_of(url: str) -> str:
    """The host of a normalised address, without its port."""
    return urlsplit(url).hostname or ""


def origin_of(url: str) -> str:
    """``https://host:port`` of a normalised address: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def port_of(url: str) -> int:
    """The port that a normalised address leads to."""
    parts = urlsplit(url)
    return parts.port if parts.port is not None else _DEFAULT_PORTS[parts.scheme]


def is_example(url: str) -> bool:
    """Whether a normalised address is of a domain that is reserved for examples, so that nobody can mean it to be fetched."""
    return _EXAMPLES.fullmatch(host_of(url)) is not None


def require_port(url: str, ports: Iterable[int]) -> None:
    """Raises ``RefusedAddressError`` where ``url`` names a port that is none of ``ports``: it could make us talk to another service."""
    port = port_of(url)
    if port not in ports:
        raise RefusedAddressError(f"names port {port}, which the settings do not allow")


class Guard:
    """Tells which machines may be connected to."""

    def __init__(self, settings: FetchSettings) -> None:
        allowed = settings.allow_private
        self._all = allowed is True
        self._networks: tuple[IPNetwork, ...] = ()
        if not isinstance(allowed, bool):
            self._networks = tuple(ipaddress.ip_network(network, strict=False) for network in allowed)

    def permits(self, address: str) -> bool:
        """Whether the machine at ``address`` (digits) may be connected to. An address that cannot be read may not."""
        try:
            found = _inner(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if any(found.version == network.version and found in network for network in self._networks):
            return True
        if any(found.version == network.version and found in network for network in _METADATA):
            return False
        if found.is_multicast or found.is_unspecified:
            return False
        return self._all or is_public(found)


def is_public(address: IPAddress) -> bool:
    """Whether anybody on the internet can have ``address``: not private, loopback, link-local, shared (RFC 6598), reserved or multicast."""
    if address.version == 6 and address in _SITE_LOCAL:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for, where it does; the machine reached is that one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 0xFFFF):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address

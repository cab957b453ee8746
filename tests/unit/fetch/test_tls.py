"""Encrypted connections: a certificate that holds, and those that do not."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.fetch.site import Nights, Site, html

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl, which makes the certificate, is not installed"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=a.test"]
    command += ["-addext", "subjectAltName=DNS:a.test", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text("ascii") + Path(f"{path}.crt").read_text("ascii"), "ascii")
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Site(context)
    server.routes["/tea"] = html("48 percent slept well.")
    yield server
    server.close()


def test_a_certificate_that_holds_for_the_name(
    nights: Nights, secure: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    nights.site = secure
    assert nights.one(secure.url("/tea")).status == "new"  # by its name, though its address is connected to
    wrong = nights.one(secure.url("/tea", "b.test"), respect_robots=False)
    assert wrong.status == "failed"
    assert wrong.reason is not None
    assert "certificate is not valid" in wrong.reason
    assert "b.test" in wrong.reason


def test_a_certificate_that_nobody_vouches_for(nights: Nights, secure: Site) -> None:
    nights.site = secure
    found = nights.one(secure.url("/tea"), respect_robots=False)
    assert found.status == "failed"
    assert found.reason is not None
    assert "certificate is not valid" in found.reason
    assert secure.paths() == []


def test_a_server_that_speaks_no_tls(nights: Nights, site: Site) -> None:
    url = site.url("/tea").replace("http:", "https:")
    found = nights.one(url, respect_robots=False, attempts=1)
    assert (found.status, found.reason) == ("failed", "no encrypted connection can be made to it")

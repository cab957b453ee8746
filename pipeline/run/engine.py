"""What results depend on beside input and rules: this package's code and the libraries it runs on."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.model import Record

DISTRIBUTION = "claims-pipeline"
_EXTRAS = ("", "pdf")


def engine_digest(libraries: dict[str, str]) -> str:
    """A SHA-256 over the code and model files of this package and the versions of ``libraries``."""
    package = Path(__file__).parent.parent
    sha = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".onnx", ".json", ".npy") and not {"shipped_rules", "train"} & set(path.parts):
            sha.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    for name, number in sorted(libraries.items()):
        sha.update(f"{name}=={number}\n".encode())
    return sha.hexdigest()


def library_versions() -> dict[str, str]:
    """All libraries that this package needs, those that they need too, with the versions installed here."""
    found: dict[str, str] = {}
    waiting = [DISTRIBUTION]
    while waiting:
        for line in requires(waiting.pop()) or ():
            needed = Requirement(line)
            name = canonicalize_name(needed.name)
            if name in found or (
                needed.marker is not None and not any(needed.marker.evaluate({"extra": e}) for e in _EXTRAS)
            ):
                continue
            try:
                found[name] = version(name)
            except PackageNotFoundError:  # of an extra that is not installed
                continue
            waiting.append(name)
    return dict(sorted(found.items()))


class Program(Record, frozen=True, kw_only=True):
    """The program as it is installed in one place."""

    version: str
    python: str
    """The feature release, as ``3.12``: two of them may know other characters."""
    engine: str
    """See :func:`engine_digest`."""
    libraries: dict[str, str]


def this_program(*others: str) -> Program:
    """The program that runs here, with ``others``, libraries that results do not depend on."""
    libraries = library_versions()
    return Program(
        version=version(DISTRIBUTION),
        python=".".join(platform.python_version_tuple()[:2]),
        engine=engine_digest(libraries),
        libraries=libraries | {name: version(name) for name in others},
    )


def difference(here: Program, there: Program) -> str | None:
    """What of ``there`` is not as it is ``here``, as the rest of a sentence; None where all is."""
    for what, mine, other in (
        ("version", here.version, there.version),
        ("Python", here.python, there.python),
    ):
        if mine != other:
            return f"runs {what} {other}, this is {mine}"
    for name in sorted(here.libraries.keys() | there.libraries.keys()):
        mine, other = here.libraries.get(name, "none"), there.libraries.get(name, "none")
        if mine != other:
            return f"has {name} {other}, here it is {mine}"
    if here.engine != there.engine:
        return f"has other program or model files under the same version, {here.version}"
    return None

"""Which model and which rules read: part of every file's name, so that what another version read is seen to be so.

The model's version is a digest of the weights. The rules' is a digest of the code and the tables that take text in,
read it and write it, and of the versions of the libraries whose work shows in the result.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

from sayso.errors import ModelError

RULES = ("intake", "reading", "archive", "posts.py", "timing.py")
LIBRARIES = ("trafilatura", "htmldate", "lxml", "py3langid", "onnxruntime", "rensa")
_NOT_RULES = frozenset(("engines", "__pycache__"))


@dataclass(frozen=True, slots=True)
class Version:
    """Digests of 8 hexadecimal digits."""

    model: str
    rules: str

    def __str__(self) -> str:
        return f"{self.model}{self.rules}"


@functools.cache
def version_here() -> Version:
    """The version of this installation."""
    package = files("sayso")
    model = hashlib.blake2b(digest_size=4)
    for file in sorted((package / "model").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith((".onnx", ".npz", ".json")):
            _add(model, file)
    rules = hashlib.blake2b(digest_size=4)
    for name in RULES:
        _add_all(rules, package / name)
    for name in LIBRARIES:
        rules.update(f"{name} {_installed(name)}\0".encode())
    return Version(model.hexdigest(), rules.hexdigest())


def check_version(wanted: str) -> None:
    """Raise ModelError where this installation is not of the run's version, as a node that was not updated."""
    if str(version_here()) != wanted:
        raise ModelError(
            f"this machine's Sayso reads with model and rules {version_here()}, the run's are {wanted}; "
            "install the same version everywhere"
        )


def _add_all(digest: hashlib.blake2b, place: Traversable) -> None:
    if place.is_dir():
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
            if entry.name not in _NOT_RULES and not entry.name.startswith("commands"):
                _add_all(digest, entry)
    elif not place.name.endswith(".pyc"):
        _add(digest, place)


def _add(digest: hashlib.blake2b, file: Traversable) -> None:
    data = file.read_bytes()
    digest.update(f"{file.name} {len(data)}\0".encode())
    digest.update(data)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"

"""What runs on a node of a cluster: one generator at a time, one step a call.

Needs no Ray. A node uses its own copy of this package; of the app it gets the names of functions,
arrays, numbers and texts.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generative import checkpoints
from generative.worker_process import RAISED, YIELDED, advance, raised

PACKAGES = ("tensorflow", "keras", "numpy")
"""On which results depend, beside this package: TensorFlow for the CPU has another name."""

SOURCE = Path(__file__).resolve().parent.parent

Versions = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What a call has computed.

    Attributes:
        kind: `YIELDED`, `FINISHED` or `RAISED`.
        value: what was yielded or raised.
        saved: what it takes to go on from here; None if that was not due yet.
    """

    kind: str
    value: Any
    saved: bytes | None = None


class Worker:
    """Runs a generator for one app, which waits for each answer before it calls again."""

    def __init__(self, cpus: int, save_seconds: float) -> None:
        """Make a worker.

        Args:
            cpus: of the node that it may use.
            save_seconds: between two states that are sent along.
        """
        use_cpus(cpus)
        self._save_seconds = save_seconds
        self._saved_at = 0.0
        self._key: str | None = None
        self._steps: Generator[Any, Any, None] | None = None

    def versions(self) -> Versions:
        """Return what this node paints with: an answer means that the worker is here."""
        return versions()

    def begin(
        self,
        function: Callable[..., Generator[Any, Any, None]],
        directory: Path | None,
        arguments: tuple[Any, ...],
        key: str | None = None,
        saved: bytes | None = None,
    ) -> Answer:
        """Begin a generator, and compute its first step.

        Args:
            function: of this package, at the top level of a module.
            directory: of the checkpoints; None for those that come with this package.
            arguments: that it takes after the directory.
            key: by which `painter` keeps the state; None if there is none to keep.
            saved: a state to go on from.
        """
        self.end()
        try:
            if key is not None and saved is not None:
                from generative.style_transfer import painter

                painter.restore(key, saved)
            self._steps = function(here(directory), *arguments)
        except Exception as error:
            return Answer(*raised(error))
        self._key, self._saved_at = key, time.monotonic()
        return self.advance(None)

    def advance(self, message: Any) -> Answer:
        """Compute the next step; the message is sent to the generator."""
        assert self._steps is not None
        kind, value = advance(self._steps, message)
        if kind != YIELDED:
            return Answer(kind, value, self.end())
        if time.monotonic() - self._saved_at < self._save_seconds:
            return Answer(kind, value)
        return Answer(kind, value, self._save())

    def end(self) -> bytes | None:
        """Close the generator, if one is open, and return the state that it has reached."""
        steps, self._steps = self._steps, None
        if steps is None:
            return None
        steps.close()
        saved = self._save()
        if self._key is not None:
            from generative.style_transfer import painter

            painter.forget(self._key)
        return saved

    def _save(self) -> bytes | None:
        self._saved_at = time.monotonic()
        if self._key is None:
            return None
        from generative.style_transfer import painter

        return painter.save(self._key)


def last_step(
    function: Callable[..., Generator[Any, Any, None]],
    cpus: int,
    directory: Path | None,
    arguments: tuple[Any, ...],
) -> tuple[str, Any]:
    """Run a generator to its end, and return the kind of the end, with the last value or the error.

    Args:
        function: as for `Worker.begin`.
        cpus: of the node that it may use.
        directory: as for `Worker.begin`.
        arguments: the same.
    """
    use_cpus(cpus)
    steps = function(here(directory), *arguments)
    last = None
    while True:
        kind, value = advance(steps, None)
        if kind != YIELDED:
            return kind, value if kind == RAISED else last
        last = value


def use_cpus(cpus: int) -> None:
    """Make TensorFlow, which is not imported yet, compute in as many threads as a job may use."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(min(cpus, os.cpu_count() or cpus))


def versions() -> Versions:
    """Return what a node paints with, as far as results depend on it."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: _version(name) for name in PACKAGES},
        "generative": _fingerprint(),
    }


def here(directory: Path | None) -> Path:
    """Return this machine's folder of checkpoints; None stands for those that come with this."""
    return checkpoints.SHIPPED if directory is None else directory


def _version(package: str) -> str:
    names = ("tensorflow", "tensorflow-cpu") if package == "tensorflow" else (package,)
    for name in names:
        try:
            return version(name)
        except ModuleNotFoundError:
            continue
    return "none"


@functools.cache
def _fingerprint() -> str:
    """Return the first digits of a hash over this package's source, the page's left out."""
    digest = hashlib.sha256()
    for path in sorted(SOURCE.rglob("*.py")):
        if "ui" not in path.relative_to(SOURCE).parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]

"""A studio in a Ray cluster: a pool of workers, each an actor that paints one picture at a time.

This side keeps the latest state of every painting that can be continued, as plain arrays. So a
painting goes on elsewhere if its worker or its node is lost, and again when its visitor asks for
it. A worker stays for a while when it is done, as TensorFlow takes seconds to start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

from generative.studios.ray_cluster import Cluster, check_versions, shipped_or
from generative.studios.studio import PaintingSteps, Waiting, most_kept
from generative.studios.worker import Answer, Worker
from generative.style_transfer.latest import Latest
from generative.style_transfer.options import Balance, PaintingOptions
from generative.style_transfer.picture_checks import Pixels
from generative.worker_process import FINISHED, RAISED, process_lost

SAVE_SECONDS = 10.0
"""Between two states that a worker sends: what a lost worker costs at most, beside its start."""

POLL_SECONDS = 0.25
"""How often whoever waits may leave."""

END_SECONDS = 0.5
"""Time that whoever leaves gives a worker to end its step, before it ends it alone."""

IDLE_SECONDS = 300.0
"""After which a worker that is not needed makes room for others in the cluster."""

MOST_LOSSES = 3
"""Workers that one painting may lose between two of its states: it may be what kills them."""

FULL = "Waiting for a worker of the cluster: this begins as soon as one is free."
STARTING = "Starting on a worker of the cluster…"
LOST = "The worker was lost: this goes on from its last saved step on another…"

S = TypeVar("S")


@dataclass(frozen=True)
class Request:
    """What a worker is to do.

    Attributes:
        function: generator function of `painter`.
        arguments: that it takes after the directory.
        key: of a painting that can be continued; None for what cannot.
    """

    function: Callable[..., Generator[Any, Any, None]]
    arguments: tuple[Any, ...]
    key: str | None = None


class RayStudio:
    """Paints on the workers of a cluster: see `Studio`."""

    pid = None

    def __init__(
        self, cluster: Cluster, directory: Path, save_seconds: float = SAVE_SECONDS
    ) -> None:
        """Make a studio without workers yet.

        Args:
            cluster: where to paint.
            directory: of the checkpoints: there too, unless they come with the program.
            save_seconds: between two states that a worker sends.
        """
        self.room = cluster.room
        self._directory = shipped_or(directory)
        self._cpus, self._save_seconds = cluster.cpus, save_seconds
        self._lock = threading.Lock()
        self._idle: list[tuple[Any, threading.Timer]] = []
        self._saved: Latest[bytes] = Latest(most_kept(self.room))
        self._ending: dict[str, threading.Thread] = {}

    def run(
        self, function: Callable[..., Generator[S, Any, None]], *arguments: Any
    ) -> Generator[S | Waiting, Any, None]:
        """Run a generator function on a worker; from the start again if that one is lost."""
        request = Request(function, arguments)
        return self._run(request, lambda _message: request)

    def paint(
        self, key: str, content: Pixels, weights: Balance, options: PaintingOptions
    ) -> PaintingSteps:
        """Begin a painting; it goes on from its last state if its worker is lost."""
        from generative.style_transfer import painter

        return self._run(
            Request(painter.paint, (key, content, weights, options), key),
            lambda now: Request(painter.go_on, (key, content, now or weights, options, 0), key),
        )

    def go_on(
        self, key: str, content: Pixels, weights: Balance, options: PaintingOptions, steps: int
    ) -> PaintingSteps:
        """Go on with a painting from its last state."""
        from generative.style_transfer import painter

        return self._run(
            Request(painter.go_on, (key, content, weights, options, steps), key),
            lambda now: Request(painter.go_on, (key, content, now or weights, options, 0), key),
        )

    def _run(
        self, request: Request, resumed: Callable[[Any], Request]
    ) -> Generator[Any, Any, None]:
        """Carry out a request, on one worker after the other if they are lost.

        Args:
            request: to begin with.
            resumed: returns what to do from a state that was saved meanwhile, by the last message.
        """
        message, has_saved, losses = None, False, 0
        while self._is_ending(request.key):
            yield Waiting()
        while True:
            worker = None
            try:
                worker = yield from self._take()
                step, reason = self._begin(worker, request), STARTING
                while True:
                    while not _is_here(step):
                        message = yield Waiting(reason)
                    answer: Answer = ray.get(step)
                    if answer.saved is not None:
                        self._keep(request.key, answer.saved)
                        has_saved, losses = True, 0
                    if answer.kind == RAISED:
                        raise answer.value
                    if answer.kind == FINISHED:
                        return
                    message = yield answer.value
                    step, reason = worker.advance.remote(message), ""
            except RayTaskError:
                raise
            except RayError:
                if worker is not None:
                    _dismiss(worker)
                worker, losses = None, losses + 1
                if losses == MOST_LOSSES:
                    raise process_lost() from None
            finally:
                if worker is not None:
                    self._release(worker, request.key)
            if has_saved:
                request = resumed(message)
            message = yield Waiting(LOST)

    def _begin(self, worker: Any, request: Request) -> Any:
        saved = self._saved.get(request.key) if request.key is not None else None
        return worker.begin.remote(
            request.function, self._directory, request.arguments, request.key, saved
        )

    def _take(self) -> Generator[Waiting, Any, Any]:
        """Wait for a worker, one that is idle or a new one, and return it.

        Raises:
            ClusterError: its node paints with other versions.
        """
        hired = greeting = None
        try:
            while True:
                if (worker := self._take_idle()) is not None:
                    return worker
                if hired is None:
                    hired = self._hire()
                    greeting = hired.versions.remote()
                if _is_here(greeting):
                    check_versions("A node", ray.get(greeting))
                    worker, hired = hired, None
                    return worker
                yield Waiting(FULL)
        finally:
            if hired is not None:
                _dismiss(hired)

    def _hire(self) -> Any:
        """Ask the cluster for a worker, which is here once it answers."""
        actor = ray.remote(Worker).options(num_cpus=self._cpus)
        return actor.remote(self._cpus, self._save_seconds)

    def _take_idle(self) -> Any | None:
        """Return an idle worker that answers; None if there is none."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                worker, leaving = self._idle.pop()
            leaving.cancel()
            try:
                ray.get(worker.versions.remote(), timeout=POLL_SECONDS)
                return worker
            except RayError:  # Lost while it was idle.
                _dismiss(worker)

    def _release(self, worker: Any, key: str | None) -> None:
        """End what a worker does, keep the state that it has reached, and let it wait for more.

        Returns after `END_SECONDS` at the latest; the rest is done by a thread.
        """

        def end() -> None:
            try:
                saved = ray.get(worker.end.remote())
            except RayError:
                _dismiss(worker)
                return
            if saved is not None:
                self._keep(key, saved)
            self._rest(worker)

        thread = threading.Thread(target=end, daemon=True)
        if key is not None:
            self._ending[key] = thread
        thread.start()
        thread.join(END_SECONDS)

    def _rest(self, worker: Any) -> None:
        """Let a worker wait for more, and leave if it waits too long."""
        leaving = threading.Timer(IDLE_SECONDS, self._let_go, [worker])
        leaving.daemon = True
        with self._lock:
            self._idle.append((worker, leaving))
        leaving.start()

    def _let_go(self, worker: Any) -> None:
        """Dismiss a worker, unless it has been taken just now."""
        with self._lock:
            is_idle = any(worker is each for each, _ in self._idle)
            self._idle = [each for each in self._idle if each[0] is not worker]
        if is_idle:
            _dismiss(worker)

    def _is_ending(self, key: str | None) -> bool:
        """Tell whether a worker that was left alone is about to send a painting's last state."""
        thread = self._ending.get(key or "")
        return thread is not None and thread.is_alive()

    def _keep(self, key: str | None, saved: bytes) -> None:
        """Keep a painting's state as the latest."""
        assert key is not None
        for forgotten in self._saved.put(key, saved):
            self._ending.pop(forgotten, None)


def _is_here(answer: Any) -> bool:
    """Tell whether an answer has come, after a short wait."""
    ready, _ = ray.wait([answer], timeout=POLL_SECONDS)
    return bool(ready)


def _dismiss(worker: Any) -> None:
    with suppress(RayError):
        ray.kill(worker)

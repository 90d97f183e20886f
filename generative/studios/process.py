"""A studio in one low-priority process beside the app."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeVar

from generative.studios.studio import PaintingSteps
from generative.style_transfer.options import Balance, PaintingOptions
from generative.style_transfer.picture_checks import Pixels
from generative.worker_process import WorkerProcess

S = TypeVar("S")


class ProcessStudio:
    """Paints one picture at a time, since each wants the whole processor: see `Studio`."""

    room = 1

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process = WorkerProcess()

    @property
    def pid(self) -> int | None:
        """Id of the process; None while it does not run."""
        return self._process.pid

    def run(
        self, function: Callable[..., Generator[S, Any, None]], *arguments: Any
    ) -> Generator[S, Any, None]:
        """Run a generator function in the process, and yield what it yields."""
        return self._process.run(function, self._directory, *arguments)

    def paint(
        self, key: str, content: Pixels, weights: Balance, options: PaintingOptions
    ) -> PaintingSteps:
        """Begin a painting; its state stays in the process."""
        from generative.style_transfer import painter

        return self.run(painter.paint, key, content, weights, options)

    def go_on(
        self, key: str, content: Pixels, weights: Balance, options: PaintingOptions, steps: int
    ) -> PaintingSteps:
        """Go on with a painting, from the state in the process."""
        from generative.style_transfer import painter

        return self.run(painter.go_on, key, content, weights, options, steps)

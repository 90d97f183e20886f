"""Run generators in a low-priority process of their own.

A painting wants the whole processor for a minute; an answer to a slider wants it for 30 ms. In one
process the two would share TensorFlow's threads, and the answer would wait behind whole
convolutions. A low-priority process barely delays the answer: the system takes the processor from
it within milliseconds. Its memory is separate too, and so are its crashes.

The two processes exchange pickles over pipes that nobody else can write to.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, Any, TypeVar

from generative.errors import GenerativeError, ProcessError

NICENESS = 10
"""At 10 a process gets a tenth of the time beside one normal process. At 19 it would get a
seventieth, and a painting on a busy machine would stand still."""

STOP_SECONDS = 2
SOURCE_ROOT = Path(__file__).resolve().parent.parent

YIELDED, FINISHED, RAISED = "yielded", "finished", "raised"
CONTINUE, CLOSE = "continue", "close"

S = TypeVar("S")


class WorkerProcess:
    """A process that runs one generator at a time; started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)

    @property
    def pid(self) -> int | None:
        """The process's id; None while it does not run."""
        return None if self._process is None else self._process.pid

    def run(
        self, function: Callable[..., Generator[S, Any, None]], *arguments: Any
    ) -> Generator[S, Any, None]:
        """Run a generator function in the process, and yield what it yields.

        It computes only the step being asked for. Values sent to this generator reach that one, and
        closing this one closes that one. While the process runs another generator, the first step
        waits until that one has finished.

        Args:
            function: defined at the top level of a module of this package.
            *arguments: anything picklable, such as NumPy arrays and dataclasses.

        Raises:
            ProcessError: the process has ended, or did not start.
            Exception: whatever the function raises.
        """
        with self._lock:
            kind, value = self._ask((function, arguments))
            while kind == YIELDED:
                try:
                    message = yield value
                except BaseException:  # Usually GeneratorExit.
                    with contextlib.suppress(ProcessError):
                        self._ask((CLOSE, None))
                    raise
                kind, value = self._ask((CONTINUE, message))
            if kind == RAISED:
                raise value

    def stop(self) -> None:
        """Stop the process; kill it if it is still running after `STOP_SECONDS`."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _ask(self, request: tuple[Any, Any]) -> tuple[str, Any]:
        """Send a request and return the answer."""
        try:
            process = self._process or self._start()
            assert process.stdin
            assert process.stdout
            _send(process.stdin, request)
            answer: tuple[str, Any] = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            self.stop()
            raise process_lost() from None
        except BaseException:  # Data left in the pipes would pass for the next answer.
            self.stop()
            raise
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        paths = [str(SOURCE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from generative import worker_process; worker_process.main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        return self._process


def process_lost() -> ProcessError:
    """Return the error for a process that ended in the middle of its work."""
    return ProcessError(
        "The process computing this ended unexpectedly, perhaps for lack of memory: try again, "
        "with a smaller picture if it happens again."
    )


def advance(steps: Generator[Any, Any, None], message: Any) -> tuple[str, Any]:
    """Compute a generator's next step, and return what became of it: its kind and value."""
    try:
        return YIELDED, steps.send(message)
    except StopIteration:
        return FINISHED, None
    except Exception as error:
        return raised(error)


def raised(error: Exception) -> tuple[str, Exception]:
    """Return the answer for an error: ours as it is, any other logged and as text."""
    if isinstance(error, GenerativeError):
        return RAISED, error
    logging.getLogger(__name__).error("A computation failed.", exc_info=error)
    return RAISED, RuntimeError(repr(error))


def main() -> None:
    """Answer requests, as the process, until there are no more."""
    # Ctrl-C, and a system that stops all of a service's processes, are for the parent to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Keep prints out of the answers.
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            _send(answers, _run_next(sys.stdin.buffer, answers))


def _run_next(requests: IO[bytes], answers: IO[bytes]) -> tuple[str, Any]:
    """Run the next generator, one step per request; return the last answer."""
    function, arguments = pickle.load(requests)
    try:
        with contextlib.closing(function(*arguments)) as steps:
            request, message = CONTINUE, None
            while request == CONTINUE:
                kind, value = advance(steps, message)
                if kind != YIELDED:
                    return kind, value
                _send(answers, (kind, value))
                request, message = pickle.load(requests)
        return FINISHED, None
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:  # Such as a value that cannot be sent.
        return raised(error)


def _send(pipe: IO[bytes], message: tuple[Any, Any]) -> None:
    pipe.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))  # Whole: an error sends nothing.
    pipe.flush()

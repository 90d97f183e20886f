"""A generator carried out in a process of its own, which gives way to every other.

A painting wants all of the processor for a minute; the answer to a slider wants it for 30 ms. In
one process the two share TensorFlow's threads, and the answer waits behind whole convolutions. Of a
process with a low priority the answer feels little: the system takes the processor from it within
milliseconds. What it needs of memory, and takes down with it, is its own too.

The two talk in pickles over the pipes that join them, which nobody else can write to.
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

GIVING_WAY = 10
"""As `nice` counts it: a tenth of the time beside one other process. At 19, a seventieth, a
painting on a busy machine would stand still."""

SECONDS_TO_END = 5
SOURCE = Path(__file__).resolve().parent.parent

YIELDED, ENDED, RAISED = "yielded", "ended", "raised"
GO_ON, CLOSE = "go on", "close"

S = TypeVar("S")


class Apart:
    """A process that carries out one generator after the other; started when first needed."""

    def __init__(self) -> None:
        self._free = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)

    def run(
        self, function: Callable[..., Generator[S, Any, None]], *arguments: Any
    ) -> Generator[S, Any, None]:
        """Carry out a generator function over there, and be its generator here.

        It computes nothing but the step that is asked for; what is sent to this generator is sent
        to that one; closing this one closes that one. While another is being carried out, the
        first step waits for its end.

        Args:
            function: at the top level of a module of this package.
            *arguments: as plain as NumPy arrays and dataclasses.

        Raises:
            ProcessError: the process has ended, or does not start.
            Exception: what the function raises.
        """
        with self._free:
            kind, value = self._ask((function, arguments))
            while kind == YIELDED:
                try:
                    message = yield value
                except BaseException:  # Closed, as a rule.
                    with contextlib.suppress(ProcessError):
                        self._ask((CLOSE, None))
                    raise
                kind, value = self._ask((GO_ON, message))
            if kind == RAISED:
                raise value

    def stop(self) -> None:
        """End the process, by force if it has not ended within `SECONDS_TO_END`."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _ask(self, request: tuple[Any, Any]) -> tuple[str, Any]:
        """Send a request and wait for the answer."""
        try:
            process = self._process or self._start()
            assert process.stdin
            assert process.stdout
            _send(process.stdin, request)
            answer: tuple[str, Any] = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            self.stop()
            raise ProcessError(
                "The process that computes this has ended unexpectedly, perhaps for lack of "
                "memory: try again, with a smaller picture if it happens again."
            ) from None
        except BaseException:  # What is left in the pipes would be taken for the next answer.
            self.stop()
            raise
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        paths = [str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from generative import apart; apart.main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        return self._process


def main() -> None:
    """Be the process: answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that asks.
    if hasattr(os, "nice"):
        os.nice(GIVING_WAY)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # What is printed must not be an answer.
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            _send(answers, _carry_out(sys.stdin.buffer, answers))


def _carry_out(requests: IO[bytes], answers: IO[bytes]) -> tuple[str, Any]:
    """Carry out the next generator, a step for each request; return the last answer."""
    function, arguments = pickle.load(requests)
    try:
        with contextlib.closing(function(*arguments)) as steps:
            request, message = GO_ON, None
            while request == GO_ON:
                value = steps.send(message)
                _send(answers, (YIELDED, value))
                request, message = pickle.load(requests)
        return ENDED, None
    except StopIteration:
        return ENDED, None
    except GenerativeError as error:
        return RAISED, error
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("A long computation failed.")
        return RAISED, RuntimeError(repr(error))


def _send(pipe: IO[bytes], message: tuple[Any, Any]) -> None:
    pipe.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))  # All of it, or an error and none.
    pipe.flush()

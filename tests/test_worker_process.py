"""`WorkerProcess`, tested with real processes."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import pytest
from talk import ROOT, is_a_sentence
from waits import wait_until

from generative.errors import InputError, ProcessError
from generative.worker_process import NICENESS, WorkerProcess

WAIT = 60

# --- Generators that the worker imports by name -------------------------------------------------


def about() -> Generator[tuple[int, int], Any, None]:
    yield os.getpid(), os.nice(0)


def echo(first: Any) -> Generator[Any, Any, None]:
    """Yield what it is sent."""
    message = yield first
    while message is not None:
        message = yield message


def loud() -> Generator[str, Any, None]:
    print("not an answer", flush=True)
    os.write(1, b"nor is this")
    yield "an answer"


def watched(path: str) -> Generator[int, Any, None]:
    """Count, and leave a file when closed."""
    try:
        yield from range(1_000_000)
    finally:
        with open(path, "w") as file:
            file.write("closed")


def wrong(kind: str) -> Generator[int, Any, None]:
    yield 1
    if kind == "input":
        raise InputError("The number is wrong: expected another, so choose one.")
    if kind == "fault":
        raise ZeroDivisionError
    os._exit(3)


def unsendable() -> Generator[Any, Any, None]:
    yield threading.Lock()


# --- Tests --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerProcess]:
    here = WorkerProcess()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT / "tests"))  # To find the generators above.
        yield here
    here.stop()


def test_it_is_one_process_of_low_priority(worker: WorkerProcess) -> None:
    ((pid, priority),) = worker.run(about)
    assert pid != os.getpid()
    assert priority == min(19, os.nice(0) + NICENESS)
    assert [*worker.run(about)] == [(pid, priority)]


def test_arrays_survive_the_round_trip(worker: WorkerProcess) -> None:
    sent = np.arange(3_000_000, dtype=np.float32).reshape(1000, 1000, 3)
    steps = worker.run(echo, sent)
    np.testing.assert_array_equal(next(steps), sent)
    assert steps.send("a") == "a"
    with pytest.raises(StopIteration):
        steps.send(None)


def test_prints_are_no_answers(worker: WorkerProcess) -> None:
    assert [*worker.run(loud)] == ["an answer"]


def test_closing_closes_the_generator_in_the_worker(worker: WorkerProcess, tmp_path: Any) -> None:
    path = tmp_path / "closed"
    steps = worker.run(watched, str(path))
    assert [next(steps), next(steps)] == [0, 1]
    assert not path.exists()
    steps.close()
    assert path.read_text() == "closed"
    assert [*worker.run(echo, 1)] == [1]


def test_only_requested_steps_are_computed(worker: WorkerProcess) -> None:
    steps = worker.run(wrong, "input")
    assert next(steps) == 1
    steps.close()


@pytest.mark.parametrize(
    ("kind", "error"), [("input", InputError), ("fault", RuntimeError), ("end", ProcessError)]
)
def test_errors_come_back_and_the_next_one_runs(
    worker: WorkerProcess, kind: str, error: type[Exception]
) -> None:
    steps = worker.run(wrong, kind)
    assert next(steps) == 1
    with pytest.raises(error) as caught:
        next(steps)
    if kind != "fault":
        assert is_a_sentence(str(caught.value))
    assert [*worker.run(echo, 1)] == [1]


def test_unpicklable_values_are_errors_and_the_next_one_runs(worker: WorkerProcess) -> None:
    with pytest.raises(RuntimeError):
        next(worker.run(unsendable))
    assert [*worker.run(echo, 1)] == [1]


class Strange(Exception):
    """An error that cannot be unpickled."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def strange() -> Generator[Exception, Any, None]:
    yield Strange("this", "that")


def test_unreadable_answers_are_errors_and_the_next_one_runs(worker: WorkerProcess) -> None:
    with pytest.raises(TypeError):
        next(worker.run(strange))
    assert [*worker.run(echo, 1)] == [1]
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        next(worker.run(echo, threading.Lock()))
    assert [*worker.run(echo, 2)] == [2]


def test_a_killed_process_is_replaced(worker: WorkerProcess) -> None:
    ((pid, _),) = worker.run(about)
    steps = worker.run(echo, 1)
    next(steps)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ProcessError):
        [steps.send(2) for _ in range(1000)]
    steps.close()
    ((other, _),) = worker.run(about)
    assert other != pid


def test_the_next_one_waits_and_another_thread_may_go_on(
    worker: WorkerProcess,
) -> None:
    first, seen = worker.run(echo, "first"), []
    next(first)
    second = threading.Thread(target=lambda: seen.extend(worker.run(echo, "second")), daemon=True)
    second.start()
    closing = threading.Thread(target=lambda: (seen.append(first.send("x")), first.close()))
    closing.start()
    for thread in (closing, second):
        thread.join(WAIT)
    assert seen == ["x", "second"]


def test_it_ends_with_the_program_that_started_it(tmp_path: Any) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from generative.worker_process import WorkerProcess\n"
        "from test_worker_process import about\n"
        "worker = WorkerProcess(); steps = worker.run(about); print(next(steps)[0], flush=True)\n"
        "input()"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with program:
        assert program.stdout
        pid = int(program.stdout.readline())
        os.kill(pid, 0)
        program.kill()
    wait_until(lambda: not is_running(pid), "the worker to end")


def is_running(pid: int) -> bool:
    """Tell whether a process is running, and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

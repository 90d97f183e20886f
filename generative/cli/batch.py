"""Make one result after the other: report each, go on after a failure, skip what is there."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generative import files
from generative.card import Figures
from generative.errors import InputError, TransferError

DONE, SKIPPED, FAILED = "done", "skipped", "failed"


@dataclass(frozen=True)
class Made:
    """A result.

    Attributes:
        content: of its file.
        figures: what there is to know of it, for programs.
        notices: sentences on the pictures that it was made of.
    """

    content: bytes
    figures: Figures = field(default_factory=dict)
    notices: tuple[str, ...] = ()


Report = Callable[[float], None]
"""Called with the share of a result that is made, from 0 to 1."""

Make = Callable[[Report], Made]
"""Makes a result, or waits for it where another machine makes it. An `InputError` or a
`TransferError` concerns this result alone."""

Begin = Callable[[], Make]
"""Begins what another machine makes, and raises the same errors."""


@dataclass(frozen=True)
class Job:
    """A result to make.

    Attributes:
        source: what it is made of, as the user named it.
        result: its file; None if it cannot be made.
        begin: begins it.
    """

    source: str
    result: Path | None
    begin: Begin


def failing(source: str, sentence: str) -> Job:
    """Return a job that cannot be done, for the reason in the sentence."""

    def fail() -> Make:
        raise InputError(sentence)

    return Job(source, None, fail)


def run(jobs: Sequence[Job], overwrite: bool, as_json: bool, ahead: int = 0) -> int:
    """Do the jobs, print a line on each in their order, and return the exit status.

    Args:
        jobs: to do.
        overwrite: whether to remake results that exist.
        as_json: whether to print for programs.
        ahead: jobs that are begun before the one is done that is waited for.

    Returns:
        1 if any failed, else 0.

    Raises:
        GenerativeError: none of the results can be made, for want of a checkpoint for example.
    """
    from tqdm import tqdm

    counts: Counter[str] = Counter()
    # No bar where nobody watches; of jobs, whose parts are fractions.
    shape = "{l_bar}{bar}| {n:.1f}/{total_fmt} [{elapsed}<{remaining}]"
    with tqdm(total=len(jobs), disable=None, bar_format=shape) as bar:
        begun: deque[_Begun] = deque()
        for number in range(len(jobs)):
            for job in jobs[number + len(begun) : number + 1 + ahead]:
                begun.append(_Begun(job, overwrite))

            def report(share: float, before: int = number) -> None:
                bar.update(before + share - bar.n)

            record = begun.popleft().finish(report)
            counts[record["status"]] += 1
            line = json.dumps(record, ensure_ascii=False) if as_json else _line(record)
            failed = record["status"] == FAILED
            tqdm.write(line, file=sys.stderr if failed and not as_json else sys.stdout)
            report(1)
    if not as_json:
        summary = ", ".join(f"{counts[each]} {each}" for each in (DONE, SKIPPED, FAILED))
        print(f"{summary}.", file=sys.stderr)
    return 1 if counts[FAILED] else 0


class _Begun:
    """A job that was begun, unless its result is there already or it cannot be made."""

    def __init__(self, job: Job, overwrite: bool) -> None:
        self._job = job
        self._began = time.perf_counter()
        self._record: dict[str, Any] = {"source": job.source}
        self._make: Make | None = None
        if job.result is not None:
            self._record["result"] = str(job.result)
            if job.result.exists() and not overwrite:
                self._record["status"] = SKIPPED
                return
        try:
            self._make = job.begin()
        except (InputError, TransferError) as error:
            self._record |= {"status": FAILED, "error": str(error)}

    def finish(self, report: Report) -> dict[str, Any]:
        """Return what became of the job, as a program reads it."""
        record, result = self._record, self._job.result
        if self._make is None:
            return record
        assert result is not None
        try:
            made = self._make(report)
            result.parent.mkdir(parents=True, exist_ok=True)
            files.write_atomically(result, made.content)
        except (InputError, TransferError) as error:
            return record | {"status": FAILED, "error": str(error)}
        except OSError as error:
            sentence = f"The result cannot be written to {result}: {error.strerror}."
            return record | {"status": FAILED, "error": sentence}
        seconds = round(time.perf_counter() - self._began, 3)
        notices = {"notices": list(made.notices)} if made.notices else {}
        return record | {"status": DONE, "seconds": seconds} | made.figures | notices


def _line(record: dict[str, Any]) -> str:
    """Return the same for a reader."""
    source, result = record["source"], record.get("result")
    if record["status"] == FAILED:
        return f"{source}: {record['error']}"
    if record["status"] == SKIPPED:
        return f"{source}: skipped, as {result} exists (--overwrite remakes it)"
    return " ".join([f"{source} → {result}", *record.get("notices", ())])

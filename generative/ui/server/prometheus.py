"""`/metrics`: jobs, seconds, queue lengths and memory in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats. The format is a few lines of text, and
all figures but those of `JobFigures` are read when they are asked for, so this takes no client
library, with its registry of the whole process.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

from generative.studios import Studio
from generative.ui.server.error_responses import error_response
from generative.ui.server.jobs import Job

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Upper bounds of the histograms, in seconds."""

PASSWORD_NEEDED = "Send the user and the password of this server, as HTTP Basic does."

Labels = Mapping[str, str]
Sample = tuple[str, Labels, float]


class Histogram:
    """How many values lie below each bound of `BUCKETS`, and their sum."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(BUCKETS, value)] += 1
        self._sum += value

    def samples(self, name: str, labels: Labels) -> Iterator[Sample]:
        """Yield the histogram as Prometheus expects it: cumulative counts, sum and count."""
        counts = list(accumulate(self._counts))
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
            yield f"{name}_bucket", {**labels, "le": bound}, count
        yield f"{name}_sum", labels, self._sum
        yield f"{name}_count", labels, counts[-1]


@dataclass
class JobFigures:
    """Figures of all jobs since the start.

    Attributes:
        ended: how many, by panel, endpoint and outcome.
        waiting: their seconds of waiting, by queue.
        working: their seconds of working, by queue; without those refused.
    """

    ended: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    waiting: dict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))
    working: dict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))

    def count(self, job: Job) -> None:
        """Count a job that has ended."""
        self.ended[job.panel, job.endpoint, job.outcome] += 1
        if job.outcome != "refused":
            self.waiting[job.queue].add(job.waiting_seconds)
            self.working[job.queue].add(job.working_seconds)


def page(
    jobs: JobFigures, lengths: Mapping[str, tuple[int, int]], processes: Mapping[str, int | None]
) -> str:
    """Return the page.

    Args:
        jobs: figures of the jobs.
        lengths: how many requests wait and run, by queue.
        processes: ids by name; None for one that does not run.
    """
    ended = (
        ({"panel": panel, "endpoint": endpoint, "outcome": outcome}, number)
        for (panel, endpoint, outcome), number in jobs.ended.items()
    )
    memory = {name: resident_bytes(pid) for name, pid in processes.items() if pid is not None}
    families = [
        _family("jobs_total", "counter", "Jobs that have ended.", ended),
        _histograms("job_waiting_seconds", "Seconds that jobs waited.", jobs.waiting),
        _histograms("job_working_seconds", "Seconds that jobs worked.", jobs.working),
        _family(
            "queue_waiting_jobs",
            "gauge",
            "Jobs that wait now.",
            (({"queue": queue}, waiting) for queue, (waiting, _) in lengths.items()),
        ),
        _family(
            "queue_running_jobs",
            "gauge",
            "Jobs that run now.",
            (({"queue": queue}, running) for queue, (_, running) in lengths.items()),
        ),
        _family(
            "resident_memory_bytes",
            "gauge",
            "Memory in use.",
            (({"process": name}, size) for name, size in memory.items() if size is not None),
        ),
    ]
    return "".join(f"{line}\n" for family in families for line in family)


class Watched(Protocol):
    """A queue as far as its figures go.

    Attributes:
        figures: of the jobs that have ended.
    """

    figures: JobFigures

    def lengths(self) -> dict[str, tuple[int, int]]:
        """Return how many requests wait and how many run, by queue."""


def answer(
    queue: Callable[[], Watched], studio: Studio, user: tuple[str, str] | None
) -> Callable[[Headers], Response]:
    """Return what answers a request for an app's page, given the request's headers.

    Args:
        queue: returns the app's queue, which is made only when the app is launched.
        studio: where paintings run.
        user: name and password that a caller must send; None if anybody may call.
    """

    def respond(headers: Headers) -> Response:
        if user is not None and not _is(user, headers.get("authorization", "")):
            refusal = error_response(401, PASSWORD_NEEDED)
            refusal.headers["WWW-Authenticate"] = 'Basic realm="metrics"'
            return refusal
        processes = {"app": os.getpid(), "painting": studio.pid}
        text = page(queue().figures, queue().lengths(), processes)
        return PlainTextResponse(text, media_type=CONTENT_TYPE)

    return respond


def resident_bytes(pid: int) -> int | None:
    """Return the memory that a process has in use; None where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return None if found is None else 1024 * int(found[1])


def _family(
    name: str, kind: str, about: str, values: Iterable[tuple[Labels, float]]
) -> Iterator[str]:
    name = f"playground_{name}"
    yield from _head(name, kind, about)
    for labels, value in values:
        yield _line((name, labels, value))


def _histograms(name: str, about: str, histograms: Mapping[str, Histogram]) -> Iterator[str]:
    name = f"playground_{name}"
    yield from _head(name, "histogram", about)
    for queue, histogram in histograms.items():
        yield from map(_line, histogram.samples(name, {"queue": queue}))


def _head(name: str, kind: str, about: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _line(sample: Sample) -> str:
    name, labels, value = sample
    shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{shown}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _is(user: tuple[str, str], authorization: str) -> bool:
    expected = "Basic " + base64.b64encode(":".join(user).encode()).decode()
    return secrets.compare_digest(authorization.encode(), expected.encode())

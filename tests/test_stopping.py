"""The end of the queue, and what is logged and counted on the way there."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import threading
import time
from collections.abc import Iterator

import gradio as gr
import pytest
from loops import run_async
from talk import App, is_a_sentence
from waits import wait_until

from app import OTHER_LIMITS, QUEUE_LIMITS
from generative.ui.handlers import OUR_FAULT, computing
from generative.ui.server import logs, prometheus
from generative.ui.server.fair_queue import STOPPED
from generative.ui.server.health import STOPPING
from generative.ui.server.jobs import Job
from generative.ui.server.prometheus import Histogram, JobFigures
from generative.ui.server.request_filter import server_options
from generative.ui.validating_blocks import ValidatingBlocks

SECONDS = 60
NUMBERS = 10 * SECONDS
"""Are counted in a minute."""


@pytest.fixture
def counting() -> Iterator[ValidatingBlocks]:
    """A small app that counts for a minute, or fails."""

    def count() -> Iterator[int]:
        for number in range(NUMBERS):
            time.sleep(0.1)
            yield number

    def fail() -> int:
        raise ZeroDivisionError

    async def start() -> ValidatingBlocks:  # Outside a loop, Gradio makes some, and closes none.
        with ValidatingBlocks(QUEUE_LIMITS, OTHER_LIMITS, analytics_enabled=False) as demo:
            with gr.Tab("Numbers"):
                shown = gr.Number()
            gr.Button().click(count, None, shown, api_name="count")
            gr.Button().click(computing(fail), None, shown, api_name="fail")
        options = server_options(demo, ())
        demo.launch(prevent_thread_lock=True, quiet=True, num_workers=0, app_kwargs=options)
        return demo

    demo = run_async(start)
    yield demo
    demo.close(verbose=False)


def ask(app: App, name: str) -> tuple[int, dict[str, str]]:
    status, answer = app.send("POST", f"/gradio_api/call/{name}", b'{"data": []}')
    return status, json.loads(answer)


def test_what_takes_too_long_is_stopped_with_a_sentence(counting):
    app, queue = App(counting.local_url), counting.fair_queue
    _, event = ask(app, "count")
    answers = []
    reader = threading.Thread(
        target=lambda: answers.append(app.read("count", event["event_id"])), daemon=True
    )
    reader.start()
    wait_until(lambda: queue.lengths()["small requests"] == (0, 1), "the job to begin")
    begun = time.monotonic()
    draining = asyncio.run_coroutine_threadsafe(queue.drain(0.2), queue.loop)

    def refusal() -> dict[str, str] | None:
        status, answer = ask(app, "count")
        return answer if status == 503 else None

    assert wait_until(refusal, "a refusal") == {"detail": STOPPING}
    draining.result(SECONDS)
    assert time.monotonic() - begun > 0.2
    reader.join(SECONDS)
    assert answers[0].error == STOPPED
    assert len(answers[0].frames) < NUMBERS
    assert is_a_sentence(STOPPED)
    assert set(queue.figures.ended) == {
        ("Numbers", "count", "refused"),
        ("Numbers", "count", "stopped"),
    }


def test_an_idle_queue_ends_at_once(counting):
    queue = counting.fair_queue
    asyncio.run_coroutine_threadsafe(queue.drain(100 * SECONDS), queue.loop).result(SECONDS)


def test_a_fault_of_the_program_is_counted_as_one(counting, caplog):
    caplog.set_level(logging.INFO, logs.PACKAGE)
    app = App(counting.local_url)
    assert app.call("fail").error == OUR_FAULT
    wait_until(lambda: counting.fair_queue.figures.ended, "the job to be counted")
    assert counting.fair_queue.figures.ended == {("Numbers", "fail", "failed"): 1}
    fault, job = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert fault.exc_info[0] is ZeroDivisionError
    assert job.fields["outcome"] == "failed"


def test_a_line_is_json_whatever_it_says():
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonLines())
    try:
        raise ValueError('two\nlines, a "quote" and é')
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 1, "%s\n", ("x",), sys.exc_info())
    record.created = 1.9996
    handler.emit(record)
    (line,) = written.getvalue().splitlines()
    said = json.loads(line)
    assert said["time"] == "1970-01-01T00:00:02.000Z"
    assert (said["level"], said["logger"], said["message"]) == ("error", "a", "x\n")
    assert said["traceback"].endswith('ValueError: two\nlines, a "quote" and é')


def test_a_histogram_counts_up_to_its_bounds():
    histogram = Histogram()
    for value in (0.01, 0.02, 2, 1e6):
        histogram.add(value)
    samples = {
        (name, labels.get("le")): value for name, labels, value in histogram.samples("h", {})
    }
    bounds = {bound: samples["h_bucket", bound] for bound in ("0.01", "0.03", "1.0", "3.0", "+Inf")}
    assert bounds == {"0.01": 1, "0.03": 2, "1.0": 2, "3.0": 3, "+Inf": 4}
    assert samples["h_count", None] == 4
    assert samples["h_sum", None] == pytest.approx(1000002.03)


def test_labels_are_escaped_and_the_refused_wait_for_nothing():
    figures = JobFigures()
    figures.count(Job('a"b\\c', "e", "q", 1, 0.0, 0.0, "refused"))
    text = prometheus.page(figures, {"q": (2, 1)}, {"app": None})
    assert r'playground_jobs_total{panel="a\"b\\c",endpoint="e",outcome="refused"} 1' in text
    assert 'playground_queue_waiting_jobs{queue="q"} 2\n' in text
    assert "_seconds_count" not in text
    assert text.endswith("\n")

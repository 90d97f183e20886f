"""Choosing where paintings run, without a cluster: see `test_ray.py` for one."""

from __future__ import annotations

import importlib.util

import pytest
from talk import is_a_sentence

from generative import checkpoints
from generative.errors import ClusterError
from generative.studios import ProcessStudio, open_studio, worker
from generative.worker_process import FINISHED, RAISED, YIELDED


def test_without_an_address_paintings_run_beside_the_app():
    studio = open_studio(checkpoints.SHIPPED)
    assert isinstance(studio, ProcessStudio)
    assert (studio.room, studio.pid) == (1, None)


@pytest.mark.parametrize(
    "address", ["cluster", "http://a:1", "a:b", "ray://a", "a:123456", "auto:1x"]
)
def test_what_is_no_address_is_refused_in_a_sentence(address):
    with pytest.raises(ClusterError, match="expected HOST:PORT") as why:
        open_studio(checkpoints.SHIPPED, address)
    assert address in str(why.value)
    assert is_a_sentence(str(why.value))


def test_without_ray_a_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ClusterError, match="pip install") as why:
        open_studio(checkpoints.SHIPPED, "127.0.0.1:6379")
    assert is_a_sentence(str(why.value))


# --- A worker, called as a cluster would -----------------------------------------------------


def counts(directory, most):
    assert directory == checkpoints.SHIPPED
    told = []
    for number in range(most):
        told.append((yield number, tuple(told)))
    raise ZeroDivisionError


def test_a_worker_computes_a_step_a_call_and_returns_what_went_wrong(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "")
    own = worker.Worker(cpus=1, save_seconds=0)
    assert own.begin(counts, None, (2,)) == worker.Answer(YIELDED, (0, ()))
    assert own.advance("a") == worker.Answer(YIELDED, (1, ("a",)))
    answer = own.advance("b")
    assert (answer.kind, answer.saved) == (RAISED, None)
    assert "ZeroDivisionError" in str(answer.value)
    assert own.begin(counts, None, ()).kind == RAISED  # An argument is missing.
    assert own.end() is None


def test_a_task_returns_the_last_value(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "")

    def letters(_directory):
        yield from "ab"

    assert worker.last_step(letters, 1, None, ()) == (FINISHED, "b")
    assert worker.last_step(counts, 1, None, (1,))[0] == RAISED

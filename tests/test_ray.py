"""Painting on a Ray cluster of two nodes, both on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from painting import picture
from talk import ROOT, is_a_sentence

from generative import checkpoints, cli, images, studios
from generative.errors import ClusterError, InputError, ProcessError
from generative.style_transfer import networks, painter, stylize
from generative.style_transfer.options import Balance, LiveWeights

pytest.importorskip("ray.exceptions", reason='Ray is not installed: pip install "ray[default]"')

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray

from generative.studios import ray_cluster
from generative.studios.ray_studio import FULL, LOST, RayStudio
from generative.studios.studio import Waiting

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own.

CPUS = 2
CONTENT, STYLE = picture(48, 64, 1), picture(64, 64, 2)
OPTIONS = {"styles": [(STYLE, 1.0)], "size": 64, "steps": 8, "network": "features"}
WAIT = 300


class Nodes:
    """Two nodes, each with room for one painting."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "ray_nodes.py", str(CPUS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout
        self.address = self._process.stdout.readline().strip()

    def kill_one(self) -> None:
        """Kill the node that is not ours."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("kill\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def workers(self) -> list[psutil.Process]:
        """Return the processes that paint."""
        everything = psutil.Process(self._process.pid).children(recursive=True)
        return [each for each in everything if each.cmdline()[:1] and "Worker" in each.cmdline()[0]]

    def stop(self) -> None:
        """End all nodes."""
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(WAIT)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """The cluster."""
    cluster = Nodes()
    yield cluster
    ray.shutdown()
    cluster.stop()


@pytest.fixture(scope="module")
def studio(nodes: Nodes) -> RayStudio:
    """A studio on both nodes, whose workers save every step."""
    return RayStudio(ray_cluster.connect(nodes.address, CPUS), checkpoints.SHIPPED, 0)


def expected(steps: int = OPTIONS["steps"]) -> Any:
    """Return the last picture as this process paints it."""
    *_, last = stylize(CONTENT, **{**OPTIONS, "steps": steps, "network": networks.load_pair()})
    return last.image


def finish(painting: Any, seen: list[Any]) -> None:
    """Paint to the end with the usual weights."""
    with suppress(StopIteration):
        seen.append(next(painting))
        go_through(painting, seen)


def go_through(painting: Any, seen: list[Any]) -> None:
    """Paint a begun painting to the end."""
    with suppress(StopIteration):
        while True:
            seen.append(painting.send(Balance()))


def steps_of(seen: list[Any]) -> list[Any]:
    return [each for each in seen if each is not None and not isinstance(each, Waiting)]


def reasons(seen: list[Any]) -> set[str]:
    return {each.reason for each in seen if isinstance(each, Waiting)}


def until_step(painting: Any, number: int) -> list[Any]:
    """Paint up to a step."""
    seen = [next(painting)]
    while not (steps := steps_of(seen)) or steps[-1].step < number:
        seen.append(painting.send(Balance()))
    return seen


# --- Reaching it -----------------------------------------------------------------------------


def test_where_nobody_answers_as_a_cluster_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr(ray_cluster, "ANSWER_SECONDS", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for address in (f"127.0.0.1:{silent.getsockname()[1]}", "ray://[::1]:9"):
            with pytest.raises(ClusterError) as caught:
                studios.open_studio(checkpoints.SHIPPED, address)
            assert address in str(caught.value)
            assert is_a_sentence(str(caught.value))


def test_a_cluster_without_room_is_refused_in_a_sentence(nodes):
    with pytest.raises(ClusterError, match=f"expected 64 CPUs in one node, .* has {CPUS}") as why:
        studios.open_studio(checkpoints.SHIPPED, nodes.address, 64)
    assert is_a_sentence(str(why.value))


def test_a_node_with_other_versions_is_refused_in_a_sentence():
    ours = ray_cluster.worker.versions()
    ray_cluster.check_versions("A node", ours)
    with pytest.raises(ClusterError, match=r"another numpy .* received 1\.0") as why:
        ray_cluster.check_versions("A node", {**ours, "numpy": "1.0"})
    assert is_a_sentence(str(why.value))


def test_a_folder_is_painted_in_order_as_without_a_cluster(nodes, tmp_path, capsys):
    for index in range(4):
        (tmp_path / f"{index}.png").write_bytes(images.encode_png(picture(48, 64, index)))
    (tmp_path / "2.png").write_bytes(b"nothing")
    printed = []
    for name, more in (("here", []), ("there", ["--ray", nodes.address])):
        options = ["--size", "64", "--steps", "3", "--output", str(tmp_path / name), *more]
        assert cli.main(["stylize", str(tmp_path), "--style", "oil", *options]) == 1
        said = capsys.readouterr()
        assert said.err.endswith("3 done, 0 skipped, 1 failed.\n")
        printed.append(said.out.replace(f"/{name}/", "/"))
    ray.shutdown()
    assert printed[0] == printed[1]
    for index in (0, 1, 3):
        here, there = ((tmp_path / name / f"{index}.png") for name in ("here", "there"))
        assert here.read_bytes() == there.read_bytes()


# --- Painting --------------------------------------------------------------------------------


def test_a_painting_is_the_one_of_this_machine_stopped_turned_or_not(studio):
    assert studio.room == 2
    painting = studio.paint("a", CONTENT, Balance(), OPTIONS)
    until_step(painting, 3)
    painting.close()
    seen: list[Any] = []
    finish(studio.go_on("a", CONTENT, Balance(), OPTIONS, 5), seen)
    assert [step.step for step in steps_of(seen)] == [4, 5, 6, 7, 8]
    np.testing.assert_array_equal(steps_of(seen)[-1].image, expected())

    turned = studio.paint("b", CONTENT, Balance(), OPTIONS)
    until_step(turned, 3)
    seen = [turned.send(Balance(style=30))]
    live = LiveWeights()
    here = stylize(CONTENT, weights=live, **{**OPTIONS, "network": networks.load_pair()})
    for _ in range(3):
        next(here)
    live.turn(style=30)
    np.testing.assert_array_equal(seen[0].image, next(here).image)
    here.close()
    turned.close()


def test_what_is_refused_there_is_refused_here(studio):
    with pytest.raises(InputError, match="steps"):
        finish(studio.paint("c", CONTENT, Balance(), {**OPTIONS, "steps": 0}), [])
    with pytest.raises(InputError, match="begin one first"):
        finish(studio.go_on("unknown", CONTENT, Balance(), OPTIONS, 5), [])


def test_no_code_travels():
    sent = ray.cloudpickle.dumps((painter.paint, (CONTENT, Balance(), OPTIONS)))
    assert b"CodeType" not in sent
    assert b"code" not in sent.replace(b"encode", b"")


def test_a_full_cluster_says_so_and_lets_go_at_once(studio):
    long = {**OPTIONS, "steps": 5000}
    both = [studio.paint(key, CONTENT, Balance(), long) for key in ("d", "e")]
    for painting in both:
        until_step(painting, 1)
    third = studio.paint("f", CONTENT, Balance(), OPTIONS)
    assert next(third) == Waiting(FULL)
    for painting in (third, both[0]):
        painting.close()
    seen: list[Any] = []
    finish(studio.paint("f", CONTENT, Balance(), OPTIONS), seen)
    assert steps_of(seen)[-1].step == OPTIONS["steps"]
    both[1].close()
    # It was let go long before its end: it has steps left to make.
    left = studio.go_on("d", CONTENT, Balance(), long, 1)
    assert until_step(left, 1)[-1].step < long["steps"]
    left.close()


# --- Losses ----------------------------------------------------------------------------------


def test_a_painting_whose_worker_is_killed_goes_on_from_where_it_was(studio, nodes):
    painting = studio.paint("g", CONTENT, Balance(), OPTIONS)
    until_step(painting, 4)
    for worker in nodes.workers():
        worker.kill()
    seen: list[Any] = []
    go_through(painting, seen)
    assert LOST in reasons(seen)
    steps = [step.step for step in steps_of(seen)]
    assert steps[0] > 1
    assert steps[-1] == OPTIONS["steps"]
    np.testing.assert_array_equal(steps_of(seen)[-1].image, expected())


def test_what_kills_its_workers_is_given_up_in_a_sentence(studio):
    with pytest.raises(ProcessError, match="ended unexpectedly") as why:
        finish(studio.run(kill_this_process), [])
    assert is_a_sentence(str(why.value))


def test_paintings_outlive_their_node(studio, nodes):
    long = {**OPTIONS, "steps": 40}
    both = [studio.paint(key, CONTENT, Balance(), long) for key in ("h", "i")]
    for painting in both:
        until_step(painting, 2)
    nodes.kill_one()
    seen: list[list[Any]] = [[], []]
    threads = [
        threading.Thread(target=go_through, args=pair, daemon=True)
        for pair in zip(both, seen, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert [steps_of(each)[-1].step for each in seen] == [40, 40]
    lost = [each for each in seen if LOST in reasons(each)]
    assert len(lost) == 1
    assert steps_of(lost[0])[0].step > 1
    for each in seen:
        np.testing.assert_array_equal(steps_of(each)[-1].image, expected(40))


def kill_this_process(_directory: Path) -> Iterator[None]:
    """End the worker that runs this."""
    os.kill(os.getpid(), signal.SIGKILL)
    yield

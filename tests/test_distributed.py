"""Two worker processes on this machine train what one process trains."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from talk import ROOT

from generative import checkpoints, models
from generative.training.runs import Run, TrainingRequest

REQUEST = TrainingRequest("shallow", "mnist", epochs=2, batch_size=64, seed=5, limit=512)
PATIENCE = 240

WORKER = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, "tests")
from generative import models
from generative.training import trainer
strategy = trainer.strategy()
from generative.training.runs import Run
from test_distributed import REQUEST

run = Run(REQUEST, Path(sys.argv[1]), strategy=strategy)
losses = [progress.loss for progress in run.steps()]
np.savez(sys.argv[2], losses=losses, chief=run.is_chief, **models.weights(run.trainer.network))
"""


def free_ports(count: int) -> list[int]:
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


def start_workers(folder: Path) -> list[subprocess.Popen[str]]:
    """Start both workers, each with a folder and a file of weights of its own."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    workers = []
    for index in range(2):
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": addresses}, "task": task})
        files = [str(folder / f"checkpoints-{index}"), str(folder / f"weights-{index}.npz")]
        workers.append(
            subprocess.Popen(
                [sys.executable, "-c", WORKER, *files],
                cwd=ROOT,
                env={**os.environ, "TF_CONFIG": config},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    return workers


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The folder in which two workers trained."""
    folder = tmp_path_factory.mktemp("workers")
    workers = start_workers(folder)
    try:
        for worker in workers:
            _, errors = worker.communicate(timeout=PATIENCE)
            assert worker.returncode == 0, errors[-3000:]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    return folder


@pytest.fixture(scope="module")
def results(both):
    """What each worker ended with."""
    found = []
    for index in range(2):
        with np.load(both / f"weights-{index}.npz") as file:
            found.append(dict(file))
    return found


@pytest.mark.data
def test_both_workers_have_the_same_weights(results):
    first, second = results
    assert first.keys() == second.keys()
    for name in first.keys() - {"chief"}:
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.data
def test_they_are_those_of_one_process(results, tmp_path):
    run = Run(REQUEST, tmp_path)
    losses = [progress.loss for progress in run.steps()]
    np.testing.assert_allclose(results[0]["losses"], losses, rtol=1e-4)
    for name, array in models.weights(run.trainer.network).items():
        np.testing.assert_allclose(results[0][name], array, rtol=1e-3, atol=1e-4)


@pytest.mark.data
def test_the_chief_alone_writes(both, results):
    assert [bool(result["chief"]) for result in results] == [True, False]
    assert checkpoints.available(both / "checkpoints-0") == ["shallow-mnist"]
    assert checkpoints.available(both / "checkpoints-1") == []
    card = checkpoints.read_card("shallow-mnist", both / "checkpoints-0")
    assert card["training"]["replicas"] == 2
    written = checkpoints.read_weights("shallow-mnist", card, both / "checkpoints-0")
    for name, array in written.items():
        np.testing.assert_allclose(results[0][name], array, rtol=1e-3, atol=1e-4)

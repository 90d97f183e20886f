"""A Ray cluster: reaching it, checking that its nodes can paint, and handing them tasks.

Ray tries for minutes to reach what is not there, and says what is wrong in many lines: what can go
wrong is looked for first, and said in one sentence.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import grpc
import ray
from ray.exceptions import GetTimeoutError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from generative import checkpoints
from generative.errors import ClusterError
from generative.studios import worker
from generative.studios.worker import Versions
from generative.worker_process import RAISED, process_lost

ANSWER_SECONDS = 10
"""Time that a cluster has to answer at all."""

CHECK_SECONDS = 60
"""Time that all nodes have to say what they paint with."""

RETRIES = 3
"""Times that a task is begun anew if its worker or its node ends."""

Finish = Callable[[], Any]


@dataclass(frozen=True)
class Cluster:
    """A cluster that can paint.

    Attributes:
        cpus: of a node that a painting takes.
        room: paintings at a time, when the cluster was reached.
    """

    cpus: int
    room: int

    def submit(
        self,
        function: Callable[..., Generator[Any, Any, None]],
        directory: Path,
        arguments: tuple[Any, ...],
    ) -> Finish:
        """Begin a task that runs a generator to its end; return what waits for its last value.

        The task waits for room in the cluster, and is begun anew if its node is lost.

        Args:
            function: of this package, at the top level of a module.
            directory: of the checkpoints.
            arguments: that the function takes after the directory.
        """
        task = ray.remote(worker.last_step).options(num_cpus=self.cpus, max_retries=RETRIES)
        ref = task.remote(function, self.cpus, shipped_or(directory), arguments)

        def finish() -> Any:
            try:
                kind, value = ray.get(ref)
            except RayTaskError:
                raise
            except RayError:
                raise process_lost() from None
            if kind == RAISED:
                raise value
            return value

        return finish


def shipped_or(directory: Path) -> Path | None:
    """Return a folder of checkpoints as nodes are told: None for those that come with this."""
    return None if directory == checkpoints.SHIPPED else directory.resolve()


def connect(address: str, cpus: int) -> Cluster:
    """Connect this program to a cluster, and check that the cluster can paint.

    Args:
        address: HOST:PORT, ray://HOST:PORT or "auto".
        cpus: of a node that a painting takes.

    Raises:
        ClusterError: nobody answers there, no node has room, or a node has other versions.
    """
    _wait_for_an_answer(address)
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
    except Exception as error:  # Ray's reasons have a dozen types.
        raise ClusterError(_why(address, error)) from error
    nodes = [node for node in ray.nodes() if node["Alive"]]
    room = sum(_cpus(node) // cpus for node in nodes)
    try:
        if room == 0:
            most = max(map(_cpus, nodes), default=0)
            raise ClusterError(
                f"No node of the Ray cluster has room for a painting: expected {cpus} CPUs in one "
                f"node, and the largest has {most}, so lower --ray-cpus or add a larger node."
            )
        _check_nodes([node for node in nodes if _cpus(node) >= cpus])
    except ClusterError:
        ray.shutdown()
        raise
    return Cluster(cpus, room)


def check_versions(node: str, found: Versions) -> None:
    """Check that a node paints with what this machine has.

    Args:
        node: what it is called.
        found: its `worker.versions`.

    Raises:
        ClusterError: it does not, so that its paintings could be others.
    """
    for name, expected in worker.versions().items():
        if found.get(name) != expected:
            raise ClusterError(
                f"{node} of the Ray cluster has another {name} than this machine: expected "
                f"{expected}, received {found.get(name)}, so start both from the same image."
            )


def _wait_for_an_answer(address: str) -> None:
    """Raise `ClusterError` if nobody answers at an address as a cluster does."""
    if address == "auto" or os.environ.get("RAY_USE_TLS") == "1":
        return
    with grpc.insecure_channel(address.removeprefix("ray://")) as channel:
        try:
            grpc.channel_ready_future(channel).result(ANSWER_SECONDS)
        except grpc.FutureTimeoutError:
            raise ClusterError(_nobody(address)) from None


def _nobody(address: str) -> str:
    return (
        f"No Ray cluster answers at {address}: check the address, and that ray start --head runs "
        "there."
    )


def _why(address: str, error: Exception) -> str:
    """Return the sentence for an error of Ray's."""
    text = " ".join(str(error).split())
    if found := re.search(
        r"cluster was started with:? Ray: (\S+) Python: (\S+).*Ray: (\S+) Python: (\S+)", text
    ):
        theirs, ours = " ".join(found.groups()[:2]), " ".join(found.groups()[2:])
        return (
            f"The Ray cluster at {address} has other versions of Ray and Python than this machine: "
            f"expected {ours}, received {theirs}, so start both from the same image."
        )
    if "node_ip_address" in text or "raylet" in text.lower():
        return (
            f"This machine is not a part of the Ray cluster at {address}: run ray start "
            "--address=HOST:PORT --num-cpus=0 on it first, or connect with ray://HOST:10001."
        )
    if isinstance(error, ConnectionError):
        return _nobody(address)
    return f"The Ray cluster at {address} cannot be used ({type(error).__name__}): see its log."


def _check_nodes(nodes: Sequence[Mapping[str, Any]]) -> None:
    """Ask every node what it paints with, all at once.

    Raises:
        ClusterError: a node has other versions, does not have this package, or does not answer.
    """
    ask = ray.remote(worker.versions)
    asked = {}
    for node in nodes:
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ref = ask.options(num_cpus=0, max_retries=0, scheduling_strategy=there).remote()
        asked[f"The node {node['NodeManagerAddress']}"] = ref
    with suppress(RayError):
        ray.wait([*asked.values()], num_returns=len(asked), timeout=CHECK_SECONDS)
    for name, ref in asked.items():
        try:
            found = ray.get(ref, timeout=0)
        except GetTimeoutError:
            raise ClusterError(
                f"{name} of the Ray cluster does not answer within {CHECK_SECONDS} seconds: see "
                "its log, or stop it."
            ) from None
        except RayError:
            raise ClusterError(
                f"{name} of the Ray cluster cannot run this program: install what the app has "
                "there too, or start it from the same image."
            ) from None
        check_versions(name, found)


def _cpus(node: Mapping[str, Any]) -> int:
    return int(node["Resources"].get("CPU", 0))

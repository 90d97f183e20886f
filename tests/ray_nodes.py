"""Two nodes of a Ray cluster on this machine, in a process of their own.

    python tests/ray_nodes.py CPUS

Prints the cluster's address, kills the second node at the first line that it reads, and ends all at
the end of its input.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from ray._private.node import Node
from ray.cluster_utils import Cluster

OBJECT_STORE_BYTES = 80 * 2**20
ATTEMPTS = 4
QUICK = {"health_check_period_ms": 1000}
"""A node that is gone is noticed in five seconds; one that is merely busy, Ray waits for."""


def main(cpus: int) -> None:
    """Start the nodes, and do as told."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # The tests wait for these workers, which would yield to whatever else runs here.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # Functions of tests run there too.
    node = {"num_cpus": cpus, "object_store_memory": OBJECT_STORE_BYTES}
    head = {**node, "include_dashboard": False, "_system_config": QUICK}
    cluster = Cluster()
    patiently(cluster, head)
    second = patiently(cluster, node)
    print(cluster.address, flush=True)
    for _line in sys.stdin:
        cluster.remove_node(second, allow_graceful=False)
        print("removed", flush=True)
    cluster.shutdown()


def patiently(cluster: Cluster, options: dict[str, Any]) -> Node:
    """Add a node: Ray gives it 30 seconds to start, which a busy machine may need more than once.

    Raises:
        Exception: it has not started at the last attempt.
    """
    for attempt in range(ATTEMPTS):
        try:
            return cluster.add_node(**options)
        except Exception:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Where paintings are painted: in a process of this machine, or on a Ray cluster.

studio        what every studio offers
process       one low-priority process beside the app
ray_cluster   reaching a cluster, and checking that it can paint
ray_studio    a pool of workers in a cluster
worker        what runs on a node of it

`open_studio` chooses, and nobody else knows which one there is. Ray is imported only to reach a
cluster.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

from generative.errors import ClusterError
from generative.studios.process import ProcessStudio
from generative.studios.studio import Studio, Waiting

if TYPE_CHECKING:
    from generative.studios.ray_cluster import Cluster

__all__ = ["CPUS", "ProcessStudio", "Studio", "Waiting", "open_cluster", "open_studio"]

CPUS = 2
"""Of a node, that one painting takes by default."""


ADDRESS = re.compile(r"auto|(ray://)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+):\d{1,5}")


def open_studio(directory: Path, address: str | None = None, cpus: int = CPUS) -> Studio:
    """Return the studio that paints with the networks of a checkpoint folder.

    Args:
        directory: of the checkpoints.
        address: of a Ray cluster; None to paint on this machine.
        cpus: of a node of the cluster that a painting takes.

    Raises:
        ClusterError: Ray is not installed, or the cluster cannot be reached or cannot paint.
    """
    if address is None:
        return ProcessStudio(directory)
    cluster = open_cluster(address, cpus)
    from generative.studios.ray_studio import RayStudio

    return RayStudio(cluster, directory)


def open_cluster(address: str, cpus: int = CPUS) -> Cluster:
    """Return the cluster at an address, once it is known that it can paint.

    Raises:
        ClusterError: as `open_studio`.
    """
    if not ADDRESS.fullmatch(address):
        raise ClusterError(
            f"There is no address of a Ray cluster in {address!r}: expected HOST:PORT, "
            "ray://HOST:PORT or auto."
        )
    if importlib.util.find_spec("ray") is None:
        raise ClusterError(
            'A Ray cluster needs Ray, which is not installed: run pip install "ray[default]", or '
            "start without --ray and RAY_ADDRESS."
        )
    from generative.studios import ray_cluster

    return ray_cluster.connect(address, cpus)

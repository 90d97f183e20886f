"""Checkpoints of a repository, fetched into the Hub's own cache and checked.

Two files of a checkpoint are fetched, its card and its weights, each bounded in size; whatever
else a repository holds stays where it is. What is in the cache is fetched again only if it does not
match the hash on its card. With HF_HUB_OFFLINE, or without a connection, the cache is all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub import get_cached_repo_tree as cached_tree
from huggingface_hub.errors import CachedRepoTreeNotFoundError
from huggingface_hub.hf_api import RepoFile

from generative import checkpoints
from generative.errors import CheckpointError
from generative.hub.addresses import Address
from generative.hub.refusals import explained

LIMITS = {
    checkpoints.CARD: checkpoints.MAX_CARD_BYTES,
    checkpoints.WEIGHTS: checkpoints.MAX_BYTES,
}
"""The files of a checkpoint, and how many bytes each may have."""

Tree = Mapping[str, int]
"""The files of a repository: path → bytes."""


def fetch(address: Address, names: Iterable[str] = ()) -> Path:
    """Return a folder that holds checkpoints of a repository: `checkpoint/card.json` and so on.

    Shows its progress on a terminal.

    Args:
        address: the repository; if it names a checkpoint, that one is fetched.
        names: checkpoints to fetch where it names none; those that are not there are passed over.

    Raises:
        CheckpointError: there is none of them, or one is too large, or damaged where it comes from.
        HubError: the Hub refuses or cannot be reached, and the cache does not have all.
    """
    with explained(address):
        commit = HfApi().resolve_revision(address.repository, revision=address.revision).resolved
        tree = _tree(address.repository, commit)
    found = _choose(address, tree, names)
    paths = [path for name in found for path in _paths(name) if path in tree]
    _check_sizes(address, tree, paths)
    with explained(address):
        folder = Path(snapshot_download(address.repository, revision=commit, allow_patterns=paths))
    for name in found:
        if not _is_sound(name, folder):
            _fetch_again(address.of(name), commit, folder)
    return folder


def _tree(repository: str, commit: str) -> Tree:
    try:
        listed = cached_tree(repository, revision=commit)
    except CachedRepoTreeNotFoundError:
        entries = HfApi().list_repo_tree(repository, revision=commit, recursive=True)
        listed = [entry for entry in entries if isinstance(entry, RepoFile)]
    return {file.path: file.size for file in listed}


def _choose(address: Address, tree: Tree, names: Iterable[str]) -> list[str]:
    """Return the checkpoints that are asked for and there."""
    wanted = [address.checkpoint] if address.checkpoint else names
    found = [name for name in wanted if f"{name}/{checkpoints.CARD}" in tree]
    if not found:
        there = sorted(path.split("/")[0] for path in tree if path.endswith(f"/{checkpoints.CARD}"))
        raise CheckpointError(
            f"There is no checkpoint {address.checkpoint or 'of this program'} in "
            f"{address.of('')}. Found there: {', '.join(filter(str.isprintable, there)) or 'none'}."
        )
    return found


def _paths(name: str) -> list[str]:
    return [f"{name}/{file}" for file in LIMITS]


def _check_sizes(address: Address, tree: Tree, paths: Iterable[str]) -> None:
    for path in paths:
        name, file = path.split("/")
        if tree[path] > LIMITS[file]:
            raise CheckpointError(
                f"The checkpoint {address.of(name)} is not fetched: its {file} has "
                f"{tree[path] / 2**20:,.1f} MB, and {LIMITS[file] >> 20} MB are the most that one "
                "of this program can have."
            )


def _is_sound(name: str, folder: Path) -> bool:
    try:
        checkpoints.read_blob(name, checkpoints.read_card(name, folder), folder)
    except CheckpointError:
        return False
    return True


def _fetch_again(address: Address, commit: str, folder: Path) -> None:
    """Replace a checkpoint in the cache that is damaged, there or where it comes from.

    Raises:
        CheckpointError: it is damaged where it comes from.
    """
    name = address.checkpoint
    with explained(address):
        for path in _paths(name):
            if (folder / path).exists():
                hf_hub_download(address.repository, path, revision=commit, force_download=True)
    if not _is_sound(name, folder):
        raise CheckpointError(
            f"The checkpoint {address} cannot be used: what the Hub has of it does not match the "
            "hash on its card. Ask who published it to publish it again, or choose another "
            "revision."
        )

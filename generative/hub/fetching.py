"""Download checkpoints of a repository into the Hub's own cache, and check them.

Of each checkpoint two files are downloaded, its card and its weights, if they are not too large;
the other files of a repository never are. A cached file is downloaded again only if it does not
match the hash on its card. With HF_HUB_OFFLINE, or when the Hub cannot be reached, the cache is
used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download, is_offline_mode, snapshot_download
from huggingface_hub import get_cached_repo_tree as cached_tree
from huggingface_hub.errors import CachedRepoTreeNotFoundError
from huggingface_hub.hf_api import RepoFile

from generative import checkpoints
from generative.errors import CheckpointError, InputError
from generative.hub.addresses import Address, parse
from generative.hub.errors import readable_hub_errors
from generative.models import MODELS, checkpoint_id

HUB = "hub:"
"""How a repository begins where a folder could stand."""

LIMITS = {
    checkpoints.CARD: checkpoints.MAX_CARD_BYTES,
    checkpoints.WEIGHTS: checkpoints.MAX_BYTES,
}
"""The files of a checkpoint, and how many bytes each may have."""

KNOWN = tuple(
    checkpoint_id(name, *each) for name, entry in MODELS.items() for each in entry.checkpoints
)
"""The checkpoints that this program can use."""

SHOWN = 20
"""Checkpoints that a message lists at most."""

Tree = Mapping[str, int]
"""The files of a repository: path → bytes."""


def checkpoint_folder(place: str) -> Path:
    """Return a folder of checkpoints, downloaded first if it is "hub:OWNER/NAME[@REVISION]".

    Raises:
        InputError: the Hub can have no such repository.
        CheckpointError, HubError: see `fetch`.
    """
    if not place.startswith(HUB):
        return Path(place)
    return fetch(parse(place.removeprefix(HUB)))


def fetch_checkpoint(text: str) -> tuple[str, Path]:
    """Download one checkpoint and return its name and the folder that holds it.

    Args:
        text: "OWNER/NAME:checkpoint", with "@revision" for another than the main branch.

    Raises:
        InputError: it is not of that form.
        CheckpointError, HubError: see `fetch`.
    """
    address = parse(text)
    if not address.checkpoint:
        raise InputError(
            f"{text!r} names no checkpoint: expected OWNER/NAME:CHECKPOINT, such as "
            f"{address.of(KNOWN[0])}."
        )
    return address.checkpoint, fetch(address)


def fetch(address: Address, names: Iterable[str] = KNOWN) -> Path:
    """Download checkpoints and return the folder that holds them: `<checkpoint>/card.json` etc.

    Shows progress on a terminal.

    Args:
        address: the repository; if it names a checkpoint, only that one is downloaded.
        names: checkpoints to download if it names none; missing ones are skipped.

    Raises:
        CheckpointError: there is none of them, or one is too large, or damaged on the Hub.
        HubError: the Hub refuses or cannot be reached, and the cache does not hold all of them.
    """
    with readable_hub_errors(address):
        commit = _commit(address)
        tree = _tree(address.repository, commit)
    found = _choose(address, tree, names)
    paths = [path for name in found for path in _paths(name) if path in tree]
    _check_sizes(address, tree, paths)
    with readable_hub_errors(address):
        folder = Path(snapshot_download(address.repository, revision=commit, allow_patterns=paths))
    for name in found:
        if not _is_sound(name, folder):
            _repair(address.of(name), commit, folder)
    return folder


def _commit(address: Address) -> str:
    """Return the commit of a revision; offline, the last one that is known."""
    revision = HfApi().resolve_revision(
        address.repository,
        revision=address.revision,
        local_files_only=is_offline_mode(),  # otherwise the client logs that it is offline
    )
    return revision.resolved


def _tree(repository: str, commit: str) -> Tree:
    try:
        listed = cached_tree(repository, revision=commit)
    except CachedRepoTreeNotFoundError:
        entries = HfApi().list_repo_tree(repository, revision=commit, recursive=True)
        listed = [entry for entry in entries if isinstance(entry, RepoFile)]
    return {file.path: file.size for file in listed}


def _choose(address: Address, tree: Tree, names: Iterable[str]) -> list[str]:
    """Return the wanted checkpoints that exist."""
    wanted = [address.checkpoint] if address.checkpoint else names
    found = [name for name in wanted if f"{name}/{checkpoints.CARD}" in tree]
    if not found:
        cards = [path for path in sorted(tree) if path.endswith(f"/{checkpoints.CARD}")]
        there = [name for path in cards[:SHOWN] if (name := path.split("/")[0]).isprintable()]
        raise CheckpointError(
            f"There is no checkpoint {address.checkpoint or 'of this program'} in "
            f"{address.of('')}. Found there: {', '.join(there) or 'none'}."
        )
    return found


def _paths(name: str) -> list[str]:
    return [f"{name}/{file}" for file in LIMITS]


def _check_sizes(address: Address, tree: Tree, paths: Iterable[str]) -> None:
    for path in paths:
        name, file = path.split("/")
        if tree[path] > LIMITS[file]:
            raise CheckpointError(
                f"The checkpoint {address.of(name)} is not downloaded: its {file} has "
                f"{tree[path] / 2**20:,.1f} MB, and this program's have at most "
                f"{LIMITS[file] >> 20} MB."
            )


def _is_sound(name: str, folder: Path) -> bool:
    try:
        checkpoints.read_blob(name, checkpoints.read_card(name, folder), folder)
    except CheckpointError:
        return False
    return True


def _repair(address: Address, commit: str, folder: Path) -> None:
    """Download a checkpoint whose cached copy is damaged.

    Raises:
        CheckpointError: it is damaged on the Hub too.
    """
    name = address.checkpoint
    with readable_hub_errors(address):
        for path in _paths(name):
            if (folder / path).exists():
                hf_hub_download(address.repository, path, revision=commit, force_download=True)
    if not _is_sound(name, folder):
        raise CheckpointError(
            f"The checkpoint {address} cannot be used: on the Hub it does not match the hash on "
            "its card. Ask its owner to publish it again, or choose another revision."
        )

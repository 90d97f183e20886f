"""What differs between some files and a repository on the Hub, sent in one commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile

from generative.errors import InputError
from generative.hub.addresses import check_repository, check_revision
from generative.hub.refusals import explained

MODEL, SPACE = "model", "space"

ATTRIBUTES = ".gitattributes"
"""The Hub's own file: it says how it stores the others."""

Files = Mapping[str, bytes]
"""Path in the repository → content."""


@dataclass(frozen=True)
class Target:
    """The repository that files are for.

    Attributes:
        repository: "OWNER/NAME".
        kind: `MODEL` or `SPACE`.
        branch: the main one where there is none; made if it is not there.
        private: whether nobody else may see it.

    Raises:
        InputError: one of the names cannot be one.
    """

    repository: str
    kind: str = MODEL
    branch: str | None = None
    private: bool = False

    def __post_init__(self) -> None:
        check_repository(self.repository)
        if self.branch is not None:
            check_revision(self.branch)

    @property
    def url(self) -> str:
        """Where people look at it."""
        folders = "spaces/" if self.kind == SPACE else ""
        branch = f"/tree/{self.branch}" if self.branch else ""
        return f"{HfApi().endpoint}/{folders}{self.repository}{branch}"


@dataclass(frozen=True)
class Remote:
    """What is there.

    Attributes:
        is_there: whether there is a repository at all.
        head: the commit that the branch is at; None where there is no such branch.
        hashes: path → SHA-256 of the content of a large file, Git's SHA-1 of any other.
    """

    is_there: bool = False
    head: str | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shipment:
    """What is new, has changed, or has to go, of the files of a repository."""

    target: Target
    remote: Remote
    files: Files
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.removed)

    def lines(self) -> list[str]:
        """Return a line a file, for people."""
        sent = [
            f"{'change' if path in self.remote.hashes else 'add':7} {path} ({_size(content)})"
            for path, content in self.files.items()
        ]
        return sent + [f"{'remove':7} {path}" for path in self.removed]


def look(target: Target) -> Remote:
    """Return what the Hub has of a repository, or that it has none.

    Raises:
        InputError: it is to be private and is not.
        HubError: the Hub refuses or cannot be reached.
    """
    api, name = HfApi(), target.repository
    with explained(name):
        try:
            info = api.repo_info(name, repo_type=target.kind)
        except RepositoryNotFoundError:
            return Remote()
        if target.private and not info.private:
            raise InputError(
                f"{name} is public, and stays so: make it private in its settings on the Hub, or "
                "leave --private out."
            )
        head = info.sha
        if target.branch is not None:
            try:
                head = api.repo_info(name, repo_type=target.kind, revision=target.branch).sha
            except RevisionNotFoundError:
                head = None
        # A branch that is yet to be made begins as a copy of the main one.
        tree = api.list_repo_tree(
            name, repo_type=target.kind, revision=head or info.sha, recursive=True
        )
        hashes = {entry.path: _remote_hash(entry) for entry in tree if isinstance(entry, RepoFile)}
    return Remote(True, head, hashes)


def pack(target: Target, remote: Remote, files: Files, mirror: bool = False) -> Shipment:
    """Return what has to be sent so that the repository has these files.

    Args:
        target: the repository.
        remote: what `look` found there.
        files: what it shall have.
        mirror: whether it shall have nothing else.
    """
    changed = {path: content for path, content in files.items() if not _has(remote, path, content)}
    extra = sorted(remote.hashes.keys() - files.keys() - {ATTRIBUTES}) if mirror else []
    return Shipment(target, remote, changed, tuple(extra))


def send(shipment: Shipment, message: str) -> None:
    """Make the repository and the branch where they are missing, and commit the shipment to them.

    Shows its progress on a terminal. After a failure, the next call sends what did not arrive.

    Raises:
        HubError: the Hub refuses or cannot be reached, or the repository has changed meanwhile.
    """
    api, target = HfApi(), shipment.target
    name, kind = target.repository, target.kind
    with explained(name):
        if not shipment.remote.is_there:
            api.create_repo(
                name,
                repo_type=kind,
                private=target.private or None,
                space_sdk="gradio" if kind == SPACE else None,
            )
        if target.branch is not None and shipment.remote.head is None:
            api.create_branch(name, repo_type=kind, branch=target.branch, exist_ok=True)
        api.create_commit(
            name,
            [
                *(CommitOperationDelete(path, is_folder=False) for path in shipment.removed),
                *(CommitOperationAdd(path, content) for path, content in shipment.files.items()),
            ],
            commit_message=message,
            repo_type=kind,
            revision=target.branch,
            parent_commit=shipment.remote.head,
        )


def _has(remote: Remote, path: str, content: bytes) -> bool:
    return remote.hashes.get(path) in (hashlib.sha256(content).hexdigest(), _git_hash(content))


def _remote_hash(file: RepoFile) -> str:
    return file.lfs.sha256 if file.lfs is not None else file.blob_id


def _git_hash(content: bytes) -> str:
    blob = b"blob %d\0" % len(content) + content
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest()


def _size(content: bytes) -> str:
    kilobytes = len(content) / 1024
    return f"{kilobytes:.1f} KB" if kilobytes < 1024 else f"{kilobytes / 1024:.1f} MB"

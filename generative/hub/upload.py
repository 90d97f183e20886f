"""Upload files to a repository on the Hub: find those that changed, send them in one commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile

from generative.errors import InputError
from generative.hub.addresses import check_repository, check_revision
from generative.hub.errors import readable_hub_errors

MODEL, SPACE = "model", "space"

README = "README.md"
"""A repository's page on the Hub."""

ATTRIBUTES = ".gitattributes"
"""Written by the Hub, never removed: it says which files are stored as large ones."""

Files = Mapping[str, bytes]
"""Path in the repository → content."""


@dataclass(frozen=True)
class Target:
    """The repository to upload to.

    Attributes:
        repository: "OWNER/NAME".
        kind: `MODEL` or `SPACE`.
        branch: created if it does not exist; None for the main branch.
        private: whether a new repository is private; one that exists must be.

    Raises:
        InputError: the repository or the branch cannot have this name.
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
        """The address of its page."""
        folders = "spaces/" if self.kind == SPACE else ""
        branch = f"/tree/{self.branch}" if self.branch else ""
        return f"{HfApi().endpoint}/{folders}{self.repository}{branch}"


@dataclass(frozen=True)
class RemoteState:
    """What the Hub has of a repository.

    Attributes:
        exists: whether there is a repository.
        head: the branch's last commit; None if the branch does not exist.
        hashes: path → SHA-256 of a large file's content, Git's SHA-1 of any other.
    """

    exists: bool = False
    head: str | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Upload:
    """Files to send to a repository and files to remove from it."""

    target: Target
    remote: RemoteState
    files: Files
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.removed)

    def lines(self) -> list[str]:
        """Return one line a file: what happens to it, its path, its size."""
        sent = [
            f"{'change' if path in self.remote.hashes else 'add':7} {path} ({_size(content)})"
            for path, content in self.files.items()
        ]
        return sent + [f"{'remove':7} {path}" for path in self.removed]


def read_remote(target: Target) -> RemoteState:
    """Ask the Hub which files a repository has.

    Raises:
        InputError: it should be private and is public.
        HubError: the Hub refuses or cannot be reached.
    """
    api, name = HfApi(), target.repository
    with readable_hub_errors(name):
        try:
            info = api.repo_info(name, repo_type=target.kind)
        except RepositoryNotFoundError:
            return RemoteState()
        if target.private and not info.private:
            raise InputError(
                f"{name} is public: make it private in its settings on the Hub, or leave out "
                "--private."
            )
        head = info.sha
        if target.branch is not None:
            try:
                head = api.repo_info(name, repo_type=target.kind, revision=target.branch).sha
            except RevisionNotFoundError:
                head = None
        # A new branch starts as a copy of the main one.
        tree = api.list_repo_tree(
            name, repo_type=target.kind, revision=head or info.sha, recursive=True
        )
        hashes = {entry.path: _remote_hash(entry) for entry in tree if isinstance(entry, RepoFile)}
    return RemoteState(True, head, hashes)


def prepare_upload(
    target: Target, remote: RemoteState, files: Files, mirror: bool = False
) -> Upload:
    """Return what to send so that the repository has these files.

    Args:
        target: the repository.
        remote: what `read_remote` found there.
        files: what it should hold.
        mirror: whether to remove its other files.
    """
    changed = {path: content for path, content in files.items() if not _has(remote, path, content)}
    extra = sorted(remote.hashes.keys() - files.keys() - {ATTRIBUTES}) if mirror else []
    return Upload(target, remote, changed, tuple(extra))


def send(prepared: Upload, message: str) -> None:
    """Commit an upload; create the repository and the branch if they do not exist.

    Shows progress on a terminal. After a failure, the next upload skips what has arrived.

    Raises:
        HubError: the Hub refuses or cannot be reached, or the repository has changed meanwhile.
    """
    api, target = HfApi(), prepared.target
    name, kind = target.repository, target.kind
    with readable_hub_errors(name):
        if not prepared.remote.exists:
            api.create_repo(
                name,
                repo_type=kind,
                private=target.private or None,
                space_sdk="gradio" if kind == SPACE else None,
            )
        if target.branch is not None and prepared.remote.head is None:
            api.create_branch(name, repo_type=kind, branch=target.branch, exist_ok=True)
        api.create_commit(
            name,
            [
                *(CommitOperationDelete(path, is_folder=False) for path in prepared.removed),
                *(CommitOperationAdd(path, content) for path, content in prepared.files.items()),
            ],
            commit_message=message,
            repo_type=kind,
            revision=target.branch,
            parent_commit=prepared.remote.head,
        )


def _has(remote: RemoteState, path: str, content: bytes) -> bool:
    return remote.hashes.get(path) in (hashlib.sha256(content).hexdigest(), _git_hash(content))


def _remote_hash(file: RepoFile) -> str:
    return file.lfs.sha256 if file.lfs is not None else file.blob_id


def _git_hash(content: bytes) -> str:
    blob = b"blob %d\0" % len(content) + content
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest()


def _size(content: bytes) -> str:
    kilobytes = len(content) / 1024
    return f"{kilobytes:.1f} KB" if kilobytes < 1024 else f"{kilobytes / 1024:.1f} MB"

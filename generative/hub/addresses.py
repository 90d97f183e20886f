"""Where a checkpoint is on the Hub, as people type it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from generative.errors import InputError

# What the Hub allows: letters, digits, - . _, none of these at the ends, no two - or . in a row.
_NAME = r"(?!.*(?:--|\.\.))(?!.*\.git$)[A-Za-z0-9_](?:[\w.-]{0,94}[A-Za-z0-9_])?"
_REPOSITORY = re.compile(rf"{_NAME}/{_NAME}", re.ASCII)
_CHECKPOINT = re.compile(r"\w[\w.-]*", re.ASCII)
_REVISION = re.compile(r"(?!.*(?:\.\.|//))\w[\w./-]*", re.ASCII)


@dataclass(frozen=True)
class Address:
    """A repository of models on the Hub, at a revision, and perhaps one of its checkpoints.

    Attributes:
        repository: "OWNER/NAME".
        checkpoint: name of a folder in it; empty for all that it holds.
        revision: branch, tag or commit; the main branch where there is none.

    Raises:
        InputError: one of them cannot be a name.
    """

    repository: str
    checkpoint: str = ""
    revision: str | None = None

    def __post_init__(self) -> None:
        check_repository(self.repository)
        if self.checkpoint and not _CHECKPOINT.fullmatch(self.checkpoint):
            raise InputError(
                f"{self.checkpoint!r} is not the name of a checkpoint: expected one such as "
                "denoiser-fashion_mnist."
            )
        if self.revision is not None:
            check_revision(self.revision)

    def __str__(self) -> str:
        checkpoint = f":{self.checkpoint}" if self.checkpoint else ""
        revision = f"@{self.revision}" if self.revision else ""
        return f"{self.repository}{checkpoint}{revision}"

    def of(self, checkpoint: str) -> Address:
        """Return the address of a checkpoint of the same repository."""
        return replace(self, checkpoint=checkpoint)


def parse(text: str) -> Address:
    """Return the address that "OWNER/NAME[:checkpoint][@revision]" stands for.

    Raises:
        InputError: it is not of that form.
    """
    place, at, revision = text.partition("@")
    repository, colon, checkpoint = place.partition(":")
    if (colon and not checkpoint) or (at and not revision):
        raise InputError(
            f"{text!r} is not an address on the Hub: expected OWNER/NAME, with :CHECKPOINT or "
            "@REVISION where you mean one."
        )
    return Address(repository, checkpoint, revision if at else None)


def check_repository(name: str) -> str:
    """Return the name of a repository.

    Raises:
        InputError: the Hub cannot have one of this name.
    """
    if not _REPOSITORY.fullmatch(name):
        raise InputError(f"{name!r} is not a repository on the Hub: expected OWNER/NAME.")
    return name


def check_revision(name: str) -> str:
    """Return the name of a revision.

    Raises:
        InputError: Git cannot have one of this name.
    """
    if not _REVISION.fullmatch(name):
        raise InputError(f"{name!r} is not a revision: expected a branch, a tag or a commit.")
    return name

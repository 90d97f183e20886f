"""Deploy the app as a Space: exactly the files that it needs, from the last commit."""

from __future__ import annotations

import io
import subprocess
import tarfile
from importlib.metadata import version
from pathlib import Path

from huggingface_hub import SpaceCard

from generative.errors import InputError
from generative.hub import upload
from generative.hub.upload import README, SPACE, Target, Upload

ROOT = Path(__file__).resolve().parent.parent.parent

NEEDED = ("LICENSE", README, "app.py", "checkpoints", "generative", "requirements.txt")
"""The files and folders that the app needs; a Space installs `requirements.txt` by itself."""


def prepare_space(repository: str, root: Path = ROOT) -> Upload:
    """Return what to send so that a Space has the needed files of the last commit and no others.

    Args:
        repository: "OWNER/NAME" of the Space.
        root: folder of the program, in a Git working tree.

    Raises:
        InputError: it is in none, or needed files have changes that are not committed.
        HubError: the Hub refuses or cannot be reached.
    """
    target = Target(repository, SPACE)
    if _git(root, "status", "--porcelain", "--", *NEEDED):
        raise InputError(
            "A Space gets the last commit, and there are changes after it: commit them, or put "
            "them away with git stash."
        )
    files = committed_files(root)
    if README in files:
        files[README] = with_front_matter(files[README].decode(), repository).encode()
    return upload.prepare_upload(target, upload.read_remote(target), files, mirror=True)


def version_name(root: Path = ROOT) -> str:
    """Return the tag or the short hash of the last commit.

    Raises:
        InputError: there is no Git working tree.
    """
    return _git(root, "describe", "--always", "--tags").decode().strip()


def with_front_matter(readme: str, repository: str) -> str:
    """Return a README whose front matter tells the Hub how to run the app.

    Only missing entries are added.

    Args:
        readme: its text.
        repository: "OWNER/NAME" of the Space.

    Raises:
        InputError: its front matter is not YAML.
    """
    try:
        card = SpaceCard(readme)
    except Exception as error:  # YAML has a dozen ways to say that a text is not of its own.
        raise InputError(
            f"The front matter of {README} cannot be read: expected lines of YAML between two "
            "lines of three dashes."
        ) from error
    needed = {
        "title": repository.partition("/")[2],
        "sdk": "gradio",
        "sdk_version": version("gradio"),
        "python_version": "3.11",
        "app_file": "app.py",
    }
    missing = {name: value for name, value in needed.items() if card.data.get(name) is None}
    if not missing:
        return readme
    for name, value in missing.items():
        card.data[name] = value
    return str(card)


def committed_files(root: Path) -> dict[str, bytes]:
    """Return the files of the last commit that a Space needs."""
    archive = io.BytesIO(_git(root, "archive", "--format=tar", "HEAD"))
    with tarfile.open(fileobj=archive) as tar:
        return {
            member.name: content.read()
            for member in tar
            if member.name.split("/")[0] in NEEDED and (content := tar.extractfile(member))
        }


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise InputError(
            "A Space gets the last commit, and this is not a Git repository with one: deploy from "
            "a clone of the program."
        ) from error
    return done.stdout

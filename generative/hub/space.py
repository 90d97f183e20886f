"""The app as a Space: exactly the files that it runs with, as they were committed."""

from __future__ import annotations

import io
import subprocess
import tarfile
from importlib.metadata import version
from pathlib import Path

from huggingface_hub import SpaceCard

from generative.errors import InputError
from generative.hub import shipping
from generative.hub.shipping import SPACE, Shipment, Target

ROOT = Path(__file__).resolve().parent.parent.parent

README = "README.md"

NEEDED = ("LICENSE", README, "app.py", "checkpoints", "generative", "requirements.txt")
"""The files and folders that a Space has; it installs what `requirements.txt` names."""


def prepare(repository: str, root: Path = ROOT) -> Shipment:
    """Return what has to be sent so that a Space has the files of the last commit, and no others.

    Args:
        repository: "OWNER/NAME" of the Space.
        root: folder of the program, a Git working tree.

    Raises:
        InputError: there is no such tree, or it has changes that are not committed.
        HubError: the Hub refuses or cannot be reached.
    """
    target = Target(repository, SPACE)
    if _git(root, "status", "--porcelain", "--", *NEEDED):
        raise InputError(
            "There are changes that are not committed, and a Space gets what is: commit them, or "
            "put them away with git stash."
        )
    files = committed(root)
    if README in files:
        files[README] = with_front_matter(files[README].decode(), repository).encode()
    return shipping.pack(target, shipping.look(target), files, mirror=True)


def commit(root: Path = ROOT) -> str:
    """Return the short hash of the last commit, and its tag if it has one.

    Raises:
        InputError: there is no Git working tree.
    """
    return _git(root, "describe", "--always", "--tags").decode().strip()


def with_front_matter(readme: str, repository: str) -> str:
    """Return a README whose front matter tells the Hub how to run the app.

    What it says already stays as it is.

    Args:
        readme: its text.
        repository: "OWNER/NAME" of the Space.

    Raises:
        InputError: its front matter is not one.
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


def committed(root: Path) -> dict[str, bytes]:
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
            "A Space gets what is committed, and Git tells nothing of this folder: deploy from a "
            "clone of the program."
        ) from error
    return done.stdout

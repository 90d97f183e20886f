"""The app as a Space: what is sent, and from where."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hub_server import ATTRIBUTES, READER, Hub, Repository
from talk import ROOT

import train
from generative.errors import HubError, InputError
from generative.hub import space, upload

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

NAME = "ada/space"
README = """---
title: Mine
sdk: gradio
sdk_version: 6.31.0
python_version: '3.11'
app_file: app.py
---
# Mine
"""
FILES = {
    "README.md": README,
    "app.py": "print('app')\n",
    "requirements.txt": "gradio\n",
    "LICENSE": "as you like\n",
    "generative/__init__.py": "",
    "generative/ui/app.css": "a {}\n",
    "checkpoints/a-b/card.json": "{}\n",
    "checkpoints/a-b/model.weights.h5": "\x89HDF\n",
    "tests/test_app.py": "assert True\n",
    "train.py": "print('train')\n",
    ".gitignore": "*.log\n",
}
NEEDED = {path for path in FILES if not path.startswith(("tests/", "train", ".git"))}


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def write(folder: Path, path: str, content: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content.encode("latin-1"))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A small program in Git, all of it committed."""
    folder = tmp_path / "clone"
    for path, content in FILES.items():
        write(folder, path, content)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return folder


def deploy(folder: Path) -> upload.Upload:
    prepared = space.prepare_space(NAME, folder)
    if prepared:
        upload.send(prepared, "Version 1")
    return prepared


def there(hub: Hub) -> Repository:
    return hub.repositories["space", NAME]


def test_a_space_gets_exactly_what_it_needs(hub, clone):
    prepared = deploy(clone)
    assert there(hub).sdk == "gradio"
    assert there(hub).files().keys() == NEEDED | ATTRIBUTES.keys()
    assert there(hub).files()["checkpoints/a-b/model.weights.h5"] == b"\x89HDF\n"
    assert prepared.target.url == f"{hub.url}/spaces/{NAME}"


def test_what_is_gone_goes_and_what_is_the_same_stays(hub, clone):
    deploy(clone)
    git(clone, "rm", "--quiet", "generative/ui/app.css")
    write(clone, "app.py", "print('new')\n")
    git(clone, "commit", "--all", "--quiet", "--message", "less")
    prepared = deploy(clone)
    assert [line.split()[:2] for line in prepared.lines()] == [
        ["change", "app.py"],
        ["remove", "generative/ui/app.css"],
    ]
    assert there(hub).files().keys() == {*NEEDED, *ATTRIBUTES} - {"generative/ui/app.css"}
    assert not deploy(clone)


@pytest.mark.parametrize("path", ["app.py", "generative/new.py"])
def test_what_is_not_committed_is_refused(hub, clone, path):
    write(clone, path, "print('half done')\n")
    with pytest.raises(InputError, match="there are changes after it: commit them"):
        space.prepare_space(NAME, clone)
    assert hub.requests == []


def test_what_a_space_does_not_get_may_be_half_done(hub, clone):
    write(clone, "tests/test_new.py", "assert 1 +\n")
    assert deploy(clone).files.keys() == NEEDED


def test_a_folder_without_git_is_one_sentence(hub, tmp_path):
    with pytest.raises(InputError, match=r"clone of the program\.$"):
        space.prepare_space(NAME, tmp_path)


def test_a_token_that_may_not_is_one_sentence(hub, clone, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", READER)
    with pytest.raises(HubError, match=f"token does not allow this for {NAME}"):
        deploy(clone)


def test_front_matter_that_is_there_stays_as_it_is():
    assert space.with_front_matter(README, NAME) == README
    ours = (ROOT / "README.md").read_text(encoding="utf-8")
    assert space.with_front_matter(ours, NAME) == ours


@pytest.mark.parametrize(
    ("readme", "title"), [("# Mine\n", "space"), ("---\ntitle: T\n---\n# Mine\n", "T")]
)
def test_front_matter_that_is_missing_is_made(readme, title):
    made = space.with_front_matter(readme, NAME)
    metadata = yaml.safe_load(made.split("---\n")[1])
    assert metadata["title"] == title
    assert (metadata["sdk"], metadata["app_file"]) == ("gradio", "app.py")
    assert metadata["sdk_version"].startswith("6.31.")
    assert metadata["python_version"] == "3.11"
    assert made.endswith("# Mine\n")
    assert space.with_front_matter(made, NAME) == made


@pytest.mark.parametrize("readme", ["---\n- a\n---\n", "---\na: [\n---\n"])
def test_front_matter_that_cannot_be_read_is_one_sentence(readme):
    with pytest.raises(InputError, match="front matter"):
        space.with_front_matter(readme, NAME)


def test_the_app_starts_from_what_a_space_gets(tmp_path):
    files = space.committed_files(ROOT)
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "app.py", "--help"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "--checkpoints" in done.stdout


# --- What syncs it on a tag ------------------------------------------------------------------

WORKFLOW = yaml.load(
    (ROOT / ".github/workflows/test-and-deploy.yml").read_text(), Loader=yaml.BaseLoader
)


def test_every_action_of_the_workflow_is_pinned_to_a_commit():
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)] == []


def test_the_commands_of_the_workflow_are_there():
    commands = [step["run"] for step in WORKFLOW["jobs"]["deploy"]["steps"] if "run" in step]
    make, deploy = map(shlex.split, commands)
    planned = subprocess.run(["make", "--dry-run", *make[1:]], cwd=ROOT, capture_output=True)
    assert planned.returncode == 0
    assert deploy[:2] == [".venv/bin/python", "train.py"]
    assert train.parse(deploy[2:]).command == "deploy"

"""The container: the linter finds nothing, and the image gets what the app needs and no more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from talk import ROOT

from generative.hub.space import NEEDED, README
from generative.ui.server.stopping import DRAIN_SECONDS

DOCKERFILE = (ROOT / "Dockerfile").read_text()
HADOLINT = shutil.which(
    "hadolint", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
)


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_the_linter_finds_nothing():
    done = subprocess.run(
        [HADOLINT, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_builder_gets_what_the_app_needs_and_nothing_else():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert kept == {*NEEDED} - {README}
    copied = {
        source
        for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for source in sources.split()
    }
    assert copied == kept


def test_it_runs_without_privileges_and_writes_only_below_tmp():
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
    folders = re.findall(
        r"\b(?:HOME|HF_HOME|MPLCONFIGDIR|GRADIO_[A-Z]+_DIR|\w+_CACHE)=(\S+)", DOCKERFILE
    )
    assert len(folders) == 5
    assert all(fnmatch(folder, "/tmp*") for folder in folders)


def test_where_no_engine_answers_the_check_passes(tmp_path):
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = subprocess.run(
        [ROOT / ".ci" / "container"], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "not built" in done.stdout


def test_the_engine_waits_for_the_last_jobs():
    check = (ROOT / ".ci" / "container").read_text()
    assert int(re.search(r"stop --time (\d+)", check)[1]) > DRAIN_SECONDS

"""CONTRIBUTING.md keeps its promises: a copy of the program gets a model, a panel and a test."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from talk import ROOT

from generative import checkpoints

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
(IMPORT,) = re.findall(r"`(from generative\.ui\.ink import build_ink)`", GUIDE)
PATIENCE = 600
PARAMETERS = 784 * 8 + 8 + 8 * 784 + 784

# One process for the model, the panel and the test, as TensorFlow takes seconds to start.
FOLLOW = """
import contextlib, io, json, sys
from pathlib import Path
import numpy as np
import pytest
import app, generative, train
from generative import models
from generative.ui.handlers import Shelf

commands, facts, printed = json.loads(sys.argv[1]), {}, []
for command in commands:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        assert train.main(command) == 0, command
    printed.append(output.getvalue())
facts["printed"] = printed
tiny = generative.load("tiny-mnist", "trial")
facts["shape"] = tiny.reconstruct(np.zeros((2, 28, 28, 1), np.float32)).shape
facts["compared"] = list(models.compared_in("reconstruction"))
shelf = Shelf(Path("trial"))
facts["offered"] = list(shelf.present("reconstruction", "mnist"))
endpoints = app.build(shelf).get_api_info()["named_endpoints"]
facts["ink"] = [each["parameter_name"] for each in endpoints["/ink"]["parameters"]]
facts["explained"] = all(each["type"]["description"] for each in endpoints["/ink"]["parameters"])
with contextlib.redirect_stdout(io.StringIO()) as output:
    choice = ["-k", "tiny or choose or role", "tests/test_tiny.py", "tests/test_models.py"]
    # What a plugin rewrites was imported by the app already.
    calm = ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
    # What the app that was built above leaves open is not these tests' concern.
    calm += ["-p", "no:unraisableexception", "-p", "no:cacheprovider"]
    pytest.main(["--quiet", *calm, *choice])
facts["tested"] = output.getvalue()
print(json.dumps(facts))
"""


def blocks(title: str, language: str) -> list[str]:
    """Return the blocks of code in one language under a heading of the guide."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    fenced = rf"^ +```{language}\n(.*?)^ +```$"
    found = re.findall(fenced, section.group(1), re.MULTILINE | re.DOTALL)
    # The list's indentation goes; the lines of the registry and of `build` keep their own.
    return [re.sub(r"^ {3}", "", code, flags=re.MULTILINE) for code in found]


def run(folder: Path, *arguments: str) -> str:
    """Run Python in a folder and return what it printed."""
    result = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
    return result.stdout


def insert(path: Path, start: str, code: str) -> None:
    """Put code below the one line of a file that begins with `start`."""
    text = path.read_text(encoding="utf-8")
    (line,) = re.findall(rf"^{re.escape(start)}.*\n", text, re.MULTILINE)
    path.write_text(text.replace(line, line + code), encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the program in which the guide was followed."""
    folder = tmp_path_factory.mktemp("contributing")
    shutil.copytree(ROOT / "generative", folder / "generative")
    for name in ("app.py", "train.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "tests").mkdir()
    module, entry = blocks("A model", "python")
    panel, tab = blocks("A panel", "python")
    (test,) = blocks("A test", "python")
    (folder / "generative" / "autoencoders" / "tiny.py").write_text(module, encoding="utf-8")
    (folder / "generative" / "ui" / "ink.py").write_text(panel, encoding="utf-8")
    for name in ("test_models.py", "talk.py", "waits.py"):
        shutil.copy(ROOT / "tests" / name, folder / "tests")
    (folder / "tests" / "test_tiny.py").write_text(test, encoding="utf-8")
    models, app = folder / "generative" / "models.py", folder / "app.py"
    insert(models, "MODELS: Mapping[str, Entry] = {", entry)
    insert(app, "from generative.ui.handlers import ", IMPORT + "\n")
    insert(app, "                build_autoencoders(", tab)
    return folder


@pytest.fixture(scope="module")
def facts(copy) -> dict:
    """What came of it."""
    lines = "".join(blocks("A model", "sh")).splitlines()
    commands = [shlex.split(line)[2:] for line in lines]
    assert [command[0] for command in commands] == ["tiny", "evaluate"]
    return json.loads(run(copy, "-c", FOLLOW, json.dumps(commands)))


@pytest.mark.data
def test_the_model_is_trained_measured_and_loaded(copy, facts):
    trained, measured = (table.splitlines()[1].split() for table in facts["printed"])
    assert trained[:3] == measured[:3] == ["tiny", "mnist", f"{PARAMETERS:,}"]
    assert trained[4:6] == ["test_images", "2048"]
    assert measured[4:6] == ["test_images", "500"]
    metrics = checkpoints.read_card("tiny-mnist", copy / "trial")["metrics"]
    assert metrics.keys() == {"test_images", "mse", "bce", "bce_over_floor"}
    assert metrics["mse"] < 0.11  # What a black picture has.
    assert facts["shape"] == [2, 28, 28, 1]


@pytest.mark.data
def test_the_model_is_offered_beside_the_others(facts):
    assert facts["compared"] == ["tiny", "shallow", "stacked", "convolutional"]
    assert facts["offered"] == ["tiny"]


@pytest.mark.data
def test_the_panel_is_an_endpoint(facts):
    assert facts["ink"] == ["picture", "dataset"]
    assert facts["explained"]


@pytest.mark.data
def test_its_test_passes_and_those_of_every_model(facts):
    assert re.search(r"^[.]+ +\[100%\]", facts["tested"], re.MULTILINE), facts["tested"]


def test_what_it_shows_is_in_our_style(copy):
    for check in (["check"], ["format", "--check"]):
        paths = ["app.py", "generative/models.py", "generative/autoencoders/tiny.py"]
        paths += ["generative/ui/ink.py", "tests/test_tiny.py"]
        run(copy, "-m", "ruff", *check, "--no-cache", *paths)

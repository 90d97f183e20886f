"""The README's examples that speak to the running app."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from readme import blocks
from talk import ROOT, TIMEOUT, pixels_of

from generative import images

ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture
def shirt(tmp_path):
    """A folder with shirt.png."""
    picture = np.zeros((28, 28), np.float32)
    picture[4:26, 8:20] = 0.8
    (tmp_path / "shirt.png").write_bytes(images.encode_png(picture))
    return tmp_path


def test_its_python_example_runs(app_url, shirt, monkeypatch, capsys):
    monkeypatch.chdir(shirt)
    example = next(block for block in blocks("python") if "/denoise" in block)
    assert ADDRESS in example
    names = {}
    exec(example.replace(ADDRESS, app_url), names)
    names["client"].close()
    assert "non_local_means" in capsys.readouterr().out
    assert names["figures"]["verdict"] in names["html"]
    with Image.open(names["noisy"]) as shown:
        enlarged = np.asarray(shown)
    factor = enlarged.shape[0] // 28
    noisy = next(x["image"] for x in names["figures"]["results"] if x["method"] == "noisy")
    np.testing.assert_allclose(
        enlarged[::factor, ::factor] / np.float32(255), pixels_of(noisy)[0, ..., 0], atol=1e-6
    )


def test_its_curl_example_runs(app_url, shirt):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    [example] = [block for block in blocks("sh") if "curl" in block]
    printed = run(["sh", "-c", example.replace(ADDRESS, app_url)], shirt)
    assert "event: complete" in printed
    assert "non_local_means" in printed


def test_its_javascript_example_runs(app_url, shirt):
    modules = ROOT / "node_modules"
    if shutil.which("node") is None or not (modules / "@gradio" / "client").is_dir():
        pytest.skip("there is no node, or npm install @gradio/client was not run in the repository")
    (shirt / "node_modules").symlink_to(modules)
    [example] = blocks("js")
    (shirt / "example.mjs").write_text(example.replace(ADDRESS, app_url))
    assert "dB" in run(["node", "example.mjs"], shirt)


def run(command: list[str], folder: Path) -> str:
    """Run a command in a folder and return what it printed."""
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout

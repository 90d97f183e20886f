"""What a part of the program leaves unimported, so that it starts at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from talk import ROOT, TIMEOUT

PARTS = {
    "import generative.images": {"scipy", "skimage", "tensorflow", "gradio"},
    "import train": {"huggingface_hub", "tensorflow", "gradio"},
    "from generative import cli; help_of(cli)": {"scipy", "sklearn", "tensorflow", "gradio"},
    "import generative.denoising.classical": {"skimage", "tensorflow", "gradio"},
    "import generative.style_transfer.style_pictures.__main__": {"tensorflow", "keras", "gradio"},
    "from generative.style_transfer import LiveWeights, Options; Options(size=300)": {
        "tensorflow",
        "keras",
        "gradio",
    },
    "import generative; generative.available()": {
        "tensorflow",
        "keras",
        "gradio",
        "tensorflow_datasets",
    },
    "import generative.backend": {"sklearn", "matplotlib", "gradio"},
}
"""What is run, one after the other in one process → what has not been imported by then."""

RUN = """
import contextlib, io, json, sys

def help_of(program):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        program.main(["--help"])

imported = {}
for part in json.loads(sys.argv[1]):
    exec(part)
    imported[part] = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps(imported))
"""


@pytest.fixture(scope="module")
def imported():
    """The modules that were there after each part."""
    finished = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([*PARTS])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    return json.loads(finished.stdout)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_heavy_is_imported(imported, part):
    assert "numpy" in imported[part]
    assert not PARTS[part] & set(imported[part])

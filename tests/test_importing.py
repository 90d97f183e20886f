"""What makes importing large packages quicker."""

from __future__ import annotations

import gc
import importlib
import json
import subprocess
import sys

import pytest
from talk import ROOT, TIMEOUT

from generative.importing import without, without_collections

LOAD_AHEAD = """
import json, os, sys
from generative import tensorflow_library
from waits import wait_until

os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)
tensorflow_library.load_ahead()
told = os.environ["TF_ENABLE_ONEDNN_OPTS"]
maps = lambda: tensorflow_library.LIBRARY in open("/proc/self/maps").read()
wait_until(maps, "TensorFlow's library")
imported = "tensorflow" in sys.modules
from generative.backend import tf
print(json.dumps([told, imported, float(tf.reduce_sum([1.0, 2.0]))]))
"""


def test_a_hidden_package_looks_as_if_it_were_not_installed(monkeypatch):
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    with without("wave"), pytest.raises(ImportError):
        importlib.import_module("wave")
    found = importlib.import_module("wave")
    with without("wave"):
        assert importlib.import_module("wave") is found


def test_nothing_is_collected_during_an_import():
    assert gc.isenabled()
    with without_collections():
        assert not gc.isenabled()
        with without_collections():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.skipif(sys.platform != "linux", reason="The library has this name on Linux alone.")
def test_tensorflows_library_is_loaded_before_tensorflow():
    finished = subprocess.run(
        [sys.executable, "-c", LOAD_AHEAD],
        cwd=ROOT / "tests",
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        check=True,
        timeout=TIMEOUT,
    )
    assert json.loads(finished.stdout) == ["1", False, 3.0]

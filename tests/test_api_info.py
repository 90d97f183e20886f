"""The API page is complete and true: types, ranges, defaults, meanings."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from talk import ROOT

from generative.style_transfer.options import STYLE_LAYERS
from generative.ui.tools import TOOLS

KINDS = {"string", "number", "integer", "array", "object"}
PARAMETERS = {
    "/denoise": ["picture", "dataset", "kind", "level", "seed"],
    "/reconstruct": ["picture", "dataset"],
    "/train_linear": ["rate", "seed"],
    "/sample": ["dataset", "model", "n", "temperature", "seed", "source", "label"],
    "/decode": ["dataset", "model", "latents", "label"],
    "/interpolate": ["a", "b", "dataset", "model", "steps"],
    "/traverse": ["picture", "dataset", "model"],
    "/arithmetic": ["a", "b", "c", "dataset", "model"],
    "/attribute": ["picture", "dataset", "model", "source", "target", "amount"],
    "/rewrite": ["picture", "dataset"],
    "/inspect": ["picture", "dataset", "model"],
    "/stylize": [
        *("content", "style", "content_weight", "style_weight", "total_variation_weight"),
        *("second_weight", "network", "size", "steps", "seconds", "style_scale", "colour"),
        *("initial", "optimizer", "content_layer"),
        *(f"weight_{layer}" for layer in STYLE_LAYERS),
        *("seed", "forms", "second_style", "mask", "procedure", "third_weight", "third_style"),
    ],
    "/reconstruct_from_layers": ["picture", "kind", "layers", "seed"],
}
BUILD = """
import json, sys, app
from gradio.blocks import BlocksConfig
from generative import checkpoints
from generative.ui.handlers import Shelf
shelf = Shelf(checkpoints.SHIPPED)
work_out, worked_out = BlocksConfig.get_config, []
BlocksConfig.get_config = lambda *given: worked_out.append(given) or work_out(*given)
built = [app.build(shelf, with_tools=each).get_api_info()["named_endpoints"] for each in (0, 1)]
heavy = {"gradio", "tensorflow", "keras", "tensorflow_datasets", "ray", "grpc", "mcp", "pyarrow"}
imported = sorted(heavy & set(sys.modules))
print(json.dumps({"built": built, "imported": imported, "worked_out": len(worked_out)}))
"""


@pytest.fixture(scope="module")
def facts():
    """What comes of building the app; in a process of its own, as Gradio leaves sockets open."""
    finished = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(finished.stdout)


@pytest.fixture(scope="module")
def built(facts):
    """The endpoints of the app without and with tools."""
    return facts["built"]


@pytest.fixture
def endpoints(built):
    return built[1]


def parameters(endpoints):
    return [(path, each) for path, endpoint in endpoints.items() for each in endpoint["parameters"]]


def test_the_app_is_built_without_tensorflow(facts):
    assert facts["imported"] == ["gradio"]


def test_what_a_page_is_made_of_is_worked_out_once(facts):
    assert facts["worked_out"] == len(facts["built"])


def test_endpoints_keep_their_parameters_and_their_order(built):
    plain, _ = built
    found = {
        path: [each["parameter_name"] for each in endpoint["parameters"]]
        for path, endpoint in plain.items()
    }
    assert found.items() >= PARAMETERS.items()
    may_be_none = [
        each["parameter_name"]
        for each in plain["/stylize"]["parameters"]
        if each["parameter_has_default"] and each["parameter_default"] is None
    ]
    assert may_be_none == ["second_style", "mask", "third_style"]


def test_every_parameter_is_typed_and_says_what_it_means(endpoints):
    for path, each in parameters(endpoints):
        where = path, each["parameter_name"]
        assert each["type"]["type"] in KINDS, where
        assert each["type"]["description"] == each["python_type"]["description"], where
        assert len(each["type"]["description"]) > 10, where
        assert each["type"]["description"].endswith("."), where


def test_every_number_has_its_range_and_a_default_inside_it(endpoints):
    numbers = [
        each for _, each in parameters(endpoints) if each["type"]["type"] in ("number", "integer")
    ]
    assert len(numbers) > 30
    for each in numbers:
        schema, default = each["type"], each["parameter_default"]
        assert each["parameter_has_default"]
        assert schema["minimum"] <= default <= schema["maximum"]
        assert f"from {schema['minimum']:g} to" in schema["description"]
        assert each["python_type"]["type"] == {"integer": "int", "number": "float"}[schema["type"]]
        assert schema["type"] == "number" or default == int(default)


def test_no_number_is_described_as_text(endpoints):
    for _, each in parameters(endpoints):
        assert not any(isinstance(x, int | float) for x in each["type"].get("enum", []))
        if isinstance(each["parameter_default"], int | float):
            assert each["type"]["type"] != "string"


def test_every_name_offered_is_one_and_the_default_is_among_them(endpoints):
    for _, each in parameters(endpoints):
        if "enum" in each["type"] and each["parameter_has_default"]:
            assert each["parameter_default"] in each["type"]["enum"]


def test_a_class_may_be_of_either_data_set(endpoints):
    [label] = [p for p in endpoints["/sample"]["parameters"] if p["parameter_name"] == "label"]
    assert "enum" not in label["type"]


def test_no_path_of_this_machine_is_a_default(endpoints):
    for _, each in parameters(endpoints):
        assert not isinstance(each["parameter_default"], dict)
    content, style = endpoints["/stylize"]["parameters"][:2]
    assert not content["parameter_has_default"]
    assert not style["parameter_has_default"]


def test_every_result_has_a_name_and_a_type(endpoints):
    for path, endpoint in endpoints.items():
        assert len(endpoint["description"]) > 80, path
        for each in endpoint["returns"]:
            assert not each["label"].startswith("value_"), path
            assert each["python_type"]["type"] != "Any", path
            assert each["type"], path


def test_the_tools_are_built_only_when_asked_for(built):
    plain, with_tools = built
    assert plain.keys() == with_tools.keys() - {f"/{name}" for name in TOOLS.values()}
    assert len(with_tools) == len(plain) + len(TOOLS)

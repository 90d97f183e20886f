"""What a link holds: read back as it was written, and refused where it can't be."""

from __future__ import annotations

import base64
import json
import zlib

import gradio as gr
import numpy as np
import pytest

from generative.data import gallery
from generative.errors import InputError
from generative.ui import inputs, links, picture_codes
from generative.validation import Range

TABS = {"panel": ("denoise-tab", "autoencoders-tab")}


@pytest.mark.parametrize("most", [1, 2, 17, 256])
def test_pixels_come_back_exactly(most):
    picture = np.random.default_rng(most).integers(0, most, (28, 28)).astype(np.uint8)
    assert np.array_equal(picture_codes.read(picture_codes.of_pixels(picture)), picture)


def test_a_picture_of_the_gallery_has_a_short_code():
    found = gallery.pictures("mnist")
    code = picture_codes.of_gallery("mnist", 3)
    expected = (found.images[found.picked[3], ..., 0] * 255).round()
    assert len(code) < 10
    assert np.array_equal(picture_codes.read(code), expected)


@pytest.mark.parametrize(
    "code",
    ["", "p.", "p.AAAA", "p.€", "p.AAA=", "mnist-16", "mnist--1", "mnist-x", "cifar-1", "own"],
)
def test_any_other_code_is_refused(code):
    with pytest.raises(InputError):
        picture_codes.read(code)


@pytest.fixture(scope="module")
def fields():
    """Some kept widgets, as `build_links` collects them."""
    level = inputs.slider(Range(0, 1), 0.5, 0.01)
    noise = inputs.choice([("Gaussian", "gaussian"), ("Speckle", "speckle")], value="gaussian")
    seen_by = inputs.choices([("block 1", "one_a"), ("block 2", "two_b")], value=["one_a"])
    picture = gr.Textbox("", visible="hidden")
    links.keep(level=level, noise=noise, seen_by=seen_by)
    links.keep_with("picture", picture, picture_codes.read)
    return [getattr(each, links.KEPT) for each in (level, noise, seen_by, picture)]


@pytest.fixture
def said(monkeypatch):
    """The sentences that the page shows."""
    shown = []
    monkeypatch.setattr(gr, "Info", shown.append)
    return shown


def test_values_are_read_and_the_rest_is_left_alone(fields, said):
    query = "?level=0.3&seen_by=two_b*one_a&panel=autoencoders-tab&v=1&__theme=dark"
    accepted, level, noise, seen_by, _ = links.restore(query, fields, TABS)
    assert (level, noise, seen_by) == (0.3, gr.skip(), ["two_b", "one_a"])
    assert json.loads(accepted)["panel"] == "autoencoders-tab"
    assert said == []


@pytest.mark.parametrize("level", ["7", "nan", "-inf", "", "0.3x", "1e999", "[]"])
def test_a_bad_value_leaves_the_usual_one_and_is_named(fields, said, level):
    query = f"level={level}&noise=speckle&panel=nowhere&v=1"
    accepted, read, noise, *_ = links.restore(query, fields, TABS)
    assert noise == "speckle"
    assert read == gr.skip()
    assert json.loads(accepted) == {"noise": "speckle"}
    assert len(said) == 1
    assert "panel" in said[0]


def test_a_photo_and_another_version_are_explained(fields, said):
    assert json.loads(links.restore("picture=own&v=1", fields, TABS)[0]) == {}
    assert "photo" in said.pop()
    assert json.loads(links.restore("level=0.3&v=2", fields, TABS)[0]) == {}
    assert "version" in said.pop()
    links.restore("__theme=dark", fields, TABS)
    assert said == []


def test_a_code_that_would_fill_the_memory_is_refused():
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeezer.compress(bytes(10**7)) + squeezer.flush()
    with pytest.raises(InputError):
        picture_codes.read(picture_codes.PREFIX + base64.urlsafe_b64encode(bomb).decode())


@pytest.mark.parametrize("query", ["?", "&&==&", "?v=1&v=2&level", "?level=%FF%00&v=1"])
def test_no_query_fails(query, fields, said):
    json.loads(links.restore(query, fields, TABS)[0])

"""Drafts over plain HTTP."""

from __future__ import annotations

import numpy as np
import pytest
from painting import picture
from PIL import Image
from talk import encoded, is_a_sentence

from generative import images

CONTENT, STYLES = picture(60, 90, 1), [picture(80, 80, 2), picture(72, 64, 3)]
USUAL = {
    "strength": 1.0,
    "style_scale": 1.0,
    "colour": "style",
    "size": 128,
    "second_style": None,
    "second_weight": 1.0,
    "third_style": None,
    "third_weight": 1.0,
}


def sent(app, pixels):
    return app.upload(encoded(Image.fromarray(pixels)))


@pytest.fixture(scope="module")
def pictures(app):
    """Files of the content and of two styles."""
    return [sent(app, each) for each in (CONTENT, *STYLES)]


def draft(app, content, style, **changes):
    return app.call("draft", content, style, *(USUAL | changes).values())


def painted(app, answer):
    file, figures = answer.result
    assert figures["seconds"] > 0
    status, content = app.send("GET", f"/gradio_api/file={file['path']}")
    assert status == 200
    found = images.decode(content)
    assert figures["size"] == [found.shape[1], found.shape[0]]
    return found


def test_a_draft_has_the_size_that_is_asked_for(app, pictures):
    content, style, _ = pictures
    found = painted(app, draft(app, content, style))
    assert found.shape == (85, 128, 3)


def test_a_draft_follows_its_arguments(app, pictures):
    content, style, second = pictures
    usual = painted(app, draft(app, content, style))
    for change in (
        {"strength": 0.4},
        {"style_scale": 0.5},
        {"colour": "luminance"},
        {"second_style": second},
    ):
        assert np.any(painted(app, draft(app, content, style, **change)) != usual), change
    faint = painted(app, draft(app, content, style, strength=0, size=90))
    np.testing.assert_array_equal(faint, CONTENT)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"strength": 2}, "strength"),
        ({"strength": None}, "strength"),
        ({"size": 63}, "size"),
        ({"size": 100.5}, "size"),
        ({"style_scale": 0}, "size of the strokes"),
        ({"colour": "blue"}, "colours"),
        ({"second_weight": -1}, "weight of a style"),
    ],
)
def test_a_wrong_argument_gets_one_sentence(app, pictures, changes, complaint):
    content, style, second = pictures
    answer = draft(app, content, style, second_style=second, **changes)
    assert is_a_sentence(answer.error)
    assert complaint in answer.error


@pytest.mark.parametrize("missing", ["content", "style"])
def test_a_missing_picture_gets_one_sentence(app, pictures, missing):
    content, style, _ = pictures
    given = {"content": content, "style": style, missing: None}
    answer = draft(app, **given)
    assert answer.error == f"There is no {missing} picture yet: choose or upload one."

"""The panel "Style transfer" over plain HTTP."""

from __future__ import annotations

import base64
import io
import json
import math
from typing import Any

import numpy as np
import pytest
from painting import arguments, picture
from PIL import Image
from talk import Answer, App, encoded, file_data, is_a_sentence, photo

from generative import images
from generative.images import truncated_files
from generative.style_transfer import examples
from generative.style_transfer.settings import SETTINGS, PaintingSettings

CONTENT, STYLE, SECOND = picture(64, 96, 1), picture(80, 80, 2), picture(72, 64, 3)
SMALL = {"size": 96, "steps": 6}


def sent(app: App, pixels: np.ndarray, kind: str = "PNG") -> dict[str, Any]:
    return app.upload(encoded(Image.fromarray(pixels), kind))


@pytest.fixture(scope="module")
def content(app):
    return sent(app, CONTENT)


@pytest.fixture(scope="module")
def style(app):
    return sent(app, STYLE)


@pytest.fixture(scope="module")
def second(app):
    return sent(app, SECOND)


def values(
    content: Any,
    style: Any,
    second: Any = None,
    mask: Any = None,
    third: Any = None,
    **changes: Any,
):
    """Return the arguments of /stylize: small, and otherwise as the page has them."""
    pictures = {"content": content, "style": style, "second_style": second, "third_style": third}
    return arguments(**pictures, mask=mask, **SMALL | changes)


def stylize(app: App, *pictures: Any, **changes: Any) -> Answer:
    return app.call("stylize", *values(*pictures, **changes))


def file_of(uri: str) -> bytes:
    head, _, code = uri.partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(code)


def painted(answer: Answer) -> np.ndarray:
    return images.decode(file_of(answer.result[2]["image"]))


def figures(answer: Answer) -> list[dict[str, Any]]:
    """Return the figures of every frame that has some."""
    return [frame[2] for frame in answer.frames if "step" in (frame[2] or {})]


@pytest.fixture(scope="module")
def plain(app, content, style):
    """A painting whose settings are those of the page, but for its size and its steps."""
    return painted(stylize(app, content, style))


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b).mean())


# --- Painting --------------------------------------------------------------------------------


def test_stylize_streams_a_growing_picture_and_ends_with_a_png(app, content, style):
    answer = stylize(app, content, style, steps=60)
    shown = figures(answer)
    steps = [each["step"] for each in shown]
    assert steps == sorted(steps)
    assert len(set(steps)) > 2
    assert steps[-1] == 60
    assert {each["total_steps"] for each in shown} == {60}
    # At its end, Gradio sends the last frame again.
    assert ["image" in each for each in shown] == [False] * (len(shown) - 2) + [True] * 2
    for html, *_ in answer.frames[1:]:
        assert '<img class="painting" src="data:image/jpeg;base64,' in html
    assert len({frame[0] for frame in answer.frames}) > 3
    last = shown[-1]
    assert last["style_loss"] < shown[0]["style_loss"]
    assert last["eta_seconds"] == 0
    assert last["style_loss"] == pytest.approx(np.mean([*last["layer_losses"].values()]), rel=0.01)
    assert "Step 60 of 60." in answer.result[0]
    assert painted(answer).shape == CONTENT.shape
    assert distance(painted(answer), CONTENT) > 3
    status, curves = app.send("GET", f"/gradio_api/file={answer.result[1]['path']}")
    assert status == 200
    assert images.decode(curves).shape[1] > 300


def test_the_settings_are_inside_the_png(app, content, style, second):
    chosen = {
        "content_weight": 2.5,
        "total_variation_weight": 0.0,
        "style_scale": 0.5,
        "colour": "statistics",
        "initial": "noise",
        "content_layer": "block3_conv2",
        "weight_block2_conv1": 0.25,
        "seed": 77,
        "steps": 1,
    }
    answer = stylize(app, content, style, second, **chosen)
    kept = PaintingSettings.from_text(images.read_note(file_of(answer.result[2]["image"])))
    assert kept == PaintingSettings(second="", **(SMALL | chosen))


def test_a_picture_that_is_an_example_is_known_by_name(app, style):
    cat = app.upload(examples.path("chelsea").read_bytes(), "mine.png")
    oil = app.upload(examples.path("oil").read_bytes(), "other.jpg")
    answer = stylize(app, cat, style, oil, steps=1)
    kept = PaintingSettings.from_text(images.read_note(file_of(answer.result[2]["image"])))
    assert (kept.content, kept.style, kept.second) == ("chelsea", "", "oil")


@pytest.mark.parametrize(
    "change",
    [
        {"style_scale": 2},
        {"weight_block1_conv1": 0},
        {"colour": "luminance"},
    ],
    ids=str,
)
def test_every_setting_counts(app, content, style, plain, change):
    assert distance(painted(stylize(app, content, style, **change)), plain) > 0.1


def test_a_second_style_counts_and_a_third(app, content, style, second, plain):
    both = painted(stylize(app, content, style, second, second_weight=2))
    assert distance(both, plain) > 0.5
    third = content
    assert distance(painted(stylize(app, content, style, second, None, third)), both) > 0.5


# --- Nonsense --------------------------------------------------------------------------------


def chequered(height: int, width: int) -> bytes:
    pixels = np.indices((height, width)).sum(axis=0) % 2 * 255
    return encoded(Image.fromarray(pixels.astype(np.uint8)))


def third(content: bytes) -> bytes:
    """Return the first third of a file."""
    return content[: len(content) // 3]


BROKEN = {"10 to 1": lambda: chequered(64, 640), "a third of a JPEG": lambda: third(photo())}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_an_unusable_picture_is_refused_in_a_sentence(app, content, style, broken):
    wrong = app.upload(broken())
    for pictures in (
        (wrong, style),
        (content, wrong),
        (content, style, wrong),
        (content, style, None, wrong),
    ):
        assert is_a_sentence(stylize(app, *pictures).error)
    assert is_a_sentence(app.call("reconstruct_from_layers", wrong, "style", LAYERS, 0).error)


@pytest.mark.parametrize(
    "missing", [None, {}, file_data("/etc/passwd"), {"path": "app.py"}, "x", 7], ids=str
)
def test_what_is_no_uploaded_picture_is_refused_in_a_sentence(app, content, style, missing):
    for pictures in ((missing, style), (content, missing)):
        answer = stylize(app, *pictures)
        assert is_a_sentence(answer.error), answer.error
        assert "passwd" not in answer.error


def test_a_missing_picture_is_named(app, content, style):
    assert "content picture" in stylize(app, None, style).error
    assert "style picture" in stylize(app, content, None).error


def test_a_mask_may_have_another_scale_and_be_drawn_on_transparent(app, content, style):
    mask = np.zeros((32, 48, 4), np.uint8)
    mask[:, 20:] = 255
    answer = stylize(app, content, style, None, sent(app, mask))
    np.testing.assert_array_equal(painted(answer)[:, :32], CONTENT[:, :32])
    assert distance(painted(answer)[:, 48:], CONTENT[:, 48:]) > 1


def test_a_cut_file_is_painted_and_the_page_is_told(app, style):
    cut = app.upload(encoded(Image.fromarray(CONTENT), "JPEG")[:-2])
    app.join("cut", handler(app, "stylize"), [*values(cut, style, steps=1), None])
    told = []
    for message in app.listen("cut"):
        if message["msg"] == "log":
            told.append((message["title"], message["log"]))
        if message["msg"] == "process_completed":
            assert message["success"], message
            break
    assert told == [("Content picture", truncated_files.NOTICE)]


def test_a_mask_that_does_not_fit_is_refused_in_a_sentence(app, content, style):
    other = sent(app, np.full((64, 64), 255, np.uint8))
    assert "expected 96 by 64 pixels" in stylize(app, content, style, None, other).error
    black = sent(app, np.zeros(CONTENT.shape[:2], np.uint8))
    assert "black all over" in stylize(app, content, style, None, black).error


WRONG = {
    "content_weight": math.nan,
    "style_weight": -1,
    "total_variation_weight": math.inf,
    "second_weight": None,
    "third_weight": -1,
    "size": 96.5,
    "steps": 5001,
    "seconds": 0.5,
    "style_scale": "3",
    "seed": 2**31,
    "weight_block3_conv1": [1],
    "network": "vgg11",
    "colour": None,
    "initial": "x" * 1000,
    "optimizer": ["adam"],
    "content_layer": 0,
}


def test_a_wrong_value_is_refused_in_a_sentence(app, content, style):
    said = {
        name: stylize(app, content, style, **{name: value}).error for name, value in WRONG.items()
    }
    assert {name: error for name, error in said.items() if not is_a_sentence(error)} == {}


def test_weights_of_nothing_are_refused_in_a_sentence(app, content, style):
    nothing = {name: 0 for name in SETTINGS if name.startswith("weight_")}
    for change in ({"content_weight": 0, "style_weight": 0}, nothing):
        assert is_a_sentence(stylize(app, content, style, **change).error)


def test_a_result_with_no_room_for_a_stroke_is_refused_in_a_sentence(app, style):
    long = sent(app, picture(64, 256, 5))
    assert "a size of at least 128" in stylize(app, long, style, size=64).error
    assert stylize(app, long, style, size=128, steps=1).error is None


@pytest.mark.parametrize("change", [-23, -1, 2])
def test_a_wrong_number_of_values_is_refused_in_a_sentence(app, content, style, change):
    right = values(content, style)  # The page sends one more, its state.
    answer = app.call("stylize", *(right[:change] if change < 0 else [*right, *[0] * change]))
    assert is_a_sentence(answer.error), answer.error


# --- Look inside -----------------------------------------------------------------------------

LAYERS = ["block1_conv1", "block2_conv1"]


def test_a_picture_is_rebuilt_from_layers(app, content):
    answer = app.call("reconstruct_from_layers", content, "style", LAYERS, 1)
    steps = [said["step"] for _, said in answer.frames if "step" in said]
    assert steps == sorted(steps)
    assert len(steps) > 3
    html, said = answer.result
    assert html.count("<figure>") == 2
    assert f"style of {', '.join(LAYERS)}, seed 1" in html
    assert (said["layers"], said["seed"]) == (LAYERS, 1)
    rebuilt = images.decode(file_of(said["image"]))
    assert max(rebuilt.shape) == 128


def test_rebuilding_refuses_wrong_values_in_a_sentence(app, content):
    right = [content, "content", LAYERS, 0]
    wrong = {
        0: [None, {"path": "/etc/passwd"}],
        1: ["colour", None, ["style"]],
        2: [[], None, ["block9_conv1"], [["block1_conv1"]], "block1", 3, {}],
        3: [math.nan, -1, "3", 2**31],
    }
    refused = [
        (at, value, app.call("reconstruct_from_layers", *right[:at], value, *right[at + 1 :]).error)
        for at, values in wrong.items()
        for value in values
    ]
    assert [each for each in refused if not is_a_sentence(each[2])] == []
    unseen = app.call("reconstruct_from_layers", content, "style", ["block1_conv2"], 0)
    assert is_a_sentence(unseen.error)


# --- Several visitors ------------------------------------------------------------------------


def handler(app: App, api_name: str) -> int:
    return next(each["id"] for each in app.functions() if each["api_name"] == api_name)


def test_other_panels_answer_while_a_picture_is_painted(app, content, style, stroke_file):
    long = [*values(content, style, size=256, steps=5000), None]
    app.join("paints", handler(app, "stylize"), long)
    messages = app.listen("paints")
    next(message for message in messages if message["msg"] == "process_generating")
    for seed in range(3):
        assert app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, seed).error is None
    assert app.running_jobs("paintings")
    messages.close()


def test_a_finished_painting_can_go_on_and_a_strangers_cannot(app, content, style):
    """As the page does it: the key of the painting is a state of the session."""
    paint = handler(app, "stylize")
    (go_on,) = [
        each["id"]
        for each in app.functions()
        if each["targets"] and len(each["inputs"]) == 7 and each["outputs"][:1] == outputs(app)[:1]
    ]

    def run(session: str, function: int, arguments: list[Any]) -> dict[str, Any]:
        app.join(session, function, arguments)
        for message in app.listen(session):
            if message["msg"] == "process_completed":
                return message
        raise AssertionError

    ended = run("goes-on", paint, [*values(content, style), None])
    assert ended["success"], ended
    first = ended["output"]["data"][2]
    more = run("goes-on", go_on, [None, None, 1, 1, 1, 1, 1])
    assert more["success"], more
    second = more["output"]["data"][2]
    assert second["step"] > first["step"]
    assert second["image"] != first["image"]
    stranger = run("a-stranger", go_on, [None, None, 1, 1, 1, 1, 1])
    assert not stranger["success"]
    assert "press Paint" in stranger["output"]["error"]


def outputs(app: App) -> list[int]:
    """Return the components that /stylize fills."""
    (found,) = [each["outputs"] for each in app.functions() if each["api_name"] == "stylize"]
    return found


def test_the_png_is_small_enough_to_be_sent(app, content, style):
    answer = stylize(app, content, style, steps=1)
    sizes = [len(json.dumps(frame)) for frame in answer.frames]
    assert max(sizes) < 200_000
    with Image.open(io.BytesIO(file_of(answer.result[2]["image"]))) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (96, 64))


def test_it_was_warmed_up_without_a_word(running, plain):
    assert "not warmed up" not in running.log.read_text()

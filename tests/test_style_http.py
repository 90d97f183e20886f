"""The panel "Style transfer" over plain HTTP."""

from __future__ import annotations

import base64
import io
import json
import math
import threading
import time
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from painting import picture
from PIL import Image
from talk import TIMEOUT, Answer, App, encoded, file_data, huge_png, is_a_sentence, photo

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


def values(content: Any, style: Any, second: Any = None, mask: Any = None, **changes: Any):
    """Return the arguments of /stylize: small, and otherwise as the page has them."""
    settings = {name: getattr(PaintingSettings(), name) for name in SETTINGS} | SMALL | changes
    assert settings.keys() == set(SETTINGS)
    return [content, style, *(settings[name] for name in SETTINGS), second, mask]


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


def test_the_same_request_paints_the_same_picture_and_another_seed_another(app, content, style):
    for start, differs in (("content", False), ("noise", True)):
        first, again, other = (
            painted(stylize(app, content, style, initial=start, seed=seed)) for seed in (3, 3, 4)
        )
        np.testing.assert_array_equal(first, again)
        assert (distance(first, other) > 1) == differs


@pytest.mark.parametrize(("size", "shape"), [(64, (43, 64, 3)), (80, (53, 80, 3))])
def test_the_longest_side_is_the_one_asked_for(app, content, style, size, shape):
    answer = stylize(app, content, style, size=size, steps=2)
    assert painted(answer).shape == shape
    assert figures(answer)[-1]["step"] == 2


def test_more_content_keeps_the_picture_and_more_style_changes_it(app, content, style):
    kept, plain, bold = (
        painted(stylize(app, content, style, content_weight=alpha, style_weight=beta, steps=20))
        for alpha, beta in ((100, 0.1), (1, 1), (0, 1))
    )
    assert distance(kept, CONTENT) < distance(plain, CONTENT) < distance(bold, CONTENT)


def test_total_variation_makes_it_smooth(app, content, style):
    rough, smooth = (
        figures(stylize(app, content, style, total_variation_weight=weight, steps=20))[-1]
        for weight in (0, 100)
    )
    assert smooth["tv_loss"] < 0.7 * rough["tv_loss"]


@pytest.mark.parametrize(
    "change",
    [
        {"style_scale": 2},
        {"optimizer": "lbfgs"},
        {"content_layer": "block1_conv1"},
        {"weight_block1_conv1": 0},
        {"colour": "luminance"},
        {"colour": "statistics"},
    ],
    ids=str,
)
def test_every_setting_counts(app, content, style, change):
    plain = painted(stylize(app, content, style))
    assert distance(painted(stylize(app, content, style, **change)), plain) > 0.1


def test_a_second_style_counts_as_much_as_its_weight(app, content, style, second):
    alone = painted(stylize(app, content, style))
    without = painted(stylize(app, content, style, second, second_weight=0))
    np.testing.assert_array_equal(without, alone)
    both = painted(stylize(app, content, style, second, second_weight=2))
    assert distance(both, alone) > 0.5


def test_what_the_mask_leaves_black_stays_as_it_was(app, content, style):
    mask = np.zeros(CONTENT.shape[:2], np.uint8)
    mask[:, 40:] = 255
    answer = stylize(app, content, style, None, sent(app, mask))
    result = painted(answer)
    np.testing.assert_array_equal(result[:, :40], CONTENT[:, :40])
    assert distance(result[:, 40:], CONTENT[:, 40:]) > 3


def test_the_contents_colours_can_be_kept(app, style):
    grey = np.repeat(CONTENT.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    source = sent(app, grey)
    plain, luminance = (
        painted(stylize(app, source, style, colour=colour, steps=20)).astype(int)
        for colour in ("style", "luminance")
    )
    assert np.ptp(plain, axis=2).mean() > 4
    assert np.ptp(luminance, axis=2).max() <= 3


def test_a_time_budget_is_kept(app, content, style):
    begun = time.monotonic()
    answer = stylize(app, content, style, seconds=1)
    assert time.monotonic() - begun < 60
    last = figures(answer)[-1]
    assert last["step"] == last["total_steps"] >= 1
    assert painted(answer).shape == CONTENT.shape


def test_a_photo_of_another_format_will_do(app, style):
    answer = stylize(app, app.upload(photo(), "photo"), style, steps=1)
    assert painted(answer).shape == (96, 96, 3)


def test_the_python_client_paints(app_url, tmp_path):
    for name, pixels in (("c.png", CONTENT), ("s.png", STYLE)):
        (tmp_path / name).write_bytes(encoded(Image.fromarray(pixels)))
    client = Client(app_url, verbose=False, analytics_enabled=False, download_files=tmp_path)
    try:
        job = client.submit(
            content=handle_file(tmp_path / "c.png"),
            style=handle_file(tmp_path / "s.png"),
            size=96,
            steps=30,
            seed=1,
            api_name="/stylize",
        )
        html, curves, said = job.result(timeout=120)
    finally:
        client.close()
    assert "Step 30 of 30." in html
    assert images.decode(file_of(said["image"])).shape == CONTENT.shape
    with Image.open(curves) as plot:
        assert plot.width > 300


# --- Nonsense --------------------------------------------------------------------------------


def chequered(height: int, width: int) -> bytes:
    pixels = np.indices((height, width)).sum(axis=0) % 2 * 255
    return encoded(Image.fromarray(pixels.astype(np.uint8)))


def third(content: bytes) -> bytes:
    """Return the first third of a file."""
    return content[: len(content) // 3]


BROKEN = {
    "8 by 8": lambda: chequered(8, 8),
    "20 by 20": lambda: chequered(20, 20),
    "10 to 1": lambda: chequered(64, 640),
    "1 to 10": lambda: chequered(640, 64),
    "empty": lambda: b"",
    "text": lambda: b"This is no picture at all.\n",
    "SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>',
    "a third of a PNG": lambda: third(encoded(Image.fromarray(picture(200, 200)))),
    "a third of a JPEG": lambda: third(photo()),
    "a huge header": lambda: huge_png(30_000, 30_000),
}


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
    assert painted(stylize(app, cut, style)).shape == CONTENT.shape
    (function,) = (each["id"] for each in app.functions() if each["api_name"] == "stylize")
    app.join("cut", function, [*values(cut, style), None])
    told = []
    for message in app.listen("cut"):
        if message["msg"] == "log":
            told.append((message["title"], message["log"]))
        if message["msg"] == "process_completed":
            break
    assert told == [("Content picture", truncated_files.NOTICE)]


def test_a_mask_that_does_not_fit_is_refused_in_a_sentence(app, content, style):
    other = sent(app, np.full((64, 64), 255, np.uint8))
    assert "expected 96 by 64 pixels" in stylize(app, content, style, None, other).error
    black = sent(app, np.zeros(CONTENT.shape[:2], np.uint8))
    assert "black all over" in stylize(app, content, style, None, black).error


NUMBERS = [math.nan, math.inf, -1, 1e9, True, None, "3", [1], {}]
NAMES = ["", "vgg11", None, 0, True, ["adam"], "x" * 1000]
WRONG = {
    **dict.fromkeys(("content_weight", "style_weight", "total_variation_weight"), NUMBERS),
    "second_weight": NUMBERS,
    "size": [*NUMBERS, 0, 63, 2049, 96.5],
    "steps": [*NUMBERS, 0, 5001, 1.5],
    "seconds": [*NUMBERS[:-1], 0.5, 3601],
    "style_scale": [*NUMBERS, 0, 0.2, 4.1],
    "seed": [*[value for value in NUMBERS if value != 1e9], 0.5, 2**31],
    "weight_block3_conv1": NUMBERS,
    **dict.fromkeys(("network", "colour", "initial", "optimizer", "content_layer"), NAMES),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_refused_in_a_sentence(app, content, style, name):
    said = [(value, stylize(app, content, style, **{name: value}).error) for value in WRONG[name]]
    assert [each for each in said if not is_a_sentence(each[1])] == []


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
    answer = app.call("reconstruct_from_layers", content, "content", LAYERS, 1)
    steps = [said["step"] for _, said in answer.frames if "step" in said]
    assert steps == sorted(steps)
    assert len(steps) > 3
    html, said = answer.result
    assert html.count("<figure>") == 2
    assert (said["layers"], said["seed"]) == (LAYERS, 1)
    rebuilt = images.decode(file_of(said["image"]))
    assert max(rebuilt.shape) == 128
    style = app.call("reconstruct_from_layers", content, "style", LAYERS, 1).result[1]
    assert style["image"] != said["image"]


def test_rebuilding_refuses_wrong_values_in_a_sentence(app, content):
    right = [content, "content", LAYERS, 0]
    wrong = {
        0: [None, {"path": "/etc/passwd"}],
        1: NAMES,
        2: [[], None, ["block9_conv1"], [""], [None], [["block1_conv1"]], "block1", 3, {}],
        3: WRONG["seed"],
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


def test_a_visitor_who_leaves_makes_room_for_the_next(app, content, style):
    paint = handler(app, "stylize")
    long = [*values(content, style, size=256, steps=5000), None]
    for visitor in range(2):
        app.join(f"leaves-a-painting{visitor}", paint, long)
        frames = 0
        for message in app.listen(f"leaves-a-painting{visitor}"):
            frames += message["msg"] == "process_generating"
            assert message["msg"] != "process_completed", message
            if frames == 3:
                break
        begun = time.monotonic()
        assert figures(stylize(app, content, style))[-1]["step"] == 6
        assert time.monotonic() - begun < 100  # It would take several minutes.


def test_other_panels_answer_while_a_picture_is_painted(app, content, style, stroke_file):
    done: list[float] = []

    def paint() -> None:
        assert stylize(app, content, style, seconds=5).error is None
        done.append(time.monotonic())

    painting = threading.Thread(target=paint)
    painting.start()
    deadline = time.monotonic() + TIMEOUT
    while not app.running_jobs("paintings"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    answered = []
    for seed in range(3):
        assert app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, seed).error is None
        answered.append(time.monotonic())
    painting.join(TIMEOUT)
    assert done
    assert answered[0] < done[0]


def test_a_finished_painting_can_go_on_and_a_strangers_cannot(app, content, style):
    """As the page does it: the key of the painting is a state of the session."""
    paint = handler(app, "stylize")
    (go_on,) = [
        each["id"]
        for each in app.functions()
        if each["targets"] and len(each["inputs"]) == 5 and each["outputs"][:1] == outputs(app)[:1]
    ]

    def run(session: str, function: int, arguments: list[Any]) -> dict[str, Any]:
        app.join(session, function, arguments)
        for message in app.listen(session):
            if message["msg"] == "process_completed":
                return message
        raise AssertionError

    for session, changes in (("by-steps", {}), ("by-time", {"seconds": 1})):
        ended = run(session, paint, [*values(content, style, **changes), None])
        assert ended["success"], ended
        first = ended["output"]["data"][2]
        more = run(session, go_on, [None, 1, 1, 1, None])
        assert more["success"], more
        second = more["output"]["data"][2]
        assert second["step"] > first["step"], (session, first["step"], second["step"])
        assert second["image"] != first["image"]
    stranger = run("a-stranger", go_on, [None, 1, 1, 1, None])
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

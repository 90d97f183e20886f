"""The parts of the panel "Style transfer" that need neither a running app nor the real network."""

from __future__ import annotations

import base64
import io
import re
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import requests
from painting import SHALLOW, picture
from PIL import Image, ImageSequence
from talk import is_a_sentence

from generative import images
from generative.errors import InputError
from generative.studios import ProcessStudio, Waiting
from generative.style_transfer import LiveWeights, examples, networks, style_pictures, stylize
from generative.style_transfer.options import MOST_KEPT, STYLE_LAYERS, WEIGHT, Balance
from generative.style_transfer.picture_checks import check_picture
from generative.style_transfer.resizing import fit
from generative.style_transfer.schedule import COARSEST, plan
from generative.style_transfer.settings import SETTINGS, PaintingSettings
from generative.ui import plots
from generative.ui.handlers import Shelf
from generative.ui.picture_chooser import read_picture as read_digit
from generative.ui.style_transfer import (
    can_build_style_transfer,
    film,
    frames,
    look_inside,
    series,
    sheet,
    uploads,
    warm_up,
)
from generative.ui.style_transfer.controls import EXPONENT, PRESETS, WEIGHTS
from generative.ui.style_transfer.easel import Easel, Painting
from generative.ui.style_transfer.paint_handlers import PaintHandlers, turn
from generative.ui.style_transfer.restoring import left_out, restore
from generative.worker_process import WorkerProcess

# --- Examples --------------------------------------------------------------------------------


def test_every_example_has_a_title_and_a_file_of_its_own():
    titles = examples.titles()
    assert len(set(titles.values())) == len(titles) >= 6 + len(style_pictures.STYLES)
    assert [*titles][: len(examples.CONTENTS)] == [*examples.CONTENTS]
    assert len({examples.path(name) for name in titles}) == len(titles)


@pytest.mark.parametrize("name", examples.titles())
def test_an_example_can_be_painted_and_has_a_thumbnail(name):
    check_picture("content", examples.load(name))
    small = examples.thumbnail(name, 64)
    assert (small.shape, small.dtype) == ((64, 64, 3), np.uint8)
    assert small.std() > 10


def test_an_unknown_example_is_refused_in_a_sentence():
    for function in (examples.path, examples.load, examples.thumbnail):
        for name in ("dog", "", None, 3, "../secret"):
            with pytest.raises(InputError) as caught:
                function(name)
            assert is_a_sentence(str(caught.value))


def test_a_copy_of_an_example_is_recognised_and_nothing_else(tmp_path):
    for name in examples.titles():
        copy = tmp_path / "copy"
        copy.write_bytes(examples.path(name).read_bytes())
        assert examples.recognise(copy) == examples.recognise(str(copy)) == name
    other = tmp_path / "other.png"
    other.write_bytes(images.encode_png(examples.load("chelsea")))
    assert examples.recognise(other) == ""
    assert examples.recognise(None) == ""


def test_thumbnails_are_the_same_files_for_every_visitor():
    names = ("chelsea", "oil")
    first = uploads.thumbnails(names)
    assert [title for _, title in first] == ["Cat", style_pictures.STYLES["oil"].title]
    for path, _ in first:
        assert images.decode(path).shape == (examples.THUMBNAIL, examples.THUMBNAIL, 3)
    assert uploads.thumbnails(names) == first


# --- The easel -------------------------------------------------------------------------------


class Step:
    """As much of a step as the easel looks at."""

    def __init__(self, step: int = 1) -> None:
        self.step = step
        self.image = np.zeros((64, 64, 3), np.uint8)
        self.content_loss, self.style_loss, self.tv_loss = 1.0, 2.0, 3.0


def painting(step: Any = None, **settings: Any) -> Painting:
    pixels = picture(64, 64)
    settings = PaintingSettings(**({"size": 64, "steps": 10} | settings))
    return Painting(pixels, settings, {}, LiveWeights(), step)


def test_the_easel_keeps_the_latest_paintings():
    easel = Easel()
    kept = [painting(Step()) for _ in range(MOST_KEPT)]
    keys = [easel.put(each) for each in kept]
    assert len(set(keys)) == MOST_KEPT
    assert [easel.get(key) for key in keys] == kept
    easel.get(keys[0])  # Of the others, the one that was looked at longest ago has to go.
    newest = easel.put(painting(Step()))
    assert easel.get(newest)
    assert easel.get(keys[0]) is kept[0]
    with pytest.raises(InputError):
        easel.get(keys[1])


@pytest.mark.parametrize("key", [None, "", "unknown"])
def test_an_unknown_key_is_refused_in_a_sentence(key):
    with pytest.raises(InputError) as caught:
        Easel().get(key)
    assert is_a_sentence(str(caught.value))


def test_a_painting_without_a_stroke_cannot_go_on():
    easel = Easel()
    with pytest.raises(InputError, match="press Paint"):
        easel.get(easel.put(painting()))


def test_a_painting_remembers_its_curve_and_the_weights_of_its_last_step():
    kept = painting()
    kept.add(Step(1))
    kept.weights.turn(content=4, style=0.5)
    kept.add(Step(2))
    kept.add(Step(2))  # Between tiles, a step is reported more than once.
    kept.weights.turn(content=9)
    assert [step for step, *_ in kept.curve] == [1, 2]
    assert (kept.settings.content_weight, kept.settings.style_weight) == (4, 0.5)
    changed = {"content_weight": 4, "style_weight": 0.5, "alone": False, "turned": True}
    assert kept.settings == replace(painting().settings, **changed)


def test_a_film_of_any_number_of_steps_is_short_even_and_ends_with_the_painting():
    grown = film.Film()
    for level in range(200):
        side = 40 if level < 100 else 300  # A painting begins small.
        grown.add(np.full((side, side, 3), level, np.uint8))
    assert film.MOST_FRAMES / 2 < len(grown) <= film.MOST_FRAMES
    with Image.open(io.BytesIO(grown.to_gif(np.full((300, 300, 3), 255, np.uint8)))) as gif:
        assert gif.size == (film.SIDE, film.SIDE)
        shown = [np.asarray(each.convert("RGB")) for each in ImageSequence.Iterator(gif)]
        held = gif.info["duration"]
    levels = [int(each.mean()) for each in shown]
    assert levels[:2] == [0, 8]
    assert np.ptp(np.diff(levels[:-1])) <= 2  # JPEG's rounding.
    assert (levels[-1], held) == (255, film.HELD * film.MILLISECONDS)


# --- PaintHandlers, with a tiny network -----------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    """Paths of a content and a style picture, 48 by 64 and 64 by 64 pixels."""
    paths = [tmp_path / "content.png", tmp_path / "style.png"]
    for path, pixels in zip(paths, (picture(48, 64, 1), picture(64, 64, 2)), strict=True):
        path.write_bytes(images.encode_png(pixels))
    return [str(path) for path in paths]


@pytest.fixture
def tiny(monkeypatch):
    """Make every network the tiny one, and paint in this process, which alone has it."""
    monkeypatch.setattr(networks, "load", lambda *_: SHALLOW)
    monkeypatch.setattr(
        WorkerProcess, "run", lambda _process, function, *arguments: function(*arguments)
    )


def values(files: list[str], live: LiveWeights | None = None, **changes: Any) -> dict[str, Any]:
    settings = {name: getattr(PaintingSettings(), name) for name in SETTINGS}
    pictures = dict(zip(("content", "style"), files, strict=True))
    return {**pictures, "live": live or LiveWeights(), **settings, "size": 64, "steps": 4} | changes


def settings_in(figures: dict[str, Any]) -> PaintingSettings:
    return PaintingSettings.from_text(
        images.read_note(base64.b64decode(figures["image"].partition(",")[2]))
    )


def painter(easel: Easel | None = None) -> Any:
    return PaintHandlers(Shelf(Path("nowhere")), easel or Easel()).paint


def continuer(easel: Easel) -> Any:
    return PaintHandlers(Shelf(Path("nowhere")), easel).go_on


@pytest.mark.usefixtures("tiny")
def test_the_sliders_turn_a_painting_that_runs(files):
    live = LiveWeights()
    shown = painter()(**values(files, live, steps=2000, content_weight=2, style_weight=3))
    assert "Starting" in next(shown)[0]
    next(shown)
    assert live.now == Balance(2, 3, 1, (1, 1, 1))
    turn(live, 50, 0, 0.5, 1, 1)
    settled = [next(shown)[2] for _ in range(3)][-1]
    assert settled["step"] < 2000
    assert settled["content_loss"] < 0.2
    shown.close()


def test_a_weight_that_is_still_being_typed_leaves_the_painting_alone():
    live = LiveWeights(1, 2, 3)
    assert turn(live, 1, None, 1, 1, 1) == ""
    assert live.now == Balance(1, 2, 3)


def test_a_wrong_weight_is_refused_in_a_sentence_and_leaves_the_painting_alone():
    live = LiveWeights(1, 2, 3)
    for wrong in (-3, 1e12, float("nan"), "2"):
        assert f"Expected a number from 0 to {WEIGHT.high}" in turn(live, 1, wrong, 1, 1, 1)
    assert "above 0" in turn(live, 0, 0, 1, 1, 1)
    assert live.now == Balance(1, 2, 3)
    assert turn(live, 4, 5, 6, 7, 8) == ""
    assert live.now == Balance(4, 5, 6, (1, 7, 8))


@pytest.mark.usefixtures("tiny")
def test_a_painting_goes_on_with_the_weights_of_now_and_its_file_says_so(files):
    easel, live = Easel(), LiveWeights()
    *_, (_, _, first, key) = painter(easel)(**values(files, live, style_weight=2))
    assert settings_in(first) == PaintingSettings(size=64, steps=4, style_weight=2)
    go_on = continuer(easel)
    *_, (html, _, more, same) = go_on(key, live, 5, 2, 1)
    assert same == key
    assert more["step"] == more["total_steps"] == 4 + frames.MORE_STEPS
    assert f"Step {4 + frames.MORE_STEPS} of" in html
    kept = settings_in(more)
    assert (kept.content_weight, kept.steps, kept.turned) == (5, more["step"], True)
    assert [step for step, *_ in easel.get(key).curve] == list(range(1, more["step"] + 1))


@pytest.mark.usefixtures("tiny")
def test_a_painting_by_time_can_go_on_too(files):
    easel = Easel()
    # As a rule, the budget allows for far more steps than were planned.
    *_, (_, _, first, key) = painter(easel)(**values(files, steps=1, seconds=1))
    *_, (_, _, more, _) = continuer(easel)(key, LiveWeights(), 1, 1, 1)
    assert more["step"] > first["step"]


@pytest.mark.usefixtures("tiny")
def test_a_stopped_painting_is_shown_with_its_file_and_goes_on_where_it_was(files):
    easel = Easel()
    shown = painter(easel)(**values(files, steps=3000))
    next(shown)
    key = next(shown)[3]
    shown.close()
    stopped = easel.get(key).step
    handlers = PaintHandlers(Shelf(Path("nowhere")), easel)
    html, *buttons = handlers.show(key)
    assert all(button.interactive for button in buttons)
    assert "data:image/gif" in handlers.film(key)
    assert f"Step {stopped.step} of 3000" in html
    assert 'download="painting.png"' in html
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)" alt="The (\w+)"', html)
    assert [name for _, name in pictures] == ["photo", "painting"]
    shapes = {images.decode(base64.b64decode(content)).shape for content, _ in pictures}
    assert shapes == {stopped.image.shape}
    shown = continuer(easel)(key, LiveWeights(), 1, 1, 1)
    assert next(shown)[2]["step"] == stopped.step + 1
    shown.close()


@pytest.mark.parametrize("key", [None, "unknown"])
def test_with_nothing_painted_nothing_is_shown(key):
    assert PaintHandlers(Shelf(Path("nowhere")), Easel()).show(key) == (gr.skip(),) * 3


@pytest.mark.usefixtures("tiny")
def test_a_painting_makes_room_after_a_while(files, monkeypatch):
    monkeypatch.setattr(frames, "MOST_SECONDS", 0.5)
    *_, (_, _, figures, _) = painter()(**values(files, steps=5000))
    assert figures["step"] < figures["total_steps"]
    assert figures["image"]


def test_without_the_internet_vgg19_is_refused_in_a_sentence(files, monkeypatch, tmp_path):
    def offline(*_: Any, **__: Any) -> None:
        raise requests.ConnectionError("no route to storage.googleapis.com")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(requests, "get", offline)
    shown = painter()(**values(files, network="vgg19"))
    with pytest.raises(gr.Error) as caught:
        next(shown)  # No frame before: the last painting stays where it is.
    assert is_a_sentence(caught.value.message), caught.value.message
    assert "internet" in caught.value.message
    assert [*(tmp_path / "keras").rglob("*.*")] == []


class SlowStudio(ProcessStudio):
    """Has to wait before every painting, and in the middle of it."""

    def run(self, function: Any, *arguments: Any) -> Any:
        yield Waiting("The cluster is full.")
        with closing(super().run(function, *arguments)) as steps, suppress(StopIteration):
            message = yield next(steps)
            message = yield steps.send(message)
            message = yield Waiting("The worker was lost.")
            yield Waiting()
            while True:
                message = yield steps.send(message)


@pytest.mark.usefixtures("tiny")
def test_whoever_waits_is_told_why_beside_what_there_is(files):
    shelf = Shelf(Path("nowhere"), SlowStudio(Path("nowhere")))
    shown = [html for html, *_ in PaintHandlers(shelf, Easel()).paint(**values(files))]
    assert "The cluster is full." in shown[0]
    assert "Starting" in shown[1]
    lost = next(html for html in shown if isinstance(html, str) and "was lost" in html)
    assert '<img class="painting"' in lost
    assert gr.skip() in shown
    assert "Step 4 of 4" in shown[-1]
    for handler in (sheets, one_rebuilt, all_rebuilt):
        with closing(handler(shelf, files)) as waiting:
            first = next(waiting)
            second = next(waiting)
        assert "The cluster is full." in str([first, second])


@pytest.mark.usefixtures("tiny")
def test_the_sheet_fills_with_six_paintings_and_lets_others_in_between(files, monkeypatch):
    monkeypatch.setattr(sheet, "SIZE", 64)
    monkeypatch.setattr(sheet, "STEPS", 10)
    shown = [html for (html,) in sheet.maker(Shelf(Path("nowhere")))(*files)]
    counts = [html.count("<figure>") for html in shown]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 6)
    assert len(shown) >= 6 * sheet.STEPS / series.STEPS_A_FRAME
    assert "Done." in shown[-1]
    for at, (alpha, beta) in enumerate(sheet.BALANCES):
        caption = f"α = {alpha:g}, β = {beta:g}"
        assert re.search(f'<button data-index="{at}" [^>]*><img [^>]*alt="{caption}"', shown[-1])
        pressed = gr.SelectData(None, {"index": at, "value": None})
        *weights, said = sheet.take_over(pressed)
        assert weights == [alpha, beta]
        assert caption in said


# --- Pictures and masks ----------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch):
    """Return a list of what the page is told: (title, sentence)."""
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(gr, "Info", lambda sentence, title: said.append((title, sentence)))
    return said


@pytest.fixture
def kept(tmp_path):
    """Return a function that makes a file of pixels: its path."""

    def keep(pixels: Any, name: str = "a.png", cut: int = 0) -> str:
        content = images.encode_png(pixels)
        (tmp_path / name).write_bytes(content[: len(content) - cut])
        return str(tmp_path / name)

    return keep


def test_a_picture_is_shrunk_to_the_largest_result_and_keeps_its_size(kept, told):
    opened = uploads.read_picture("content", kept(np.zeros((300, 2400, 3), np.uint8)))
    assert (opened.pixels.shape, opened.size) == ((256, 2048, 3), (2400, 300))
    assert told == []


def test_the_page_is_told_that_the_end_of_a_file_is_missing(kept, told):
    path = kept(picture(64, 64), cut=1000)
    assert uploads.read_picture("second style", path).pixels.shape == (64, 64, 3)
    ((title, sentence),) = told
    assert title == "Second style picture"
    assert "end of the file is missing" in sentence
    digit = np.full((64, 64), 255, np.uint8)
    digit[16:48, 28:34] = 0
    read_digit(kept(digit, cut=12), "mnist")
    assert told[1:] == [("Your picture", sentence)]


def test_sizes_are_refused_in_the_numbers_of_the_upload(kept):
    for role in ("content", "style"):
        with pytest.raises(InputError, match=f"{role} picture .* received 4100 by 500"):
            uploads.read_picture(role, kept(np.zeros((500, 4100, 3), np.uint8)))
    with pytest.raises(InputError, match="There is no content picture yet"):
        uploads.read_picture("content", None)
    content = uploads.read_picture("content", kept(np.zeros((2000, 3000, 3), np.uint8)))
    with pytest.raises(InputError, match="expected 3000 by 2000 pixels, received 2500 by 2500"):
        uploads.read_mask(kept(np.full((2500, 2500), 255, np.uint8), "mask.png"), content)


@pytest.mark.parametrize("factor", [0.5, 1, 1.5])
def test_a_mask_is_scaled_to_the_pixels_of_the_content(factor, kept, told):
    content = uploads.read_picture("content", kept(np.zeros((1667, 2500, 3), np.uint8)))
    mask = np.zeros((round(1667 * factor), round(2500 * factor)), np.uint8)
    mask[:, mask.shape[1] // 2 :] = 255
    found = uploads.read_mask(kept(mask, "mask.png"), content)
    assert found.shape == content.pixels.shape[:2] == (1366, 2048)
    assert (found[:, :1016].max(), found[:, 1032:].min()) == (0, 255)
    assert uploads.read_mask(None, content) is None
    assert told == []


def test_the_page_is_told_that_a_mask_is_white_all_over(kept, told):
    content = uploads.read_picture("content", kept(np.zeros((64, 64, 3), np.uint8)))
    uploads.read_mask(kept(np.full((32, 32), 255, np.uint8), "mask.png"), content)
    assert [title for title, _ in told] == ["Mask"]
    assert "white all over" in told[0][1]


@pytest.mark.usefixtures("tiny")
def test_the_panel_says_which_size_a_panorama_needs(files, kept):
    files[0] = kept(picture(300, 2400), "panorama.png")
    with pytest.raises(gr.Error) as caught:
        next(painter()(**values(files, size=200)))
    assert "at least 256 for a picture of 2400 by 300" in caught.value.message
    *_, (_, _, figures, _) = painter()(**values(files, size=256))
    image = images.decode(base64.b64decode(figures["image"].partition(",")[2]))
    assert image.shape == (32, 256, 3)


@pytest.mark.usefixtures("tiny")
def test_the_sheet_and_look_inside_paint_panoramas_larger(kept, monkeypatch):
    path = kept(picture(40, 320), "panorama.png")
    monkeypatch.setattr(sheet, "STEPS", 1)
    *_, (last,) = sheet.maker(Shelf(Path("nowhere")))(path, path)
    assert "Done." in last
    rebuild = look_inside.rebuilder(Shelf(Path("nowhere")))
    *_, (_, figures) = rebuild(path, "content", ["block1_conv1"], 0)
    image = images.decode(base64.b64decode(figures["image"].partition(",")[2]))
    assert image.shape == (32, 256, 3)


# --- Engines ---------------------------------------------------------------------------------


def sheets(shelf: Shelf, files: list[str]) -> Any:
    return sheet.maker(shelf)(*files)


def paintings(shelf: Shelf, files: list[str]) -> Any:
    return PaintHandlers(shelf, Easel()).paint(**values(files, steps=3000))


def one_rebuilt(shelf: Shelf, files: list[str]) -> Any:
    return look_inside.rebuilder(shelf)(files[0], "content", [STYLE_LAYERS[0]], 0)


def all_rebuilt(shelf: Shelf, files: list[str]) -> Any:
    return look_inside.stripper(shelf)(files[0], 0)


@pytest.mark.usefixtures("tiny")
def test_all_five_depths_are_rebuilt_from_content_and_from_style(files, monkeypatch):
    from generative.style_transfer import painter as over_there

    *_, step = stylize(picture(48, 64), picture(64, 64), size=64, steps=1, network=SHALLOW)
    asked = []

    def rebuild(_picture: Any, layers: Any, kind: str, **_: Any) -> Any:
        asked.append((kind, layers))
        yield step

    monkeypatch.setattr(over_there, "reconstruct_from_layers", rebuild)
    *_, last = all_rebuilt(Shelf(Path("nowhere")), files)
    assert asked == [
        *(("content", [layer]) for layer in STYLE_LAYERS),
        *(("style", [*STYLE_LAYERS[:count]]) for count in range(1, 6)),
    ]
    assert last.count("<figure>") == 11
    for depth in range(1, 6):
        assert f"content, block {depth}" in last
        assert f"style up to block {depth}" in last


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("handler", [sheets, paintings, one_rebuilt, all_rebuilt])
def test_engines_are_closed_with_their_handlers(files, monkeypatch, handler):
    from generative.style_transfer import look_inside as inside
    from generative.style_transfer import painter as over_there

    closed = []
    real = over_there.stylize

    def watched(*args: Any, **options: Any) -> Any:
        try:
            yield from real(*args, **options)
        finally:
            closed.append(True)

    monkeypatch.setattr(over_there, "stylize", watched)
    monkeypatch.setattr(inside, "stylize", watched)
    shown = handler(Shelf(Path("nowhere")), files)
    for _ in range(3):
        next(shown)
    assert not closed
    shown.close()
    assert closed == [True]


@pytest.mark.usefixtures("tiny")
def test_the_warm_up_makes_a_step_at_every_scale_of_a_usual_painting(monkeypatch):
    from generative.style_transfer import painter as over_there

    asked = []
    monkeypatch.setattr(over_there, "paint_once", lambda *given: asked.append(given) or [])
    warm_up(Shelf(Path("nowhere")))
    ((_, content, _, options),) = asked
    assert options["size"] == PaintingSettings().size
    size = fit(*content.shape[:2], options["size"])
    scales = plan(*size, options["steps"], COARSEST, last_share=0.5)
    assert [scale.steps for scale in scales] == [1, 1, 1]


# --- Settings --------------------------------------------------------------------------------


def restored(settings: PaintingSettings, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "painting.png"
    path.write_bytes(images.encode_png(picture(32, 32), settings.to_text()))
    found = restore(str(path))
    return dict(zip((*SETTINGS, "content", "style", "second", "third", "mask"), found, strict=True))


def test_a_file_brings_back_settings_and_examples(tmp_path):
    settings = PaintingSettings(
        content="coffee", style="oil", style_weight=3, steps=7, colour="luminance"
    )
    found = restored(settings, tmp_path)
    assert {name: found[name] for name in SETTINGS} == {x: getattr(settings, x) for x in SETTINGS}
    assert found["content"] == str(examples.path("coffee"))
    assert found["style"] == str(examples.path("oil"))
    assert found["second"] is found["third"] is found["mask"] is None
    for name in ("second", "third"):
        more = restored(replace(settings, **{name: "mosaic"}), tmp_path)
        assert more[name] == str(examples.path("mosaic"))


@pytest.mark.parametrize("name", ["", "no example", "../../etc/passwd"])
def test_a_picture_that_is_no_example_leaves_the_one_that_is_there(name, tmp_path):
    assert restored(PaintingSettings(content=name), tmp_path)["content"] == gr.skip()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"content": ""}, ["Pictures of your own"]),
        ({"second": ""}, ["Pictures of your own"]),
        ({"third": ""}, ["Pictures of your own"]),
        ({"masked": True}, ["The mask"]),
        ({"turned": True, "alone": False}, ["these are the last", "similar"]),
        ({"style": "", "masked": True, "alone": False}, ["Pictures", "The mask", "not the same"]),
    ],
)
def test_what_a_file_does_not_bring_back_is_said(changes, words):
    settings = PaintingSettings(**({"content": "coffee", "style": "oil"} | changes))
    remarks = left_out(settings)
    assert len(remarks) == len(words)
    assert all(word in remark for word, remark in zip(words, remarks, strict=True))


def test_what_a_file_brings_back_is_said(tmp_path, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(gr, "Info", said.append)
    restored(PaintingSettings(content="coffee", style="oil", second="mosaic"), tmp_path)
    titles = examples.titles()
    (whole,) = said
    for name in ("coffee", "oil", "mosaic"):
        assert titles[name] in whole
    assert f"{len(SETTINGS)} settings are back" in whole
    path = tmp_path / "partial.png"
    text = '{"style_transfer": {"style": "oil", "steps": 7, "brush": "wide"}}'
    path.write_bytes(images.encode_png(picture(32, 32), text))
    found = dict(zip(SETTINGS, restore(str(path)), strict=False))
    assert (found["steps"], found["size"]) == (7, PaintingSettings().size)
    assert "longest side" in said[1]
    assert "Ignored" in said[1]


@pytest.mark.usefixtures("tiny")
def test_a_file_says_whether_its_settings_alone_make_the_picture(files):
    easel = Easel()
    *_, (_, _, whole, key) = painter(easel)(**values(files))
    assert settings_in(whole).alone
    painting = easel.get(key)
    assert PaintingSettings.from_text(painting.note()).alone
    *_, (_, _, more, _) = continuer(easel)(key, LiveWeights(), 1, 1, 1)
    assert not settings_in(more).alone

    shown = painter(easel)(**values(files, steps=3000))
    next(shown)
    stopped = easel.get(next(shown)[3])
    shown.close()
    kept = PaintingSettings.from_text(stopped.note())
    assert (kept.alone, kept.turned, kept.steps) == (False, False, stopped.step.step)


def test_a_weight_that_was_turned_on_the_way_is_noted():
    kept = painting()
    kept.weights.turn(style=2)  # Before the first step: it is what it begins with.
    kept.add(Step(1))
    kept.add(Step(2))
    assert kept.settings.alone
    kept.weights.turn(style=3)
    kept.add(Step(3))
    kept.weights.turn(style=2)
    kept.add(Step(4))
    assert not kept.settings.alone
    assert kept.settings.turned


def test_the_weights_of_its_styles_are_turned_and_noted():
    kept = painting(third="mosaic", third_weight=2)
    assert kept.balance.styles == ()  # As it was begun.
    kept.weights.turn(styles=(1, 7, 0.5))
    assert kept.balance.styles == (1, 0.5)  # It has no second style.
    kept.add(Step(1))
    assert kept.settings.third_weight == 0.5


@pytest.mark.parametrize("content", [None, b"", images.encode_png(picture(32, 32)), b"text"])
def test_a_file_without_settings_is_refused_in_a_sentence(content, tmp_path):
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(gr.Error) as caught:
        restore(None if content is None else str(path))
    assert is_a_sentence(caught.value.message)


def test_presets_and_sliders_can_say_what_they_mean():
    assert {len(weights) for weights in PRESETS.values()} == {len(WEIGHTS)}
    for weights in PRESETS.values():
        assert all(EXPONENT.low <= np.log10(weight) <= EXPONENT.high for weight in weights)
    assert PaintingSettings().content_weight == PRESETS["balanced"][0]
    assert set(SETTINGS) >= {f"weight_{layer}" for layer in STYLE_LAYERS}


def test_the_panel_needs_its_network(tmp_path):
    assert not can_build_style_transfer(Shelf(tmp_path))


def test_losses_are_drawn_also_where_one_of_them_is_nothing():
    curve = [(step, 0.0 if step == 1 else 1 / step, 0.5, 0.01) for step in range(1, 9)]
    for some in (curve, curve[:1], [(1, 0.0, 0.0, 0.0)], []):
        shown = plots.style_losses(some)
        assert shown.shape == (plots.WIDE_SIZE[1], plots.WIDE_SIZE[0], 4)
    assert not np.array_equal(plots.style_losses(curve), plots.style_losses(curve[:4]))

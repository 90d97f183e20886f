"""The parts of the app that need no running app."""

from __future__ import annotations

import base64
import gc
import io
import logging
import math
import subprocess
import sys
import threading
from html.parser import HTMLParser
from unittest.mock import Mock

import gradio as gr
import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.decomposition import PCA
from starlette.applications import Starlette
from starlette.testclient import TestClient
from talk import ROOT, TIMEOUT, encoded

from generative import checkpoints, images
from generative.autoencoders import live
from generative.data import photographed, plane
from generative.errors import CheckpointError, GenerativeError, InputError
from generative.ui import cards, drawing_pad, handlers, hero, inputs, picture_chooser, plots
from generative.validation import SEED, Range

GREY = np.full((28, 28, 1), 0.4, np.float32)
RAMP = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28, 1)


def png(pixels: np.ndarray | Image.Image) -> bytes:
    return encoded(pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels))


# --- Cards -----------------------------------------------------------------------------------


class Page(HTMLParser):
    """The tags, their attributes and the texts of some HTML; fails on unbalanced tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "br", "hr", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def classes(self) -> list[list[str]]:
        return [(attributes.get("class") or "").split() for _, attributes in self.tags]


def test_a_card_shows_its_pictures_pixel_for_pixel():
    html = cards.render([cards.ResultCard("Two", [("left", RAMP), ("right", GREY)])])
    shown = [attributes for tag, attributes in Page(html).tags if tag == "img"]
    for attributes, truth in zip(shown, (RAMP, GREY), strict=True):
        head, _, content = attributes["src"].partition(",")
        assert head == "data:image/png;base64"
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
        np.testing.assert_array_equal(pixels, (truth[..., 0] * 255).round())
    assert len({attributes["alt"] for attributes in shown}) == 2
    assert all(attributes["alt"].startswith("Two") for attributes in shown)


def test_a_card_shows_title_captions_and_figures():
    card = cards.ResultCard("Title", [("caption", GREY)], [("PSNR", "21.00 dB"), ("SSIM", "0.9")])
    texts = Page(cards.render([card], "The verdict")).texts
    for expected in ("Title", "caption", "PSNR", "21.00 dB", "SSIM", "0.9", "The verdict"):
        assert expected in texts


def test_only_a_card_with_a_badge_is_marked_as_the_best():
    some = [
        cards.ResultCard("a", []),
        cards.ResultCard("b", [], badge="best"),
        cards.ResultCard("c", []),
    ]
    page = Page(cards.render(some))
    assert [("best" in classes) for classes in page.classes() if "card" in classes] == [
        False,
        True,
        False,
    ]
    assert sum("badge" in classes for classes in page.classes()) == 1


def test_no_text_can_become_a_tag_or_an_attribute():
    evil = "\"><script>alert('1')</script>&amp;"
    card = cards.ResultCard(evil, [(evil, GREY)], [(evil, evil)], evil)
    page = Page(cards.render([card], evil))
    assert "script" not in {tag for tag, _ in page.tags}
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert page.texts.count(evil) == 6


def test_no_cards_and_no_heading_are_no_error():
    assert Page(cards.render([])).texts == []


@pytest.mark.parametrize(
    ("psnr", "text"), [(21.4567, "21.46 dB"), (0.0, "0.00 dB"), (-3.2, "-3.20 dB")]
)
def test_decibels_have_two_places(psnr, text):
    assert cards.decibels(psnr) == text


def test_an_exact_picture_has_infinitely_many_decibels():
    assert cards.decibels(math.inf) == "∞ dB"


def test_the_error_map_is_white_where_right_red_where_too_bright_and_blue_where_too_dark():
    truth = np.full((1, 28, 28, 1), 0.5, np.float32)
    image = truth.copy()
    image[0, 3, 4] = 1
    image[0, 5, 6] = 0
    shown = cards.error_map(truth, image)
    assert shown.shape == (28, 28, 3)
    assert shown.dtype == np.float32
    np.testing.assert_allclose(shown[0, 0], [1, 1, 1])
    np.testing.assert_allclose(shown[3, 4], [1, 0.5, 0.5])
    np.testing.assert_allclose(shown[5, 6], [0.5, 0.5, 1])


def test_the_error_map_stays_a_picture_at_the_largest_errors():
    black, white = np.zeros((1, 28, 28, 1), np.float32), np.ones((1, 28, 28, 1), np.float32)
    np.testing.assert_allclose(cards.error_map(black, white)[0, 0], [1, 0, 0])
    np.testing.assert_allclose(cards.error_map(white, black)[0, 0], [0, 0, 1])
    assert images.encode_png(cards.error_map(black, white))


# --- Serving ---------------------------------------------------------------------------------


def test_what_a_handler_returns_comes_through():
    @handlers.computing
    def handler(a: int, b: int = 2) -> int:
        """Add."""
        return a + b

    assert handler(1) == 3
    assert handler(1, b=5) == 6
    assert handler.__name__ == "handler"


def test_our_own_errors_keep_their_sentence_and_are_not_logged(caplog):
    @handlers.computing
    def handler() -> None:
        raise InputError("The picture is blank.")

    with pytest.raises(gr.Error) as caught:
        handler()
    assert caught.value.message == "The picture is blank."
    assert caught.value.print_exception is False
    assert not caplog.records


def test_any_other_error_is_logged_and_hides_its_text(caplog):
    @handlers.computing
    def handler() -> None:
        raise RuntimeError("a secret in /some/where.py")

    with pytest.raises(gr.Error) as caught, caplog.at_level(logging.ERROR):
        handler()
    assert "secret" not in caught.value.message
    assert "/some" not in caught.value.message
    assert caught.value.message.endswith(".")
    assert "a secret" in caplog.text


def test_an_error_for_the_page_comes_through_as_it_is():
    with pytest.raises(gr.Error, match=r"As it is\."), handlers.readable_errors():
        raise gr.Error("As it is.")


def test_as_many_handlers_as_cores_run_at_once_and_an_error_frees_the_turn():
    running, most, refused = [], [], []
    together = threading.Barrier(handlers.CORES)

    @handlers.computing
    def handler(fails: bool) -> None:
        running.append(1)
        together.wait(30)  # Broken, an error for all, if fewer could run at once.
        most.append(len(running))
        together.wait(30)
        running.pop()
        if fails:
            raise InputError("No.")

    def call(fails: bool) -> None:
        try:
            handler(fails)
        except gr.Error as error:
            refused.append(error.message)

    calls = 3 * handlers.CORES
    threads = [threading.Thread(target=call, args=(i % 2 == 0,)) for i in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(most) == calls
    assert max(most) == handlers.CORES
    assert refused == ["No."] * len(range(0, calls, 2))


def test_a_handler_may_call_another():
    inner = handlers.computing(lambda: 1)
    assert handlers.computing(lambda: inner() + 1)() == 2


def test_a_shelf_loads_a_checkpoint_once(small_shelf):
    model = small_shelf.get("shallow", "mnist")
    assert model.reconstruct(GREY[None]).shape == (1, 28, 28, 1)
    assert small_shelf.get("shallow", "mnist") is model


def test_a_shelf_says_what_it_has(small_shelf):
    assert list(small_shelf.present("reconstruction", "mnist")) == ["shallow"]


@pytest.mark.parametrize(
    ("comparison", "model", "dataset"),
    [("denoising", "denoiser", "mnist"), ("reconstruction", "shallow", "fashion_mnist")],
)
def test_a_shelf_says_what_is_missing(small_shelf, comparison, model, dataset):
    with pytest.raises(CheckpointError, match=f"{model}.*{dataset}"):
        small_shelf.present(comparison, dataset)
    with pytest.raises(CheckpointError):
        small_shelf.get(model, dataset)


def test_a_folder_without_checkpoints_is_an_empty_shelf(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        shelf = handlers.Shelf(folder)
        shelf.warm_up()
        with pytest.raises(CheckpointError) as caught:
            shelf.present("reconstruction", "mnist")
        assert str(tmp_path) not in str(caught.value)


def test_warming_up_passes_over_a_damaged_checkpoint(small_shelf, caplog):
    broken = small_shelf.directory / "stacked-mnist"
    broken.mkdir()
    (broken / checkpoints.CARD).write_text("{")
    small_shelf.warm_up()
    assert "stacked-mnist" in caplog.text
    loaded = small_shelf.get("shallow", "mnist")
    assert loaded.reconstruct(GREY[None]).shape == (1, 28, 28, 1)
    with pytest.raises(GenerativeError, match="stacked-mnist"):
        small_shelf.present("reconstruction", "mnist")


def test_the_warm_up_lets_a_visitor_go_first(small_shelf, monkeypatch):
    order, has_begun, may_end = [], threading.Event(), threading.Event()

    @handlers.computing
    def answer():
        has_begun.set()
        may_end.wait(TIMEOUT)
        order.append("visitor")

    def wait_for_none(seconds, wait=handlers.VISITORS.wait_for_none):
        may_end.set()
        wait(seconds)

    monkeypatch.setattr(handlers, "WARM_UP_PATIENCE_SECONDS", TIMEOUT)
    monkeypatch.setattr(handlers.VISITORS, "wait_for_none", wait_for_none)
    monkeypatch.setattr(small_shelf, "get", lambda *_: order.append("warm-up") or Mock())
    visitor = threading.Thread(target=answer)
    visitor.start()
    has_begun.wait(TIMEOUT)
    small_shelf.warm_up()
    visitor.join()
    assert order == ["visitor", "warm-up"]


def test_the_warm_up_does_not_wait_for_ever(small_shelf, monkeypatch):
    monkeypatch.setattr(handlers, "WARM_UP_PATIENCE_SECONDS", 0)
    with handlers.VISITORS.one_more():
        small_shelf.warm_up()
    assert small_shelf.get("shallow", "mnist")


@pytest.fixture
def small_shelf(tmp_path):
    """A shelf with one untrained checkpoint."""
    from generative import models

    source = models.module("shallow")
    network = source.build(**source.TRAINING[""].configuration)
    card = {
        "model": "shallow",
        "dataset": "mnist",
        "configuration": dict(source.TRAINING[""].configuration),
        "parameters": network.count_params(),
        "training": {"seconds": 1.0},
        "metrics": {},
    }
    checkpoints.write("shallow-mnist", card, models.weights(network), tmp_path)
    return handlers.Shelf(tmp_path)


# --- Inputs ----------------------------------------------------------------------------------

ANYTHING = [math.nan, math.inf, True, None, "0.5", [], {}, 1.5, -1, 10**400]


@pytest.mark.parametrize("value", ANYTHING, ids=lambda value: repr(value)[:12])
def test_numbers_arrive_as_they_were_sent(value):
    for widget in (inputs.slider(Range(0, 1), 0.5, 0.01), inputs.seed()):
        assert widget.preprocess(value) is value


@pytest.mark.parametrize("value", ["a", "no such choice", None, 3, ["a"]])
def test_choices_arrive_as_they_were_sent(value):
    assert inputs.choice([("A", "a"), ("B", "b")], value="a").preprocess(value) is value


def test_widgets_show_the_range_that_the_library_checks():
    slider = inputs.slider(Range(0.25, 7), 1, 0.25)
    assert (slider.minimum, slider.maximum, slider.value) == (0.25, 7, 1)
    seed = inputs.seed()
    assert (seed.minimum, seed.maximum) == (SEED.low, SEED.high)
    SEED.check_whole("seed", seed.value)


@pytest.mark.parametrize("payload", [None, {}, {"path": None}, {"url": "data:image/png;base64,AA"}])
def test_what_is_no_file_is_no_picture(payload):
    widget = inputs.picture()
    sent = None if payload is None else widget.data_model(**payload)
    assert widget.preprocess(sent) is None


def test_a_file_that_is_not_there_is_no_picture(tmp_path):
    widget = inputs.picture()
    for path in (tmp_path / "missing.png", tmp_path, "http://127.0.0.1/a.png", ""):
        assert widget.preprocess(widget.data_model(path=str(path))) is None


def test_a_file_that_nobody_uploaded_is_no_picture(tmp_path, monkeypatch):
    uploads = tmp_path / "uploads"
    (uploads / "x").mkdir(parents=True)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(uploads))
    widget = inputs.picture()
    for folder, expected in ((tmp_path, False), (uploads / "x", True)):
        path = folder / "a.png"
        path.write_bytes(png(RAMP[..., 0].astype(np.uint8)))
        assert bool(widget.preprocess(widget.data_model(path=str(path)))) == expected
    around = uploads / "x" / ".." / ".." / "a.png"
    assert widget.preprocess(widget.data_model(path=str(around))) is None


def test_an_uploaded_picture_arrives_undecoded(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    widget = inputs.picture()
    path = tmp_path / "broken.png"
    path.write_bytes(b"not a picture")
    arrived = widget.preprocess(widget.data_model(path=str(path)))
    with open(arrived, "rb") as file:
        assert file.read() == b"not a picture"


def sent_by_the_pad(data: object) -> gr.EventData:
    return gr.EventData(None, data)


def test_a_drawing_arrives_as_the_file_that_the_pad_made():
    drawn = png(np.zeros((40, 40), np.uint8))
    address = drawing_pad.PREFIX + base64.b64encode(drawn).decode()
    assert drawing_pad.drawing(sent_by_the_pad({"png": address})) == drawn


@pytest.mark.parametrize(
    "data",
    [None, 3, {}, {"png": None}, {"png": "https://example.org/a.png"}]
    + [{"png": drawing_pad.PREFIX + rest} for rest in ("é", "a", "a b=")],
)
def test_what_is_no_drawing_is_refused(data):
    with pytest.raises(InputError, match="Invalid drawing"):
        drawing_pad.drawing(sent_by_the_pad(data))


# --- Reading a picture -----------------------------------------------------------------------


def test_28_by_28_pixels_are_taken_as_they_are():
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    for dataset in ("mnist", "fashion_mnist"):
        read = picture_chooser.read_picture(png(pixels), dataset)
        assert read.shape == (1, 28, 28, 1)
        assert read.dtype == np.float32
        np.testing.assert_array_equal(picture_chooser.to_pixels(read), pixels)
        np.testing.assert_allclose(read[0, ..., 0] * 255, pixels, atol=1e-4)


def test_28_by_28_pixels_that_are_blank_are_taken_too():
    assert picture_chooser.read_picture(png(np.zeros((28, 28), np.uint8)), "mnist").max() == 0


def test_a_coloured_28_by_28_picture_becomes_the_mean_of_its_channels():
    colours = np.zeros((28, 28, 3), np.uint8)
    colours[..., 0], colours[..., 1] = 30, 90
    read = picture_chooser.read_picture(png(colours), "mnist")
    np.testing.assert_allclose(read, 40 / 255, atol=1e-6)


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist"])
def test_any_other_size_is_prepared_as_the_data_set_was(dataset):
    photo = Image.new("RGB", (120, 90), "white")
    ImageDraw.Draw(photo).rectangle((50, 20, 60, 70), fill=(20, 20, 60))
    read = picture_chooser.read_picture(png(photo), dataset)
    np.testing.assert_array_equal(read, photographed.prepare(np.asarray(photo), dataset))
    assert read[0, 14, 14, 0] > 0.5 > read[0, 0, 0, 0]


def test_a_file_is_read_like_its_bytes(tmp_path):
    content = png((RAMP[..., 0] * 255).astype(np.uint8))
    path = tmp_path / "a.png"
    path.write_bytes(content)
    np.testing.assert_array_equal(
        picture_chooser.read_picture(str(path), "mnist"),
        picture_chooser.read_picture(content, "mnist"),
    )


@pytest.mark.parametrize(
    "source",
    [
        None,
        b"",
        b"text",
        png(np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8))[:300],
        png(np.zeros((1, 1), np.uint8)),
        png(np.full((60, 60), 255, np.uint8)),
    ],
    ids=["none", "empty", "text", "cut off", "1x1", "blank"],
)
def test_what_cannot_be_used_is_refused_in_one_line(source):
    with pytest.raises(InputError) as caught:
        picture_chooser.read_picture(source, "mnist")
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_show_rounds_to_the_nearest_of_256_greys():
    shown = picture_chooser.to_pixels(np.full((1, 28, 28, 1), 0.4999, np.float32))
    assert shown.shape == (28, 28)
    assert shown.dtype == np.uint8
    assert set(shown.ravel().tolist()) == {127}
    assert picture_chooser.to_pixels(np.ones((1, 28, 28, 1), np.float32)).min() == 255


# --- Plots -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def state() -> live.LinearStep:
    points = plane.sample(200, 0)
    exact = PCA(2)
    codes = exact.fit_transform(points.astype(np.float64))
    basis = exact.components_.astype(np.float32)
    return live.LinearStep(3, 9, points, basis, codes.astype(np.float32), codes, [3, 2, 1], 1, 0.5)


def is_a_plot(shown: np.ndarray, size: tuple[int, int]) -> bool:
    assert shown.shape == (size[1], size[0], 4)
    assert shown.dtype == np.uint8
    return len(np.unique(shown.reshape(-1, 4), axis=0)) > 20


def test_every_plot_of_the_training_is_drawn(state):
    shown = [plots.points_and_plane(state), plots.codes(state), plots.loss_curve(state)]
    assert all(is_a_plot(plot, plots.PLOT_SIZE) for plot in shown)


@pytest.mark.parametrize("ground", [11, 255])
def test_plots_can_be_read_on_dark_and_light_pages(state, ground):
    for plot in (plots.points_and_plane, plots.codes, plots.loss_curve):
        shown = plot(state).astype(float)
        opaque = shown[..., 3] > 250
        assert opaque.sum() > 500
        assert (np.abs(shown[opaque][:, :3] - ground).max(axis=1) > 40).all()


def test_plots_move_with_the_training(state):
    later = live.LinearStep(
        4, 9, state.points, state.basis[:, ::-1], -2 * state.codes, state.pca_codes,
        [3, 2, 1, 0.6], 1, 0.5,
    )  # fmt: skip
    for plot in (plots.points_and_plane, plots.codes, plots.loss_curve):
        assert not np.array_equal(plot(state), plot(later))


def test_plots_leave_nothing_behind(state):
    import matplotlib.pyplot

    plots.loss_curve(state)
    gc.collect()
    assert matplotlib.pyplot.get_fignums() == []


def test_a_sessions_own_copy_of_a_widget_converts_as_the_widget_does():
    # Gradio makes the copy when a handler changes a property, or skips an output.
    for widget in (inputs.slider(Range(0, 1), 0.5, 0.1), inputs.choice([("A", "a")], value="a")):
        copy = type(widget)(**widget.constructor_args)
        inputs.keep_conversion(widget, copy)
        assert copy.preprocess("no such value") == "no such value"
    plain, copy = gr.Slider(0, 1), gr.Slider(0, 1)
    inputs.keep_conversion(plain, copy)
    with pytest.raises(gr.Error):
        copy.preprocess(7)


def test_the_seed_after_the_last_is_the_first():
    assert inputs.next_seed(SEED.high - 1) == SEED.high
    assert inputs.next_seed(SEED.high) == SEED.low


SEVERAL_THREADS = """
import os, sys, threading, time
from pathlib import Path
from gradio.utils import MatplotlibBackendMananger
from generative import data
from generative.ui.handlers import Shelf, computing, import_datasets

import_datasets()
sys.setswitchinterval(1e-4)
shelf = Shelf(Path("checkpoints"))
failed = []

def run(handler):
    try:
        handler()
    except Exception as error:
        failed.append(error)

def ask():  # As Gradio does around every request, while TensorFlow is being imported.
    while "keras" not in sys.modules:
        time.sleep(0.01)
    while not hasattr(sys.modules.get("generative.backend"), "tf"):
        with MatplotlibBackendMananger():
            time.sleep(0.01)

handlers = [
    shelf.warm_up,
    ask,
    computing(lambda: data.load("mnist", "test")),
    computing(lambda: shelf.get("vae", "mnist", "z16")),
    computing(lambda: __import__("generative.style_transfer.features")),
]
threads = [threading.Thread(target=run, args=[each], daemon=True) for each in handlers]
for thread in threads:
    thread.start()
for thread in threads[1:]:
    thread.join()
print(failed, flush=True)
os._exit(len(failed))  # The warm-up goes on.
"""


@pytest.mark.data
def test_the_first_handlers_may_come_all_at_once():
    subprocess.run([sys.executable, "-c", SEVERAL_THREADS], cwd=ROOT, check=True, timeout=TIMEOUT)


# --- The four ways in --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/hero", "/play/hero"])
def test_their_films_are_served_behind_a_root_path(path):
    """Whether the proxy in front takes the root path off or leaves it there."""
    visitor = TestClient(Starlette(routes=hero.ROUTES), root_path="/play")
    for name in hero.FILMS:
        answer = visitor.get(f"{path}/{name}.webp")
        assert answer.content == hero.film(name).read_bytes()
        again = visitor.get(
            f"{path}/{name}.webp", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304
    assert visitor.get(f"{path}/nothing.webp").status_code == 404

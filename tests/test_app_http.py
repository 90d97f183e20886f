"""The app over plain HTTP: right answers, and one clear sentence for every wrong request."""

from __future__ import annotations

import http.client
import http.server
import json
import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from talk import (
    HALF_A_GREY,
    TIMEOUT,
    Answer,
    App,
    as_images,
    encoded,
    file_data,
    is_a_sentence,
    photo,
    pixels_of,
    stroke,
)

from generative import data, images, metrics
from generative.data import noise, photographed
from generative.models import compared_in

METHODS = ["noisy", "denoiser", "denoising", "total_variation", "non_local_means"]
"""How far a picture may be off after rounding to 8 bits, and figures after rounding to 3 places."""


def results(answer: Answer) -> dict[str, dict[str, Any]]:
    """Return the figures of /denoise by method."""
    return {entry["method"]: entry for entry in answer.result[2]["results"]}


def check_denoised(answer: Answer, clean: np.ndarray) -> None:
    """Fail unless figures, pictures, winner and page agree with each other and with `clean`."""
    html, pair, figures = answer.result
    found = results(answer)
    assert list(found) == METHODS
    assert len(pair) == 2
    for entry in found.values():
        image = pixels_of(entry["image"])
        error = np.sqrt(metrics.mse(clean, image)[0])
        if entry["psnr_db"] is None:
            assert error <= HALF_A_GREY
            assert entry["ssim"] == 1
        else:
            assert 10 ** (-entry["psnr_db"] / 20) == pytest.approx(error, abs=HALF_A_GREY)
            assert entry["ssim"] == pytest.approx(metrics.ssim(clean, image)[0], abs=0.03)
            assert f"{entry['psnr_db']:.1f}" in html or f"{entry['psnr_db']:.2f}"[:-1] in html
        assert entry["image"] in html
    winner = found[figures["winner"]]
    scores = [np.inf if e["psnr_db"] is None else e["psnr_db"] for e in found.values()]
    assert (np.inf if winner["psnr_db"] is None else winner["psnr_db"]) == max(scores)
    assert html.count('class="badge"') == 1
    assert figures["verdict"] in html


# --- What the endpoints answer ---------------------------------------------------------------


@pytest.mark.parametrize("kind", noise.KINDS)
def test_denoise_adds_the_librarys_noise_and_measures_every_method(app, stroke_file, kind):
    clean = as_images(stroke())
    for level, seed in ((0.4, 3), (1, 0)):
        answer = app.call("denoise", stroke_file, "mnist", kind, level, seed)
        check_denoised(answer, clean)
        noisy = pixels_of(results(answer)["noisy"]["image"])
        expected = noise.add_noise(clean, kind, level, seed)
        np.testing.assert_allclose(noisy, expected, atol=HALF_A_GREY)


def test_without_noise_the_psnr_is_null_and_28_by_28_pixels_come_back_untouched(app, stroke_file):
    answer = app.call("denoise", stroke_file, "fashion_mnist", "gaussian", 0, 0)
    clean = as_images(stroke())
    check_denoised(answer, clean)
    found = results(answer)
    assert found["noisy"]["psnr_db"] is None
    assert answer.result[2]["winner"] == "noisy"
    np.testing.assert_array_equal(pixels_of(found["noisy"]["image"]), clean)


def test_the_same_request_has_the_same_answer_and_another_seed_another(app, stroke_file):
    first, again, other = (
        app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, seed).result
        for seed in (5, 5, 6)
    )
    assert first[2] == again[2]
    assert first[0] == again[0]
    images_of = [{e["method"]: e["image"] for e in r[2]["results"]} for r in (first, other)]
    assert all(images_of[0][method] != images_of[1][method] for method in METHODS)


@pytest.mark.parametrize("dataset", data.DATASETS)
def test_a_photo_is_prepared_as_the_data_set_was(app, dataset):
    content = photo()
    answer = app.call("denoise", app.upload(content, "p.jpg"), dataset, "gaussian", 0, 0)
    expected = photographed.prepare(images.decode(content), dataset)
    noisy = pixels_of(results(answer)["noisy"]["image"])
    np.testing.assert_allclose(noisy, expected, atol=HALF_A_GREY)


@pytest.mark.parametrize("dataset", data.DATASETS)
def test_reconstruct_measures_every_autoencoder(app, stroke_file, dataset):
    html, figures = app.call("reconstruct", stroke_file, dataset).result
    clean = as_images(stroke())
    assert list(figures) == list(compared_in("reconstruction"))
    for entry in figures.values():
        image = pixels_of(entry["image"])
        error = np.sqrt(metrics.mse(clean, image)[0])
        assert np.sqrt(entry["mse"]) == pytest.approx(error, abs=HALF_A_GREY)
        assert entry["psnr_db"] == pytest.approx(-10 * np.log10(entry["mse"]), abs=0.001)
        assert entry["compression"] == pytest.approx(784 / entry["code_size"])
        assert entry["image"] in html
    for name in ("shallow", "stacked"):
        assert len(figures[name]["code"]) == figures[name]["code_size"] == 32
    assert figures["convolutional"]["code_size"] == 7 * 7 * 256
    assert app.call("reconstruct", stroke_file, dataset).result == [html, figures]


# --- Pictures of every kind ------------------------------------------------------------------


def with_alpha() -> Image.Image:
    """The stroke, in white on black, with the right half transparent: white on a page."""
    image = stroke().convert("LA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (14, 0, 28, 28))
    image.putalpha(alpha)
    return image


def half_white() -> np.ndarray:
    expected = as_images(stroke())
    expected[:, :, 14:] = 1
    return expected


def test_transparency_is_read_as_white(app):
    sent = app.upload(encoded(with_alpha()), "picture")
    answer = app.call("denoise", sent, "mnist", "gaussian", 0, 0)
    noisy = pixels_of(results(answer)["noisy"]["image"])
    np.testing.assert_allclose(noisy, half_white(), atol=HALF_A_GREY)


BROKEN: dict[str, Callable[[], bytes]] = {
    "blank": lambda: encoded(Image.new("L", (64, 64), 255)),
    "half a JPEG": lambda: photo()[: len(photo()) // 2],
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_is_no_usable_picture_is_refused_in_a_sentence(app, content):
    sent = app.upload(content())
    for answer in (
        app.call("denoise", sent, "mnist", "gaussian", 0.5, 0),
        app.call("reconstruct", sent, "mnist"),
    ):
        assert is_a_sentence(answer.error), answer.error


def test_a_file_over_the_limit_is_refused_before_it_is_kept(app):
    status, answer = app.send_file(bytes(images.MAX_FILE_BYTES + 1), "big.png")
    assert status == 413
    assert b"/" not in answer


# --- Values of every kind --------------------------------------------------------------------

NO_LEVEL = ["NaN", "Infinity", "-Infinity", "null", "true", '"abc"', "[]", "{}", "1e400", "-1"]
NO_LEVEL += ["2", "1.0000001", '"0.5"', "1" + "0" * 400]
NO_SEED = [*NO_LEVEL, "1.5", "2147483648", "-0.5"]
NO_SEED.remove("2")
NO_NAME = ["null", "0", "true", '"cifar"', '""', "[]", '["mnist"]', "{}", '"' + "x" * 10_000 + '"']


def refusals(app: App, name: str, arguments: list[Any], at: int, values: list[str]) -> list[str]:
    """Return what is wrong with the app's answers to `values`, sent raw as argument `at`."""
    wrong = []
    for value in values:
        body = json.dumps({"data": [*arguments[:at], "@", *arguments[at + 1 :]]})
        answer = app.call_raw(name, body.replace('"@"', value))
        if not is_a_sentence(answer.error):
            wrong.append(f"{value[:40]}: {answer.error!r}")
    return wrong


@pytest.mark.parametrize(
    ("at", "values"), [(1, NO_NAME), (2, NO_NAME), (3, NO_LEVEL), (4, NO_SEED)]
)
def test_denoise_refuses_a_wrong_value_in_a_sentence(app, stroke_file, at, values):
    arguments = [stroke_file, "mnist", "gaussian", 0.5, 0]
    assert refusals(app, "denoise", arguments, at, values) == []
    assert app.call("denoise", *arguments).error is None


def test_reconstruct_refuses_a_wrong_data_set_in_a_sentence(app, stroke_file):
    assert refusals(app, "reconstruct", [stroke_file, "mnist"], 1, NO_NAME) == []
    assert app.call("reconstruct", stroke_file, "mnist").error is None


@pytest.mark.parametrize(("at", "values"), [(0, [*NO_LEVEL[:10], "0", "5.1", "5"]), (1, NO_SEED)])
def test_train_linear_refuses_a_wrong_value_in_a_sentence(app, at, values):
    # A learning rate of 5 is in range, but diverges.
    assert refusals(app, "train_linear", [1.0, 0], at, values) == []


NO_FILE = {
    "null": None,
    "nothing": {},
    "a number": 17,
    "a list": [],
    "text": "picture.png",
    "a data URL": "data:image/png;base64,iVBORw0KGgo=",
    "a data URL as an address": {"url": "data:image/png;base64,iVBORw0KGgo="},
    "a data URL as a path": file_data("data:image/png;base64,iVBORw0KGgo="),
    "an empty path": file_data(""),
    "a path of a wrong type": file_data(["a"]),
    "a path with a zero byte": file_data("a\0b"),
    "a missing file": file_data("/no/such/picture.png"),
    "a file of the system": file_data("/etc/passwd"),
    "the same without its type": {"path": "/etc/passwd"},
    "a file of the program": file_data("app.py"),
    "a way up": file_data("../../../../../../etc/passwd"),
}


@pytest.mark.parametrize("sent", NO_FILE.values(), ids=NO_FILE.keys())
def test_what_is_no_uploaded_file_is_refused_in_a_sentence(app, sent):
    answer = app.call("denoise", sent, "mnist", "gaussian", 0.5, 0)
    assert is_a_sentence(answer.error), answer.error
    assert "passwd" not in answer.error
    assert "root:" not in answer.error


@pytest.mark.parametrize("meta", [{"_type": "gradio.FileData"}, {}, None], ids=str)
def test_a_picture_on_the_server_that_nobody_uploaded_is_not_read(app, tmp_path, meta):
    path = tmp_path / "private.png"
    path.write_bytes(encoded(stroke()))
    sent = {"path": str(path), **({} if meta is None else {"meta": meta})}
    for answer in (
        app.call("denoise", sent, "mnist", "gaussian", 0.5, 0),
        app.call("reconstruct", sent, "mnist"),
    ):
        assert is_a_sentence(answer.error), answer.error


class CountRequests(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: Any) -> None:
        pass


def test_a_picture_on_another_host_is_not_fetched(app):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CountRequests)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/picture.png"
    elsewhere = "https://pictures.invalid/picture.png"
    try:
        for sent in (
            {"url": address},
            file_data(None, url=address),
            file_data(address, url=address),
            {"path": address, "url": address},
            file_data(elsewhere, url=elsewhere),
        ):
            answer = app.call("denoise", sent, "mnist", "gaussian", 0.5, 0)
            assert is_a_sentence(answer.error), (sent, answer.error)
            # Nor is its name looked up.
            assert "host" not in answer.error.lower(), (sent, answer.error)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert server.asked == []


@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_a_wrong_number_of_values_is_refused_in_a_sentence(app, stroke_file, count):
    arguments = [stroke_file, "mnist", "gaussian", 0.5, 0, 0][:count]
    answer = app.call("denoise", *arguments)
    assert is_a_sentence(answer.error), answer.error
    assert "expected 5" in answer.error
    assert f"received {len(arguments)}" in answer.error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"{}",
        b"[]",
        b"null",
        b'{"data": null}',
        b'{"data": 5}',
        b"\xff\xfe",
        b"[" * 99,
    ],
    ids=repr,
)
def test_what_is_no_request_is_refused(app, body):
    status, answer = app.send("POST", "/gradio_api/call/denoise", body)
    assert 400 <= status < 500
    assert b"Traceback" not in answer
    assert b".py" not in answer


def test_no_handler_of_the_page_answers_nonsense_with_nothing(app, stroke_file):
    """Every handler, the unnamed ones too, with wrong values and with events that can't be."""
    wrong = []
    for function in app.functions():
        if not function["backend_fn"]:
            continue
        count = len(function["inputs"])
        for number, (values, event) in enumerate(
            [
                ([None] * count, None),
                (["mnist"] * count, {"index": 10**9, "value": None}),
                (["mnist"] * count, {"index": [float(10**9), -1.5], "value": None}),
                (["stacked", "mnist"][-count:], {"index": "x", "value": None}),
                ([{"path": "/etc/passwd"}] * count, {}),
            ]
        ):
            session = f"nonsense{function['id']}x{number}"
            app.join(session, function["id"], values, event)
            for message in app.listen(session):
                if message["msg"] == "process_completed":
                    error = message["output"].get("error") if not message["success"] else None
                    if not message["success"] and not is_a_sentence(error):
                        wrong.append((function["api_name"], values, event, error))
                    break
    assert wrong == []
    assert app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, 0).error is None


def test_no_event_calls_two_handlers_that_wait(app):
    """Gradio sends an event that waited to all of its handlers: two never come to rest."""
    waiting = [
        tuple(event)
        for function in app.functions()
        if function["backend_fn"] and function["trigger_mode"] == "always_last"
        for event in function["targets"]
        if event[0] is not None
    ]
    assert waiting
    assert sorted(waiting) == sorted(set(waiting))


# --- Many visitors ---------------------------------------------------------------------------


def test_a_full_queue_refuses_politely_and_answers_all_that_it_took(app, stroke_file):
    taken, refused = [], []
    for level in [0.5, 0.5, *[2] * 90]:
        body = json.dumps({"data": [stroke_file, "mnist", "gaussian", level, 0]}).encode()
        status, answer = app.send("POST", "/gradio_api/call/denoise", body)
        if status == 200:
            taken.append((level, json.loads(answer)["event_id"]))
        else:
            assert status == 503
            refused.append(answer)
    assert refused
    assert all(b"full" in answer and b"Traceback" not in answer for answer in refused)
    for level, event in taken:
        answer = app.read("denoise", event)
        assert is_a_sentence(answer.error) if level == 2 else answer.error is None
    assert app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, 0).error is None


def test_visitors_at_the_same_time_get_each_their_own_answer(app, stroke_file):
    answers: dict[int, Any] = {}

    def visit(seed: int) -> None:
        answers[seed] = app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, seed)

    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert sorted(answers) == list(range(8))
    clean = as_images(stroke())
    for seed, answer in answers.items():
        noisy = pixels_of(results(answer)["noisy"]["image"])
        expected = noise.add_noise(clean, "gaussian", 0.5, seed)
        np.testing.assert_allclose(noisy, expected, atol=HALF_A_GREY)


def test_a_visitor_who_leaves_in_the_middle_of_a_training_leaves_the_app_usable(app, stroke_file):
    (train,) = [f["id"] for f in app.functions() if f["api_name"] == "train_linear"]
    for visitor in range(2):
        app.join(f"leaves{visitor}", train, [1.0, visitor])
        frames = 0
        for message in app.listen(f"leaves{visitor}"):
            frames += message["msg"] == "process_generating"
            assert message["msg"] != "process_completed"
            if frames == 2:
                break
        assert app.call("denoise", stroke_file, "mnist", "gaussian", 0.5, visitor).error is None


# --- The page --------------------------------------------------------------------------------


def test_the_page_loads_nothing_from_another_host(app):
    status, answer = app.send("GET", "/")
    assert status == 200
    html = answer.decode()
    assert "<html" in html
    loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)", html)
    assert loaded
    sheets = [app.send("GET", "/theme.css")[1].decode()]
    config = json.loads(app.send("GET", "/config")[1])
    sheets.append(str(config["css"]))
    loaded += config["stylesheets"]
    for sheet in sheets:
        loaded += re.findall(r"url\([\"']?((?!data:)[^)\"']+)", sheet)
        assert "@import" not in sheet
    away = [url for url in loaded if re.match(r"(https?:)?//", url)]
    assert [url for url in away if urlsplit(url).hostname not in ("127.0.0.1", "localhost")] == []

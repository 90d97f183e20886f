"""The panel "Latent space" in a browser."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect
from talk import ROOT
from visits import WAIT, changes, open_tab, overflow, picture, shown_on, visit, wait_for_another


def html_of(page: Page, selector: str):
    return lambda: page.locator(selector).inner_html() or None


def test_every_part_answers(page: Page, app_url: str, tmp_path: Path):
    visit(page, app_url)
    open_tab(page, "Latent space")
    check_map(page)
    open_tab(page, "One picture")
    check_pictures(page)
    check_samples_and_films(page, tmp_path)
    check_classes(page)


def check_map(page: Page) -> None:
    """Fail unless the map answers clicks, keys and paths."""
    plane = page.locator("#map .plane")
    expect(plane).to_be_visible(timeout=WAIT)
    title = page.locator("#map-decoded h4")
    expect(title).to_have_text("z = (0.00, 0.00)", timeout=WAIT)
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    assert box is not None

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.click(*at(0.25, 0.25))
    expect(title).to_have_text("z = (-1.50, 1.50)", timeout=WAIT)
    z1 = page.locator("#map-z1 input[type=range]")
    z1.focus()
    z1.press("Home")
    expect(title).to_have_text("z = (-3.00, 1.50)", timeout=WAIT)
    expect(page.locator("#map .marker")).to_have_attribute("cx", "-3")

    # Pointing shows the picture of a place at once, without a request: as good as the model's own.
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.mouse.move(*at(0.63, 0.41))
    pointed = page.locator("#map-pointed h4")
    expect(pointed).to_have_text("z = (0.78, 0.54)")
    blended = pixels(shown_on(page, "#map-pointed canvas"))
    assert asked == []
    page.mouse.click(*at(0.63, 0.41))
    expect(title).to_have_text("z = (0.78, 0.54)", timeout=WAIT)
    decoded_there = pixels(page.locator("#map-decoded img").get_attribute("src"))
    assert np.abs(blended - decoded_there).mean() < 4  # of 255
    assert not np.array_equal(blended, decoded_there)

    # Zooming keeps the chosen place where it is, and shows more tiles between the tiles.
    ground = shown_on(page, "#map .ground")
    page.get_by_role("button", name="Zoom in").click()
    assert page.locator("#map .over").get_attribute("viewBox").split()[2] == "3"
    assert shown_on(page, "#map .ground") != ground
    expect(page.locator("#map .marker")).to_have_attribute("cx", "0.78")
    plane.press("ArrowRight")
    expect(title).to_have_text("z = (0.83, 0.54)", timeout=WAIT)
    plane.press("0")

    page.mouse.move(*at(0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*at(0.5, 0.4), steps=10)
    expect(pointed).to_be_visible()
    page.mouse.move(*at(0.7, 0.6), steps=10)
    page.mouse.up()
    expect(page.locator("#map-film .film img")).to_be_visible(timeout=WAIT)
    expect(title).to_have_text("z = (1.20, -0.60)", timeout=WAIT)
    expect(page.locator("#map-z1 input[type=number]")).to_have_value("1.2")

    # A finger chooses a place, and two of them zoom.
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    fingers(page, at(0.5, 0.75))
    expect(title).to_have_text("z = (0.00, -1.50)", timeout=WAIT)
    fingers(page, at(0.4, 0.5), at(0.6, 0.5), apart=60)
    assert float(page.locator("#map .over").get_attribute("viewBox").split()[2]) < 6

    # The figures are those of the model that drew the map, though another is chosen.
    expect(page.locator("#map-quality")).to_contain_text("2 of 2 latents")
    expect(page.locator("#latent-model")).to_be_hidden()

    seen = picture(page)
    page.get_by_role("button", name="Autoencoders").filter(visible=True).click()
    wait_for_another(page, lambda: picture(page), seen)
    expect(page.locator("#reconstructions .card").first).to_be_visible(timeout=WAIT)
    open_tab(page, "Latent space")


def fingers(page: Page, *places: tuple[float, float], apart: float = 0) -> None:
    """Touch the page at some places, move the fingers apart, and lift them."""
    screen = page.context.new_cdp_session(page)
    ends = [(x + side * apart, y) for side, (x, y) in zip((-1, 1), places, strict=False)]
    for kind, points in (("touchStart", places), ("touchMove", ends), ("touchEnd", ())):
        touched = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
    screen.detach()


def check_pictures(page: Page) -> None:
    """Fail unless the parts about one picture and about several answer."""
    strips = page.locator("#strips .strip")
    expect(strips).to_have_count(16, timeout=WAIT)
    slider = page.get_by_role("slider").filter(visible=True).first
    expect(page.locator("#traversed img").first).to_be_visible(timeout=WAIT)
    slider.focus()
    changes(page, html_of(page, "#traversed"), lambda: slider.press("End"))
    page.locator("#latent-model input[value=z32]").check()
    expect(strips).to_have_count(32, timeout=WAIT)

    open_tab(page, "Between pictures")
    expect(page.locator("#sum .card.best")).to_be_visible(timeout=WAIT)
    amount = page.locator("#amount input[type=range]")
    expect(page.locator("#moved .strip")).to_be_visible(timeout=WAIT)
    amount.focus()
    changes(page, html_of(page, "#moved"), lambda: amount.press("End"))

    open_tab(page, "One picture")
    expect(page.locator("#handwriting .card")).to_have_count(11, timeout=WAIT)

    expect(page.locator("#inspection .verdict")).to_contain_text("held-out", timeout=WAIT)
    # What is unfolded stays so in the answer for another data set.
    page.locator("#inspection summary").click()
    before = page.locator("#inspection").inner_html()
    page.locator("input[type=radio][value=fashion_mnist]").check()
    wait_for_another(page, html_of(page, "#inspection"), before)
    expect(page.locator("#inspection details p")).to_be_visible()
    expect(page.get_by_test_id("toast-body")).to_have_count(0)


def check_samples_and_films(page: Page, tmp_path: Path) -> None:
    """Fail unless samples are drawn, one of them moves to another picture, and films are kept."""
    open_tab(page, "Sample")
    expect(page.locator("#samples button").first).to_be_visible(timeout=WAIT)
    quality = page.locator("#latent-quality")
    expect(quality).to_contain_text("latents are in use", timeout=WAIT)
    # Of the model that was chosen last: what arrives for it is folded.
    card = json.loads((ROOT / "checkpoints/vae-fashion_mnist-z32/card.json").read_text())
    costs = f"costs {card['metrics']['negative_elbo']:.1f} nats, the negative ELBO"
    expect(quality).to_contain_text(costs)
    expect(quality.locator("details p")).to_be_hidden()
    quality.locator("summary").click()
    expect(quality.locator("details p")).to_be_visible()
    # A term is explained where it stands, by pointer and by keyboard.
    term, meaning = quality.get_by_role("button", name="nats"), page.locator("#meaning")
    term.hover()
    expect(meaning).to_contain_text("A measure of surprise")
    page.mouse.move(0, 0)
    expect(meaning).to_have_count(0)
    term.focus()
    expect(meaning).to_contain_text("A measure of surprise")
    page.keyboard.press("Escape")
    expect(meaning).to_have_count(0)
    assert page.locator("#samples button").count() == 40
    changes(page, html_of(page, "#samples"), page.get_by_role("button", name="New samples").click)
    expect(page.locator("#samples")).to_contain_text("Seed 1:")

    seen = picture(page)
    page.locator("#samples button").nth(12).click()
    wait_for_another(page, lambda: picture(page), seen)
    # It has become A, the picture before it B.
    a, b = (page.locator(f"#interpolate-{name} img") for name in "ab")

    open_tab(page, "Between pictures")
    films = page.locator("#interpolation .film")
    expect(films).to_have_count(2, timeout=WAIT)
    expect(a).to_have_attribute("src", picture(page))
    expect(b).to_have_attribute("src", seen)
    page.get_by_role("button", name="Swap A and B").click()
    expect(a).to_have_attribute("src", seen)
    steps = page.locator("#interpolate-steps input[type=number]")
    steps.fill("8")
    steps.press("Tab")
    expect(page.locator("#interpolation .strip").last).to_contain_text("8 steps", timeout=WAIT)
    for index in range(2):
        with page.expect_download() as caught:
            films.nth(index).get_by_role("link").click()
        target = tmp_path / f"{index}.gif"
        caught.value.save_as(target)
        frames = decoded(target.read_bytes())
        # There and back, neither end twice: the film is its own mirror image after the first.
        np.testing.assert_array_equal(frames[1:], frames[:0:-1])
        assert not np.array_equal(frames[0], frames[len(frames) // 2])
    assert overflow(page) <= 0


def check_classes(page: Page) -> None:
    """Fail unless a class can be chosen where the model is told one, and nowhere else."""
    open_tab(page, "Sample")
    classes = page.locator("input[type=radio][value=bag]").filter(visible=True)
    for model, told in (("z2", 0), ("cvae", 1)):
        choose = page.locator(f"#latent-model input[value={model}]").check
        changes(page, html_of(page, "#samples"), choose)
        expect(classes).to_have_count(told)
    changes(page, html_of(page, "#samples"), classes.check)


def decoded(gif: bytes) -> np.ndarray:
    """Return every frame of a GIF for 90 milliseconds that it is shown."""
    film, frames = Image.open(io.BytesIO(gif)), []
    assert film.info["loop"] == 0
    for index in range(film.n_frames):
        film.seek(index)
        frames += [np.asarray(film.convert("L"))] * (film.info["duration"] // 90)
    assert len(frames) == 14
    return np.stack(frames)


def pixels(address: str) -> np.ndarray:
    """Return the grey levels of a picture's data URL."""
    content = base64.b64decode(address.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"), int)

"""Whole visits of the page in a browser."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=60_000)
WAIT = 90_000
"""Milliseconds: a loaded machine may need this long to compute what takes a second."""


# --- What a visitor sees and does ------------------------------------------------------------


def visit(page: Page, url: str) -> None:
    """Open the page and wait until the first result is there."""
    page.set_default_timeout(WAIT)
    page.goto(url)
    expect(page.locator("#gallery img").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#denoise-results .card.best")).to_have_count(1, timeout=WAIT)


def uncover(page: Page, selector: str) -> Locator:
    """Open the tab that holds an element."""
    tabs = page.get_by_role("tab").filter(visible=True)
    found = page.locator(selector)
    for index in range(tabs.count()):
        if found.is_visible():
            break
        tabs.nth(index).click()
        page.wait_for_timeout(300)
    found.scroll_into_view_if_needed()
    return found


def changes(page: Page, look: Callable[[], object], act: Callable[[], object]) -> object:
    """Do something, wait until what `look` returns is another, and return that."""
    before = look()
    act()
    return wait_for_another(page, look, before)


def wait_for_another(page: Page, look: Callable[[], object], before: object) -> object:
    """Wait until what `look` returns is neither `before` nor None, and return it."""
    deadline = time.monotonic() + WAIT / 1000
    while time.monotonic() < deadline:
        after = look()
        if after not in (before, None):
            return after
        page.wait_for_timeout(100)
    pytest.fail(f"What the page shows stays the same: {str(before)[:200]}")


def picture(page: Page) -> str | None:
    """Return the address of the picture that the models see: it names the content."""
    shown = page.locator("#picture img").filter(visible=True)
    return shown.first.get_attribute("src") if shown.count() else None


def figures(page: Page) -> dict[str, float]:
    """Return the PSNR of every result, in the order of the page."""
    cards = page.locator("#denoise-results .card")
    found = cards.evaluate_all(
        """cards => cards.map(card => {
            const names = [...card.querySelectorAll('dt')].map(name => name.textContent)
            const at = names.findIndex(name => name.includes('PSNR'))
            const value = at < 0 ? '' : card.querySelectorAll('dd')[at].textContent
            return [card.querySelector('h4').lastChild.textContent, value]
        })"""
    )
    return {title: decibels(value) for title, value in found if value}


def decibels(text: str) -> float:
    return float(text.replace("∞", "inf").split()[0])


def is_consistent(page: Page) -> bool:
    """True if exactly the card with the highest PSNR is marked."""
    shown = figures(page)
    best = page.locator("#denoise-results .card.best")
    expect(best).to_have_count(1)
    expect(page.locator("#denoise-results .badge")).to_have_count(1)
    title = best.locator("h4").evaluate("title => title.lastChild.textContent")
    return shown[title] == max(shown.values())


def noise_of(page: Page) -> str | None:
    """Return the noisy picture of the results."""
    return page.locator("#denoise-results .card").nth(1).locator("img").first.get_attribute("src")


def clean_of(page: Page) -> str | None:
    """Return the clean picture of the results."""
    return page.locator("#denoise-results .card").first.locator("img").get_attribute("src")


def sentence(page: Page) -> str:
    """Return the text of the error that the page shows, and close it."""
    toast = page.get_by_test_id("toast-body").last
    expect(toast).to_be_visible()
    text = toast.inner_text()
    toast.get_by_role("button").first.click()
    expect(toast).to_be_hidden()
    return text


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")


def garment(side: int = 240) -> bytes:
    """A photo of a dark jumper on a light ground."""
    image = Image.new("RGB", (side, side), (236, 233, 228))
    draw = ImageDraw.Draw(image)
    draw.rectangle((side * 0.3, side * 0.25, side * 0.7, side * 0.85), fill=(60, 70, 110))
    draw.rectangle((side * 0.12, side * 0.25, side * 0.3, side * 0.7), fill=(80, 90, 140))
    draw.rectangle((side * 0.7, side * 0.25, side * 0.88, side * 0.7), fill=(80, 90, 140))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


# --- Journeys --------------------------------------------------------------------------------


def test_pick_a_picture_and_play_with_the_noise(page: Page, app_url: str):
    visit(page, app_url)
    assert page.locator("#gallery img").count() >= 8
    assert page.locator("#denoise-results .card").count() == 6
    assert len(figures(page)) == 5
    assert is_consistent(page)
    for image in page.locator("#denoise-results img").all():
        assert image.get_attribute("alt")
    assert overflow(page) <= 0

    def look() -> tuple[float, ...]:
        return tuple(figures(page).values())

    # Another picture of the gallery, and another data set.
    for act in (
        lambda: page.locator("#gallery button:has(img)").nth(5).click(),
        lambda: page.locator("input[type=radio][value=fashion_mnist]").check(),
        lambda: page.locator("#gallery button:has(img)").nth(9).click(),
    ):
        seen = look()
        changes(page, lambda: picture(page), act)
        wait_for_another(page, look, seen)
        assert is_consistent(page)

    # More noise by the keyboard, to the very end: less is left of the picture.
    level = page.locator("#level input[type=range]")
    level.focus()
    before = figures(page)
    changes(page, look, lambda: level.press("End"))
    noisy = next(iter(before))
    assert figures(page)[noisy] < before[noisy]
    changes(page, look, lambda: level.press("ArrowLeft"))
    assert page.locator("#level input[type=number]").input_value() == "0.99"

    # No noise at all: the noisy picture is the clean one.
    changes(page, look, lambda: level.press("Home"))
    assert figures(page)[noisy] == float("inf")
    assert is_consistent(page)
    changes(page, look, lambda: page.locator("#level input[type=number]").fill("0.4"))

    # Other kinds of noise, and new noise of the same kind.
    for kind in ("salt_and_pepper", "speckle", "masked", "gaussian"):
        changes(page, look, page.locator(f"#kind input[value={kind}]").check)
        assert is_consistent(page)
    again = page.get_by_role("button", name=re.compile("noise", re.I))
    first = noise_of(page)
    second = changes(page, lambda: noise_of(page), again.click)
    assert second != first
    assert is_consistent(page)

    # Before and after, by the slider below them.
    position = page.locator("#before-after").locator("xpath=following::input[@type='range'][1]")
    position.focus()
    for key in ("End", "Home"):
        changes(
            page,
            lambda: page.locator("#before-after img").evaluate_all(
                "images => images.map(image => image.getAttribute('style')).join()"
            ),
            lambda key=key: position.press(key),
        )


def test_draw_and_upload_a_picture(page: Page, app_url: str):
    visit(page, app_url)
    pad = uncover(page, "#sketch")
    canvas = pad.locator("canvas").first
    canvas.wait_for()
    page.wait_for_timeout(1000)  # The pad is laid out after it is shown.
    pad.scroll_into_view_if_needed()
    brush = pad.get_by_label("Brush")
    if brush.count():
        brush.first.click()

    def draw() -> None:
        box = canvas.bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2
        top, bottom = box["y"] + 0.3 * box["height"], box["y"] + 0.75 * box["height"]
        page.mouse.move(middle, top)
        page.mouse.down()
        page.mouse.move(middle + 4, (top + bottom) / 2, steps=8)
        page.mouse.move(middle, bottom, steps=8)
        page.mouse.up()

    clean = clean_of(page)
    drawn = changes(page, lambda: picture(page), draw)
    clean = wait_for_another(page, lambda: clean_of(page), clean)
    assert is_consistent(page)

    upload = uncover(page, "#upload")
    chooser = upload.locator("input[type=file]")

    def send(content: bytes, name: str) -> None:
        chooser.set_input_files(
            [{"name": name, "mimeType": "image/jpeg", "buffer": content}], timeout=WAIT
        )

    sent = changes(page, lambda: picture(page), lambda: send(garment(), "jumper.jpg"))
    assert sent != drawn
    wait_for_another(page, lambda: clean_of(page), clean)
    assert is_consistent(page)


def test_a_broken_upload_is_explained_and_the_next_one_works(page: Page, app_url: str):
    visit(page, app_url)
    upload = uncover(page, "#upload")
    shown = picture(page)
    chooser = upload.locator("input[type=file]")
    broken = garment()[:900]
    chooser.set_input_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": broken}])
    said = sentence(page)
    assert "damaged" in said
    assert "Traceback" not in said
    assert picture(page) == shown
    # The broken picture makes place for the next.
    if not chooser.count():
        upload.locator("button").filter(has=page.locator("svg")).last.click()
    changes(
        page,
        lambda: picture(page),
        lambda: chooser.set_input_files(
            [{"name": "b.jpg", "mimeType": "image/jpeg", "buffer": garment()}]
        ),
    )
    assert is_consistent(page)


def test_autoencoders(page: Page, app_url: str, tmp_path: Path):
    visit(page, app_url)
    results = uncover(page, "#reconstructions")
    expect(results.locator(".card")).to_have_count(4)
    for figure in results.locator(".card").nth(3).locator("dd").all():
        assert re.search(r"\d", figure.inner_text())

    # The map: a click shows the picture at that place, and a ring around it.
    code_map, details = page.locator("#code-map img").last, page.locator("#code-details")
    expect(code_map).to_be_visible(timeout=WAIT)
    expect(details.locator("img")).to_have_count(2)
    assert code_map.evaluate("image => image.naturalWidth / image.naturalHeight") == pytest.approx(
        code_map.evaluate("image => image.clientWidth / image.clientHeight"), rel=0.02
    )
    code_map.scroll_into_view_if_needed()
    ring, text = code_map.get_attribute("src"), details.inner_text()
    seen = {text}
    box = code_map.bounding_box()
    assert box is not None
    for x, y in ((0.9, 0.3), (0.15, 0.2), (0.6, 0.9)):
        place = {"x": x * box["width"], "y": y * box["height"]}
        seen.add(
            changes(
                page,
                lambda: details.locator("img").first.get_attribute("src"),
                lambda place=place: code_map.click(position=place),
            )
        )
    assert len(seen) == 4
    assert page.locator("#code-map img").last.get_attribute("src") != ring
    # Other codes, other map.
    for model in ("shallow", "convolutional"):
        changes(
            page,
            lambda: page.locator("#code-map img").last.get_attribute("src"),
            page.locator(f"input[type=radio][value={model}]").check,
        )

    # Training: it runs to its end, and can be stopped before.
    train, status = page.locator("#train-linear"), page.locator("#linear-status")
    plots = train.locator("xpath=following::img")
    stop = train.locator("xpath=following::button[1]")

    def step() -> int | None:
        found = re.search(r"(\d+) of (\d+)", status.inner_text())
        return int(found.group(1)) if found else None

    train.scroll_into_view_if_needed()
    changes(page, step, train.click)
    stop.click()
    page.wait_for_timeout(3000)
    stopped = step()
    assert stopped is not None
    page.wait_for_timeout(3000)
    assert step() == stopped
    total = int(re.search(r"(\d+) of (\d+)", status.inner_text()).group(2))
    assert stopped < total
    train.click()
    expect(status).to_contain_text(re.compile(rf"\b{total} of {total}\b"), timeout=2 * WAIT)
    assert plots.filter(visible=True).count() >= 3
    assert overflow(page) <= 0


def test_a_phone_in_the_dark(page: Page, app_url: str):
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    visit(page, app_url)
    assert overflow(page) <= 0
    ground, text = (
        page.locator("#denoise-results .card").first.evaluate(
            f"card => getComputedStyle(card).{name}"
        )
        for name in ("backgroundColor", "color")
    )
    assert brightness(ground) < 0.3 < 0.7 < brightness(text)
    for selector in ("#sketch", "#upload", "#gallery", "#reconstructions", "#train-linear"):
        element = uncover(page, selector)
        expect(element).to_be_visible()
        assert overflow(page) <= 0, selector
    expect(page.locator("#code-map img").last).to_be_visible(timeout=WAIT)
    assert overflow(page) <= 0


def brightness(colour: str) -> float:
    """Return from 0 to 1 how bright a CSS colour "rgb(…)" is."""
    channels = re.findall(r"[\d.]+", colour)[:3]
    return sum(map(float, channels)) / 3 / 255

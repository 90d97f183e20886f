"""Whole visits of the page in a browser."""

from __future__ import annotations

import math
import re

from playwright.sync_api import Page, expect
from visits import (
    WAIT,
    changes,
    clean_of,
    figures,
    garment,
    is_consistent,
    noise_of,
    open_tab,
    overflow,
    pause,
    picture,
    sentence,
    shown_on,
    uncover,
    visit,
    wait_for_another,
    wait_until_stopped,
)
from waits import wait_until


def test_train_pick_draw_and_upload(page: Page, app_url: str):
    visit(page, app_url)
    check_autoencoders(page)
    open_tab(page, "Denoise")
    check_noise(page)
    check_own_pictures(page)


def check_noise(page: Page) -> None:
    """Fail unless the results follow the picture that is picked, and its noise."""
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
    level.press("End")
    noisy = next(iter(before))
    # Results of the picture before may still be on their way: they are not so much worse.
    wait_for_another(page, lambda: figures(page).get(noisy, math.inf) < before[noisy] - 1, False)
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
    page.get_by_role("button", name=re.compile("^More")).click()
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


def check_own_pictures(page: Page) -> None:
    """Fail unless what is drawn and uploaded counts, and what is broken is explained."""
    # The first stroke counts, as soon as the pad is there.
    canvas = uncover(page, "#sketch").locator("canvas")
    canvas.scroll_into_view_if_needed()

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

    # A second stroke changes it, and Undo takes that back; after Clear there is nothing to send.
    box = canvas.bounding_box()
    assert box is not None
    across = {"x": 0.2 * box["width"], "y": 0.5 * box["height"]}
    twice = changes(page, lambda: picture(page), lambda: canvas.click(position=across))
    assert twice != drawn
    undo = page.locator("#sketch").get_by_role("button", name="Undo")
    assert changes(page, lambda: picture(page), undo.click) == drawn
    page.locator("#sketch").get_by_role("button", name="Clear").click()
    blank = (
        "canvas => canvas.getContext('2d').getImageData(0, 0, 280, 280).data.every(x => x == 255)"
    )
    assert canvas.evaluate(blank)
    assert picture(page) == drawn

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

    # A broken picture is explained, changes nothing, and makes place for the next.
    upload.get_by_label("Remove Image").click()
    send(garment()[:900], "cut.jpg")
    said = sentence(page)
    assert "damaged" in said
    assert "Traceback" not in said
    assert picture(page) == sent
    if not chooser.count():
        upload.locator("button").filter(has=page.locator("svg")).last.click()
    changes(page, lambda: picture(page), lambda: send(garment(200), "another.jpg"))
    assert is_consistent(page)


def check_autoencoders(page: Page) -> None:
    """Fail unless pictures are rebuilt, the map answers, and a training can be stopped."""
    results = uncover(page, "#reconstructions")
    expect(results.locator(".card")).to_have_count(4)
    for figure in results.locator(".card").nth(3).locator("dd").all():
        assert re.search(r"\d", figure.inner_text())

    # The map: pointing shows the picture at that place and what was made of it, without a request.
    field, title = page.locator("#code-map .field"), page.locator("#code-map h4")
    expect(title).to_contain_text("picture 0", timeout=WAIT)
    field.scroll_into_view_if_needed()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    seen = {shown_on(page, "#code-map canvas")}
    box = field.bounding_box()
    assert box is not None
    for x, y in ((0.9, 0.3), (0.15, 0.2), (0.6, 0.9)):
        field.hover(position={"x": x * box["width"], "y": y * box["height"]})
        seen.add(shown_on(page, "#code-map canvas"))
    assert len(seen) == 4
    assert asked == []
    # A click keeps it, and the arrow keys go on from there.
    field.click(position={"x": 0.6 * box["width"], "y": 0.5 * box["height"]})
    kept = title.inner_text()
    page.mouse.move(box["x"] + 2, box["y"] - 40)
    assert title.inner_text() == kept
    field.press("ArrowLeft")
    assert title.inner_text() != kept
    # Other codes, other map.
    dots = page.locator("#code-map .dots")
    changes(page, dots.inner_html, page.locator("input[type=radio][value=shallow]").check)

    # Training can be watched and stopped.
    train, status = page.locator("#train-linear"), page.locator("#linear-status")
    plots = train.locator("xpath=following::img")
    stop = train.locator("xpath=following::button[1]")

    def step() -> int | None:
        found = re.search(r"(\d+) of (\d+)", status.inner_text())
        return int(found.group(1)) if found else None

    def stops() -> bool:
        """Train, stop, and tell whether that came before the end: the page may lag behind."""
        changes(page, step, train.click)
        stop.dispatch_event("click")  # Plots that change leave it no rest, for which `click` waits.
        wait_until_stopped(page, "trainings", step)
        done, total = re.search(r"(\d+) of (\d+)", status.inner_text()).groups()
        return int(done) < int(total)

    train.scroll_into_view_if_needed()
    wait_until(stops, "a training that is stopped", pause(page))
    assert plots.filter(visible=True).count() >= 3
    assert overflow(page) <= 0

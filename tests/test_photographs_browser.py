"""The panel "Photographs" in a browser."""

from __future__ import annotations

import re

import numpy as np
from painting import picture
from PIL import Image
from playwright.sync_api import Page, expect
from talk import encoded
from visits import changes, open_tab, overflow, sentence, visit

from generative import images

PHOTO = picture(120, 160)


def shown(page: Page) -> tuple[str | None, ...]:
    """Return the addresses of both pictures, which name their content."""
    pictures = page.locator(".under-loupe img").filter(visible=True)
    return tuple(each.get_attribute("src") for each in pictures.all())


def level(page: Page) -> float:
    """Return the level of the noise that the page names."""
    return float(re.findall(r"σ = ([\d.]+)", page.locator("#photo-figures").inner_text())[0])


def send(page: Page, content: bytes, name: str) -> None:
    field = page.locator("#photograph-picture input[type=file]")
    if not field.count():
        page.locator("#photograph-picture").get_by_label("Remove Image").click()
    field.set_input_files([{"name": name, "mimeType": "image/png", "buffer": content}])


def test_noise_is_added_found_removed_and_looked_at(page: Page, app_url: str):
    visit(page, app_url)
    open_tab(page, "Photographs")
    expect(page.locator("#photo-after img")).to_be_visible()
    expect(page.locator("#photo-figures")).to_contain_text("PSNR")
    assert 20 < level(page) < 30
    assert overflow(page) <= 0

    # The loupe follows the pointer, in both pictures, and goes when the pointer does.
    before = page.locator("#photo-before img")
    before.hover(position={"x": 60, "y": 50})
    expect(page.locator(".loupe")).to_have_count(2)
    backgrounds = [
        each.evaluate("x => x.style.background") for each in page.locator(".loupe").all()
    ]
    assert backgrounds[0] != backgrounds[1]
    seen = page.locator(".loupe").first.evaluate("x => x.style.background")
    before.hover(position={"x": 120, "y": 80})
    assert page.locator(".loupe").first.evaluate("x => x.style.background") != seen
    page.mouse.move(5, 5)
    expect(page.locator(".loupe")).to_have_count(0)
    # It obeys the arrow keys, too.
    page.locator("#photo-before button").filter(has=page.locator("img")).press("ArrowRight")
    expect(page.locator(".loupe")).to_have_count(2)

    # Without strength, nothing is removed; more noise is found to be more.
    strength = page.locator("#strength input[type=range]")
    strength.focus()
    _, after = changes(page, lambda: shown(page), lambda: strength.press("Home"))
    assert after is not None
    noise = page.locator("#added-noise input[type=range]")
    noise.focus()
    found = level(page)
    changes(page, lambda: level(page), lambda: noise.press("PageUp"))
    assert level(page) > found

    # Another example, and beside the classical methods.
    changes(page, lambda: shown(page), page.locator("#photograph-examples img").nth(1).click)
    page.get_by_role("button", name="Beside the classical methods").click()
    page.locator("#compare-photo").click()
    expect(page.locator("#photo-comparison .card")).to_have_count(4)
    assert overflow(page) <= 0


def test_ones_own_photograph_is_left_as_it_is_but_for_its_noise(page: Page, app_url: str):
    visit(page, app_url)
    open_tab(page, "Photographs")
    expect(page.locator("#photo-figures")).to_contain_text("PSNR")
    changes(page, lambda: shown(page), lambda: send(page, encoded(Image.fromarray(PHOTO)), "a.png"))
    expect(page.locator("#added-noise input[type=number]")).to_have_value("0")
    expect(page.locator("#photo-figures")).not_to_contain_text("PSNR")
    strength = page.locator("#strength input[type=range]")
    strength.focus()
    changes(page, lambda: shown(page), lambda: strength.press("Home"))
    with page.expect_download() as saved:
        page.locator("#download-png").click()
    assert saved.value.suggested_filename == "denoised-a.png"
    np.testing.assert_array_equal(images.decode(saved.value.path()), PHOTO)

    send(page, b"nothing", "b.png")
    assert "not a picture" in sentence(page)

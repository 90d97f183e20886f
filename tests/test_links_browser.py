"""Links in a browser: what one visitor sees, another gets, to the byte."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect
from visits import WAIT, changes, figures, noise_of, open_tab, picture, wait_for_another


def address(page: Page, **expected: str) -> str:
    """Return the page's address once it holds some values."""
    for name, value in expected.items():
        expect(page).to_have_url(re.compile(rf"[?&]{name}={re.escape(value)}(&|$)"), timeout=WAIT)
    return page.url


def check_damaged_link(page: Page, app_url: str) -> None:
    """Fail unless it opens as usual, and says what is wrong with it."""
    page.set_default_timeout(WAIT)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # What it says goes away by itself, so we don't wait for the first result before.
    page.goto(f"{app_url}/?level=7&noise=speckle&picture=own&v=1&__theme=dark")
    texts = page.get_by_test_id("toast-body")
    expect(texts.filter(has_text="level")).to_be_visible(timeout=WAIT)
    expect(texts.filter(has_text="photo")).to_be_visible()
    expect(page.locator("#kind input[value=speckle]")).to_be_checked()
    assert page.locator("#level input[type=number]").input_value() == "0.5"
    expect(page).not_to_have_url(re.compile("level"))
    button = page.locator("#copy-link")
    button.click()
    expect(button).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{app_url}/?v=1&noise=speckle"  # The theme is this visitor's own.
    expect(page.locator("#denoise-results .card.best")).to_have_count(1)


def test_a_link_gives_the_same_pictures_anywhere(page: Page, browser: Browser, app_url: str):
    page.set_viewport_size({"width": 1280, "height": 1300})
    check_damaged_link(page, app_url)

    # Denoise: another picture, another noise, another level.
    changes(page, lambda: picture(page), page.locator("#gallery button").nth(5).click)
    page.locator("#kind input[value=masked]").check()
    level = page.locator("#level input[type=number]")
    level.fill("0.3")
    level.press("Tab")
    address(page, picture="mnist-5", noise="masked", level="0.3")
    wait_for_another(page, lambda: "Masked" in str(figures(page)) or noise_of(page), None)

    # The map of two latents.
    open_tab(page, "Latent space")
    plane, title = page.locator("#map .plane"), page.locator("#map-decoded h4")
    expect(title).to_have_text("z = (0.00, 0.00)", timeout=WAIT)
    box = plane.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    expect(title).to_have_text("z = (-1.50, 1.50)", timeout=WAIT)

    decoded = page.locator("#map-decoded img").get_attribute("src")

    # What the picture's latents do.
    open_tab(page, "One picture")
    expect(page.locator("#traversed img").last).to_be_visible(timeout=WAIT)
    link = address(page, part="one-picture-tab", z1="-1.5", panel="latent-space-tab")
    traversed = page.locator("#traversed img").last.get_attribute("src")

    # Back leads to the panel before, with everything as it is now.
    page.go_back()
    noisy = noise_of(page)
    expect(page.locator("#denoise-results .card.best")).to_be_visible(timeout=WAIT)
    expect(page).not_to_have_url(re.compile("panel="))
    assert level.input_value() == "0.3"

    open_tab(page, "Style transfer")
    open_tab(page, "Look inside")
    inside = address(page, studio="look-inside-tab", panel="style-transfer-tab")

    # The link, opened by somebody else.
    context = browser.new_context(viewport={"width": 1280, "height": 1300})
    other = context.new_page()
    other.goto(link)
    same = expect(other.locator("#traversed img").last)
    same.to_have_attribute("src", traversed, timeout=WAIT)
    open_tab(other, "Map")
    expect(other.locator("#map .marker")).to_have_attribute("cx", "-1.5", timeout=WAIT)
    expect(other.locator("#map-decoded img")).to_have_attribute("src", decoded, timeout=WAIT)
    open_tab(other, "Denoise")
    wait_for_another(other, lambda: noise_of(other) == noisy, False)
    other.goto(inside)
    expect(other.locator("#inside")).to_be_visible(timeout=WAIT)
    context.close()

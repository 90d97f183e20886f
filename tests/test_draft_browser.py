"""The draft, the wall and the camera in a browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from visits import changes, open_tab, overflow, visit, wait_until_stopped

from generative import images
from generative.style_transfer import style_pictures


def open_draft(page: Page, url: str) -> None:
    visit(page, url)
    open_tab(page, "Style transfer")
    expect(page.locator("#draft .compare img")).to_have_count(2)


def drafted(page: Page) -> str | None:
    """Return the address of the draft, which holds its pixels."""
    return page.locator("#draft .compare img").last.get_attribute("src")


def test_a_draft_follows_what_is_chosen_and_is_refined(page: Page, app_url: str, tmp_path: Path):
    open_draft(page, app_url)
    expect(page.locator("#weights")).to_be_hidden()
    examples = page.locator("#style-examples .thumbnail-item")
    expect(examples).to_have_count(len(style_pictures.STYLES))
    changes(page, lambda: drafted(page), examples.nth(3).click)
    strength = page.locator("#strength input[type=range]")
    strength.focus()
    changes(page, lambda: drafted(page), lambda: strength.press("ArrowLeft"))
    expect(page).to_have_url(re.compile("strength=0.95"))
    with page.expect_download() as caught:
        page.locator("#draft a.download").click()
    saved = tmp_path / "draft.jpg"
    caught.value.save_as(saved)
    assert max(images.decode(saved).shape) == 512

    # The optimisation goes on from it.
    page.locator("#refine").click()
    expect(page.locator("#canvas")).to_contain_text("Step")
    expect(page.locator("#weights")).to_be_visible()
    page.locator("#stop-painting").click()
    expect(page.locator("#canvas a.download")).to_be_visible()
    wait_until_stopped(page, "paintings", page.locator("#canvas").inner_text)
    with page.expect_download() as caught:
        page.locator("#canvas a.download").click()
    caught.value.save_as(tmp_path / "painting.png")
    assert '"initial": "draft"' in images.read_note(tmp_path / "painting.png")


def test_the_wall_shows_every_style_and_a_press_takes_one(page: Page, app_url: str):
    page.set_viewport_size({"width": 390, "height": 844})
    open_draft(page, app_url)
    page.locator("#wall > button").click()
    tiles = page.locator("#wall-tiles button")
    expect(tiles).to_have_count(len(style_pictures.STYLES))
    assert overflow(page) <= 0
    changes(page, lambda: drafted(page), tiles.nth(5).click)
    expect(tiles.nth(5)).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(f"style={[*style_pictures.STYLES][5]}"))


def test_the_camera_is_painted_live(page: Page, app_url: str):
    page.context.grant_permissions(["camera"])
    open_draft(page, app_url)
    page.locator("#camera > button").click()
    expect(page.locator("#camera-painted")).to_contain_text("off")
    camera = page.locator("#camera-picture")
    camera.get_by_text("Click to Access Webcam").click()
    camera.get_by_role("button", name=re.compile("record", re.IGNORECASE)).click()
    expect(page.locator("#camera-painted img")).to_be_visible()
    changes(page, lambda: page.locator("#camera-painted img").get_attribute("src"), lambda: None)

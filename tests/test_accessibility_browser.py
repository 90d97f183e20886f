"""What axe finds in the page, and whether it fits every width: all panels, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from visits import WAIT, open_tab, overflow, visit

CUT_OFF = """() => [...document.querySelectorAll('button, input, select, textarea')]
    .filter(each => each.checkVisibility() && !each.closest('.strip-of-pictures, .sr-only'))
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .map(each => each.outerHTML.slice(0, 200))"""
"""Controls that end beyond the window's edge; the strip of pictures can be scrolled."""

READY = {
    "Denoise": "#denoise-results .card.best",
    "Autoencoders": "#code-map .field",
    "Latent space": "#map-decoded img",
    "Style transfer": "#style-examples img",
    "Lesson": "#lesson-tiles-shown img",
}
"""What each panel shows once its first results are there."""

PARTS = {
    "Latent space": {
        "Sample": "#samples button",
        "Between pictures": "#moved img",
        "One picture": "#traversed img",
    },
    "Style transfer": {"Look inside": "#rebuild"},
}


def grave(page: Page) -> list[str]:
    """Return the critical and serious violations, each with the elements."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in ("critical", "serious")
        for node in each["nodes"]
    ]


def ready(page: Page, selector: str) -> None:
    expect(page.locator(selector).filter(visible=True).first).to_be_visible(timeout=WAIT)
    expect(page.locator(".progress-text")).to_have_count(0, timeout=WAIT)  # Nothing computes.


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave_in_any_panel(page: Page, app_url: str, theme: str):
    page.emulate_media(reduced_motion="reduce")  # Colours that fade in have less contrast.
    visit(page, f"{app_url}/?__theme={theme}")
    for source in ("Draw", "Upload", "Pick"):
        open_tab(page, source)
        assert grave(page) == [], source
    for panel, selector in READY.items():
        open_tab(page, panel)
        ready(page, selector)
        assert grave(page) == [], panel
        for part, inside in PARTS.get(panel, {}).items():
            open_tab(page, part)
            ready(page, inside)
            assert grave(page) == [], part


@pytest.mark.parametrize("width", [360, 390, 768, 1440, 1920])
def test_nothing_is_cut_off(page: Page, app_url: str, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, app_url)
    for panel, selector in READY.items():
        open_tab(page, panel)
        ready(page, selector)
        assert overflow(page) <= 0, panel
        assert page.evaluate(CUT_OFF) == [], panel
        # Every way in is there, in full: none in a menu.
        ways = page.locator("#panels > .tab-wrapper button")
        assert ways.filter(visible=True).count() == len(READY)
        assert ways.evaluate_all("all => all.every(each => each.scrollWidth <= each.clientWidth)")


def test_who_asks_for_less_motion_gets_stills(page: Page, app_url: str):
    way = "getComputedStyle(document.querySelector('#denoise-tab-button'), '::before')"
    visit(page, app_url)
    assert page.evaluate(f"{way}.animationName") == "film"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(f"{way}.animationName") == "none"
    assert "denoise.webp" in page.evaluate(f"{way}.backgroundImage")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_result_is_in_sight_without_scrolling(page: Page, app_url: str, width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    visit(page, app_url)
    for panel, picture in (
        ("Denoise", "#denoise-results .card.best img"),
        ("Style transfer", "#canvas img"),
    ):
        open_tab(page, panel)
        box = page.locator(picture).first.bounding_box()
        assert box["y"] + box["height"] <= height


def test_on_a_desktop_the_chooser_is_low_and_the_pictures_are_large(page: Page, app_url: str):
    page.set_viewport_size({"width": 1440, "height": 900})
    visit(page, app_url)
    assert page.locator("#chooser").bounding_box()["height"] <= 150
    pictures = page.locator("#denoise-results .card figure:first-child img").all()
    boxes = [picture.bounding_box() for picture in pictures]
    assert len({box["y"] for box in boxes}) == 1
    assert min(box["width"] for box in boxes) >= 200


FOCUSED = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused)
    return {
        id: focused.id || focused.className,
        within: focused.closest('#chooser, #masthead, .tabitem')?.id,
        outlined: style.outlineStyle !== 'none' && style.outlineWidth !== '0px',
    }
}"""


def test_tab_goes_down_the_page_and_the_skip_link_past_the_ways_in(page: Page, app_url: str):
    visit(page, app_url)
    stops = []
    for _ in range(10):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    assert stops[0]["id"] == "skip"
    assert all(stop["outlined"] for stop in stops)
    places = [stop["id"] for stop in stops]
    # The ways in come before the chooser, as they do for the eye.
    ways_in = [at for at, place in enumerate(places) if place.endswith("-tab-button")]
    assert places.index("copy-link") < ways_in[0]
    assert stops[ways_in[-1] + 1]["within"] == "chooser"

    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#noise') !== null")

    open_tab(page, "Latent space")
    expect(page.locator("#map .plane")).to_be_visible(timeout=WAIT)
    page.locator("#map-tab-button").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#map .plane")).to_be_focused()

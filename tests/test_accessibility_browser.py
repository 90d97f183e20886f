"""What axe finds in the page, and whether it fits every width: all panels, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from visits import WAIT, open_tab, overflow, visit

CUT_OFF = """() => [...document.querySelectorAll('button, input, select, textarea')]
    .filter(each => each.checkVisibility() && !each.closest('.strip-of-pictures, .sr-only'))
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .map(each => each.outerHTML.slice(0, 200))"""
"""Controls that end beyond the window's edge; the strip of pictures can be scrolled."""

WIDTHS = (360, 390, 768, 1440, 1920)

READY = {
    "Denoise": "#denoise-results .card.best",
    "Autoencoders": "#code-map .field",
    "Latent space": "#map-decoded img",
    "Style transfer": "#style-examples img",
    "Photographs": "#photo-after img",
    "Lesson": "#lesson-tiles-shown img",
}
"""What each panel shows once its first results are there."""

PARTS = {
    "Latent space": {
        "Sample": ("#sample-tab", "#samples button"),
        "Between pictures": ("#between-pictures-tab", "#moved img"),
        "One picture": ("#one-picture-tab", "#traversed img"),
    },
    "Style transfer": {"Look inside": ("#style-transfer-tab", "#rebuild")},
}
"""The parts of the panels: where axe has to look, and what is there once there are results."""


CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
"""Options of axe for the one rule that goes by colours."""


def grave(page: Page, part: str | None = None) -> list[str]:
    """Return the critical and serious violations in a part of the page, light and dark.

    Each with its rule and its element. Of rules on whole pages, only the whole page is looked at.
    """
    found = Axe().run(page, part).response["violations"]
    use_colours(page, "dark")
    found += Axe().run(page, part, CONTRAST).response["violations"]
    use_colours(page, "light")
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in ("critical", "serious")
        for node in each["nodes"]
    ]


def use_colours(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Let the visitor's system change its colours, and wait until the page has them."""
    page.emulate_media(color_scheme=scheme)
    expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))


def ready(page: Page, selector: str) -> None:
    expect(page.locator(selector).filter(visible=True).first).to_be_visible(timeout=WAIT)
    expect(page.locator(".progress-text")).to_have_count(0, timeout=WAIT)  # Nothing computes.


def unfold(page: Page, element: str) -> None:
    """Open everything in a part of the page that is folded, and what is folded in that."""
    folded = page.locator(f"{element} .label-wrap:not(.open)").filter(visible=True)
    while folded.count():
        folded.first.click()


def places(page: Page) -> Iterator[tuple[str, str]]:
    """Open every panel and every part of it, and yield its name and element with its results."""
    for panel, selector in READY.items():
        open_tab(page, panel)
        ready(page, selector)
        element = f"#{panel.lower().replace(' ', '-')}-tab"
        unfold(page, element)
        yield panel, element
        for part, (element, inside) in PARTS.get(panel, {}).items():
            open_tab(page, part)
            ready(page, inside)
            yield part, element


def check_widths(page: Page, place: str) -> None:
    """Fail if at some width anything is cut off, or a way in has no room."""
    ways = page.locator("#panels > .tab-wrapper button")
    panels = ways.filter(visible=True).count()
    assert panels >= len(READY)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # Every way in is there, in full: none in a menu.
        expect(ways.filter(visible=True)).to_have_count(panels)
        assert overflow(page) <= 0, (place, width)
        assert page.evaluate(CUT_OFF) == [], (place, width)
        assert ways.evaluate_all("all => all.every(each => each.scrollWidth <= each.clientWidth)")
    page.set_viewport_size({"width": 1280, "height": 900})


def check_motion(page: Page) -> None:
    """Fail unless the films run, and become stills as the visitor's system asks for less motion."""
    way = "getComputedStyle(document.querySelector('#denoise-tab-button'), '::before')"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(f"{way}.animationName") == "film"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(f"{way}.animationName") == "none"
    assert "denoise.webp" in page.evaluate(f"{way}.backgroundImage")


def test_the_keyboard_gets_on_axe_finds_nothing_grave_and_nothing_is_cut_off(
    page: Page, app_url: str
):
    visit(page, app_url)
    check_motion(page)  # It ends with less motion: colours that fade in have less contrast.
    check_keyboard(page)
    open_tab(page, "Denoise")
    assert grave(page) == []
    for source in ("Draw", "Upload"):
        open_tab(page, source)
        assert grave(page, "#chooser") == [], source
        check_widths(page, source)
    for place, element in places(page):
        # The page as a whole was looked at with this panel open.
        if place != "Denoise":
            assert grave(page, element) == [], place
        check_widths(page, place)


FOCUSED = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused)
    return {
        id: focused.id || focused.className,
        within: focused.closest('#chooser, #masthead, .tabitem')?.id,
        outlined: style.outlineStyle !== 'none' && style.outlineWidth !== '0px',
    }
}"""


def check_keyboard(page: Page) -> None:
    """Fail unless Tab goes down a page just opened, and the skip link past the ways in."""
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
    page.locator("#one-picture-tab-button").focus()  # The last of the parts: each is a stop.
    page.keyboard.press("Tab")
    # A term that the text above the map explains is a stop of its own.
    while page.evaluate("document.activeElement.matches('#map-tab .term')"):
        page.keyboard.press("Tab")
    expect(page.locator("#map .plane")).to_be_focused()


def test_a_result_is_in_sight_without_scrolling(page: Page, app_url: str):
    """On a phone in the dark, where the page begins, and then on a desk."""
    page.emulate_media(color_scheme="dark")
    for width, height in ((390, 844), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        if width == 390:
            visit(page, app_url)
            check_dark(page)
        for panel, picture in (
            ("Style transfer", "#canvas img"),
            ("Denoise", "#denoise-results .card.best img"),
        ):
            open_tab(page, panel)
            expect(page.locator(picture).first).to_be_visible()
            box = page.locator(picture).first.bounding_box()
            assert box["y"] + box["height"] <= height, (panel, width)
            assert overflow(page) <= 0, (panel, width)
    check_desktop(page)


def check_dark(page: Page) -> None:
    """Fail unless a card's ground is dark and its text light."""
    card = page.locator("#denoise-results .card").first
    ground, text = (
        card.evaluate(f"card => getComputedStyle(card).{name}")
        for name in ("backgroundColor", "color")
    )
    assert brightness(ground) < 0.3 < 0.7 < brightness(text)


def brightness(colour: str) -> float:
    """Return from 0 to 1 how bright a CSS colour "rgb(…)" is."""
    channels = re.findall(r"[\d.]+", colour)[:3]
    return sum(map(float, channels)) / 3 / 255


def check_desktop(page: Page) -> None:
    """Fail unless the chooser is low, and the pictures are in one row and large."""
    assert page.locator("#chooser").bounding_box()["height"] <= 150
    pictures = page.locator("#denoise-results .card figure:first-child img").all()
    boxes = [picture.bounding_box() for picture in pictures]
    assert len({box["y"] for box in boxes}) == 1
    assert min(box["width"] for box in boxes) >= 200

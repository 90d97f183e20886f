"""Film the page for twenty seconds.

    python -m benchmarks.page_film --output page.webp

Starts the app, plays with each panel in Chromium as a visitor would, and takes a picture after
every move: an animated WebP whose speed does not depend on the machine.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.app_latency import running
from benchmarks.screenshots import LOADED, MISSING, WAIT_MS, find_chromium
from generative import checkpoints

WINDOW = (1200, 800)
SHOWN = (900, 600)
MILLISECONDS = 225
QUALITY = 70


def denoise(page: Page) -> Iterator[None]:
    """Turn the noise up, and down again."""
    for key in ("ArrowRight", "ArrowLeft"):
        yield from _turn(page, "#level", "#denoise-results", key, times=12, by=4)


def travel(page: Page) -> Iterator[None]:
    """Move the pointer over the map, from left to right and from top to bottom."""
    _open(page, "Latent space", "#map .plane")
    box = page.locator("#map .plane").bounding_box()
    assert box is not None
    for at in range(25):
        x, y = 0.1 + 0.8 * at / 24, 0.2 + 0.6 * at / 24
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        yield


def learn(page: Page) -> Iterator[None]:
    """Keep more and more principal components."""
    _open(page, "Lesson", "#lesson-components-shown img")
    yield from _turn(
        page, "#lesson-components", "#lesson-components-shown", "ArrowRight", times=15, by=1
    )


def paint(page: Page) -> Iterator[None]:
    """Watch a painting grow."""
    _open(page, "Style transfer", "#style-examples img")
    page.get_by_role("tab", name="Painting", exact=True).click()
    page.locator("#paint").click()
    for _ in range(36):
        if page.locator("#canvas a.download").count():  # It is complete.
            return
        _wait_for_change(page, "#canvas", page.locator("#canvas").inner_html())
        yield


def _open(page: Page, panel: str, ready: str) -> None:
    page.get_by_role("tab", name=panel, exact=True).click()
    page.locator(ready).first.wait_for()
    page.wait_for_function(LOADED)


def _turn(page: Page, control: str, shown: str, key: str, times: int, by: int) -> Iterator[None]:
    """Move a slider several times by several of its steps, each time until that is answered."""
    slider = page.locator(f"{control} input[type=range]")
    for _ in range(times):
        before = page.locator(shown).inner_html()
        for _ in range(by):
            slider.press(key)
        _wait_for_change(page, shown, before)
        yield


def _wait_for_change(page: Page, shown: str, before: str) -> None:
    page.wait_for_function(
        "([shown, before]) => document.querySelector(shown).innerHTML !== before",
        arg=[shown, before],
    )


def film(page: Page) -> Iterator[Image.Image]:
    """Yield the frames: about a hundred."""
    for act in (denoise, travel, learn, paint):
        for _ in act(page):
            shot = Image.open(io.BytesIO(page.screenshot()))
            yield shot.convert("RGB").resize(SHOWN, Image.Resampling.LANCZOS)


def main() -> None:
    """Make the film."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("page.webp"), help="the file to write")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        sys.exit(MISSING)
    with running(checkpoints.SHIPPED) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        width, height = WINDOW
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(WAIT_MS)
        page.goto(str(app.http.base_url))
        page.locator("#denoise-results .card.best").wait_for()
        first, *others = film(page)
        browser.close()
    first.save(
        options.output,
        save_all=True,
        append_images=others,
        duration=MILLISECONDS,
        loop=0,
        quality=QUALITY,
    )
    print(
        f"{options.output}: {1 + len(others)} frames, {options.output.stat().st_size / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main()

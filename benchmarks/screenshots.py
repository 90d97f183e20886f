"""Take the README's pictures of the page.

    python -m benchmarks.screenshots

Starts the app, opens each panel in Chromium, waits for its first results, and saves what is in
sight.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.app_latency import ROOT, running
from generative import checkpoints

sys.path.insert(0, str(ROOT / "tests"))
from browser import MISSING, find_chromium

WAIT_MS = 120_000
LOADED = "() => [...document.images].every(i => !i.checkVisibility() || i.naturalWidth > 0)"
DESKTOP = (1280, 900)
PHONE = (390, 844)


@dataclass(frozen=True)
class Shot:
    """One picture of the page.

    Attributes:
        name: of the file.
        panel: the tab to open.
        ready: selector of what the panel shows once its results are there.
        size: of the window, (width, height) in CSS pixels.
        theme: "light" or "dark".
    """

    name: str
    panel: str
    ready: str
    size: tuple[int, int] = DESKTOP
    theme: str = "light"


SHOTS = (
    Shot("denoise-desktop", "Denoise", "#denoise-results .card.best"),
    Shot("autoencoders-desktop", "Autoencoders", "#code-map .field"),
    Shot("latent-space-desktop", "Latent space", "#map-decoded img", theme="dark"),
    Shot("style-transfer-desktop", "Style transfer", "#draft .compare img"),
    Shot("denoise-phone", "Denoise", "#denoise-results .card.best", PHONE),
)


def take(browser: Browser, url: str, shot: Shot, folder: Path) -> Path:
    """Save one picture as a PNG and return its path."""
    width, height = shot.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        # The films of the four cards stand still: the picture is the same every time.
        reduced_motion="reduce",
    )
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{url}/?__theme={shot.theme}")
    page.locator("#denoise-results .card.best").wait_for()
    page.get_by_role("tab", name=shot.panel, exact=True).click()
    page.locator(shot.ready).first.wait_for()
    page.wait_for_function(LOADED)
    path = folder / f"{shot.name}.png"
    page.screenshot(path=path)
    page.close()
    return path


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs", help="folder for the PNGs")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        sys.exit(MISSING)
    options.output.mkdir(parents=True, exist_ok=True)
    with running(checkpoints.SHIPPED) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for shot in SHOTS:
            print(take(browser, str(app.http.base_url).rstrip("/"), shot, options.output))
        browser.close()


if __name__ == "__main__":
    main()

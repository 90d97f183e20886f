"""Time the page in Chromium: first results, the map at the pointer, and bytes of a first visit.

    python -m benchmarks.page --moves 100

For each panel, a new app and a new browser profile: from the address of the panel until its first
result is in sight, cold (as soon as the app serves its page) and warm (a second visitor, once the
app is ready). On the map, from a move of the pointer until the picture of the place is painted, and
from a click until the picture that the model decodes is. Bytes are those that the network carries.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.app_latency import App, running
from benchmarks.kernels import machine
from benchmarks.markdown import table
from benchmarks.screenshots import MISSING, WAIT_MS, find_chromium
from generative import checkpoints

FIRST_RESULTS = {
    "denoise": "#denoise-results .card.best img",
    "autoencoders": "#reconstructions .card img",
    "latent-space": "#map-decoded img",
    "style-transfer": "#draft .compare img",
    "lesson": "#lesson-tiles-shown img",
}
"""Name of a panel in the address → its first result."""

SETTLE_MS = 3000
"""Time for all that a first visit fetches."""

GRADIOS_OWN = ("/assets/", "/static/", "/svelte/")

PROBE = """() => {
    const painted = (since, times) =>
        requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - since)))
    const decoded = document.querySelector('#map-decoded')
    const shown = () => decoded.querySelector('img').src
    let pressed, before
    window.probe = {hover: [], exact: []}
    document.addEventListener('pointermove', (e) => painted(e.timeStamp, probe.hover), true)
    const press = (e) => { [pressed, before] = [e.timeStamp, shown()] }
    document.addEventListener('pointerup', press, true)
    new MutationObserver(() => {
        if (!pressed || shown() === before) return
        painted(pressed, probe.exact)
        pressed = undefined
    }).observe(decoded, {childList: true, subtree: true, attributes: true})
}"""


@contextmanager
def visitor(browser: Browser, app: App) -> Iterator[Page]:
    """Yield an empty page of a visitor who comes for the first time."""
    context = browser.new_context(
        base_url=str(app.http.base_url),
        viewport={"width": 1440, "height": 900},
        # Drawing the films without a graphics card would take time from the app.
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def first_result(page: Page, panel: str) -> float:
    """Return the seconds from a panel's address until its first result is in sight."""
    begun = time.perf_counter()
    page.goto(f"/?panel={panel}-tab&v=1", wait_until="commit")
    page.locator(FIRST_RESULTS[panel]).first.wait_for()
    return time.perf_counter() - begun


def wait_until_ready(app: App) -> None:
    """Return once every model has answered."""
    while not app.http.get("/healthz").is_success:
        time.sleep(0.2)


def first_frame(page: Page) -> float:
    """Return the seconds from pressing Paint until the picture begins to grow."""
    page.get_by_role("tab", name="Painting", exact=True).click()
    begun = time.perf_counter()
    page.locator("#paint").click()
    page.locator("#canvas", has_text="Step").wait_for()
    seconds = time.perf_counter() - begun
    page.locator("#stop-painting").click()
    page.locator("#canvas a.download").wait_for()
    return seconds


def at_the_map(page: Page, moves: int) -> dict[str, list[float]]:
    """Return the milliseconds of moves of the pointer ("hover") and of clicks ("exact")."""
    first_result(page, "latent-space")
    plane = page.locator("#map .plane")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    assert box is not None
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate(PROBE)
    taken: dict[str, list[float]] = {}
    for kind, act in (("hover", page.mouse.move), ("exact", page.mouse.click)):
        for index in range(moves):
            x = box["x"] + box["width"] * (0.1 + 0.8 * index / moves)
            y = box["y"] + box["height"] / 3
            before = page.evaluate(f"probe.{kind}.length")
            act(x, y + 3 * (kind == "exact"))
            page.wait_for_function(f"probe.{kind}.length > {before}")
        taken[kind] = page.evaluate(f"probe.{kind}")
    return taken


def bytes_of_a_visit(page: Page) -> Counter[str]:
    """Return the bytes of a first visit, of Gradio's own files and of ours."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    addresses: dict[str, str] = {}
    carried: Counter[str] = Counter()

    def note_address(sent: dict[str, object]) -> None:
        addresses[str(sent["requestId"])] = str(sent["request"]["url"])  # type: ignore[index]

    def note_bytes(loaded: dict[str, object]) -> None:
        path = urlsplit(addresses.get(str(loaded["requestId"]), "")).path
        carried["Gradio's" if path.startswith(GRADIOS_OWN) else "ours"] += int(
            loaded["encodedDataLength"]  # type: ignore[call-overload]
        )

    network.on("Network.requestWillBeSent", note_address)
    network.on("Network.loadingFinished", note_bytes)
    first_result(page, "denoise")
    page.wait_for_timeout(SETTLE_MS)
    return carried


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moves", type=int, default=100, help="of the pointer on the map (100)")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        sys.exit(MISSING)
    print(f"{machine()}.\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rows = []
        for panel in FIRST_RESULTS:
            with running(checkpoints.SHIPPED) as app:
                with visitor(browser, app) as page:
                    cold = first_result(page, panel)
                wait_until_ready(app)
                with visitor(browser, app) as page:
                    rows.append([panel, f"{cold:.2f}", f"{first_result(page, panel):.2f}"])
        print(table(["first result, s", "cold", "warm"], rows), "\n")
        with running(checkpoints.SHIPPED) as app:
            wait_until_ready(app)
            with visitor(browser, app) as page:
                first_result(page, "style-transfer")
                first_frame(page)  # The process that paints has to be warm, too.
                frame = first_frame(page)
            print(f"Paint pressed, warm, until the picture grows: {frame:.2f} s\n")
            with visitor(browser, app) as page:
                taken = at_the_map(page, options.moves)
            with visitor(browser, app) as page:
                carried = bytes_of_a_visit(page)
        browser.close()
    rows = [
        [kind, *(f"{np.percentile(times, q):.0f}" for q in (50, 95))]
        for kind, times in taken.items()
    ]
    print(table(["map, ms", "median", "95%"], rows), "\n")
    rows = [[whose, f"{count / 1e6:.2f}"] for whose, count in sorted(carried.items())]
    print(table(["first visit", "MB"], rows))


if __name__ == "__main__":
    main()

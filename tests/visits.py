"""What a visitor of the page sees and does."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect
from talk import App, encoded
from waits import wait_until

expect.set_options(timeout=120_000)
WAIT = 120_000
"""Milliseconds: a loaded machine may need this long to compute what takes a second."""


def visit(page: Page, url: str) -> None:
    """Open the page and wait until the first result is there; its address stays as it is."""
    page.set_default_timeout(WAIT)
    page.goto(url)
    expect(page.locator("#gallery img").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#denoise-results .card.best")).to_have_count(1, timeout=WAIT)
    assert page.url.rstrip("/") == url


def open_tab(page: Page, name: str) -> None:
    """Open a tab; on a narrow screen it may be in the menu of those that have no room."""
    tab = page.get_by_role("tab", name=name, exact=True).filter(visible=True)
    if not tab.count():
        page.locator(".overflow-menu > button").filter(visible=True).last.click()
        tab = page.locator(".overflow-dropdown button", has_text=name).filter(visible=True)
    tab.click()


HOLDERS = {
    "#sketch": "Draw",
    "#upload": "Upload",
    "#gallery": "Pick",
    "#reconstructions": "Autoencoders",
    "#train-linear": "Autoencoders",
}
"""Element → the tab that holds it."""


def uncover(page: Page, selector: str) -> Locator:
    """Open the tab that holds an element, and scroll to it."""
    open_tab(page, HOLDERS[selector])
    found = page.locator(selector)
    expect(found).to_be_visible()
    found.scroll_into_view_if_needed()
    return found


def wait_until_stopped(page: Page, queue: str, look: Callable[[], object]) -> None:
    """Wait until no job of a queue runs, and what `look` returns has stayed the same since.

    A step may be under way, and others on their way to the page, when Stop is pressed.
    """
    app = App(page.url)
    seen: list[object] = [object()]

    def stopped() -> bool:
        seen.append(look())
        return not app.running_jobs(queue) and seen[-1] == seen[-2]

    wait_until(stopped, f"the end of the {queue}", pause(page))


def changes(page: Page, look: Callable[[], object], act: Callable[[], object]) -> object:
    """Do something, wait until what `look` returns is another, and return that."""
    before = look()
    act()
    return wait_for_another(page, look, before)


def wait_for_another(page: Page, look: Callable[[], object], before: object) -> object:
    """Wait until what `look` returns is neither `before` nor None, and return it."""

    def another() -> list[object]:
        return [after for after in [look()] if after not in (before, None)]

    (after,) = wait_until(another, f"anything but {str(before)[:200]}", pause(page))
    return after


def pause(page: Page) -> Callable[[float], None]:
    """Return what lets seconds pass while the page's events are handled."""
    return lambda seconds: page.wait_for_timeout(1000 * seconds)


def picture(page: Page) -> str | None:
    """Return the address of the picture that the models see: it names the content."""
    shown = page.locator("#picture img").filter(visible=True)
    return shown.first.get_attribute("src") if shown.count() else None


def figures(page: Page) -> dict[str, float]:
    """Return the PSNR of every result, in the order of the page."""
    return {title: psnr for title, psnr, _ in results(page)}


def results(page: Page) -> list[tuple[str, float, bool]]:
    """Return title, PSNR and whether it is marked as the best, of every result, at one moment."""
    cards = page.locator("#denoise-results .card")
    found = cards.evaluate_all(
        """cards => cards.map(card => {
            const names = [...card.querySelectorAll('dt')].map(name => name.textContent)
            const at = names.findIndex(name => name.includes('PSNR'))
            const value = at < 0 ? '' : card.querySelectorAll('dd')[at].textContent
            const title = card.querySelector('h4').lastChild.textContent
            const marks = card.querySelectorAll('.badge').length
            return [title, value, card.classList.contains('best') && marks == 1]
        })"""
    )
    return [(title, decibels(value), best) for title, value, best in found if value]


def decibels(text: str) -> float:
    """Read a PSNR off the page."""
    return float(text.replace("∞", "inf").split()[0])


def is_consistent(page: Page) -> bool:
    """True if exactly the card with the highest PSNR is marked."""
    shown = results(page)
    marked = [psnr for _, psnr, best in shown if best]
    return marked == [max(psnr for _, psnr, _ in shown)]


def noise_of(page: Page) -> str | None:
    """Return the noisy picture of the results."""
    return page.locator("#denoise-results .card").nth(1).locator("img").first.get_attribute("src")


def clean_of(page: Page) -> str | None:
    """Return the clean picture of the results."""
    return page.locator("#denoise-results .card").first.locator("img").get_attribute("src")


def shown_on(page: Page, canvas: str) -> str:
    """Return what a canvas shows, as a data URL."""
    return page.locator(canvas).first.evaluate("canvas => canvas.toDataURL()")


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
    return encoded(image, "JPEG")

"""The panel "Style transfer" in a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from visits import (
    changes,
    garment,
    open_tab,
    overflow,
    pause,
    visit,
    wait_for_another,
    wait_until_stopped,
)
from waits import wait_until

from generative import images
from generative.style_transfer import examples, style_pictures
from generative.style_transfer.settings import PaintingSettings
from generative.ui.picture_chooser import CHOOSER

LONG = 3000
"""Steps that nobody waits for."""

SCROLLED = """panel => [...panel.querySelectorAll('*')].filter(each => {
    const {overflowX, overflowY} = getComputedStyle(each), scrolls = /auto|scroll/
    return (scrolls.test(overflowX) && each.scrollWidth > each.clientWidth + 1)
        || (scrolls.test(overflowY) && each.scrollHeight > each.clientHeight + 1)
}).map(each => each.id + ' ' + each.className)"""
"""What has a scrollbar of its own."""


def open_panel(page: Page, url: str) -> None:
    visit(page, url)
    open_tab(page, "Style transfer")
    expect(page.locator("#style-examples img")).to_have_count(len(style_pictures.STYLES))
    open_tab(page, "Painting")


def fill(page: Page, label: str, value: str) -> None:
    """Type a number, again if need be: a field that has just been unfolded forgets it."""
    field = number(page, label)

    def typed() -> bool | None:
        field.fill(value)
        field.press("Tab")
        return field.input_value() == value or None

    wait_for_another(page, typed, None)


def number(page: Page, label: str) -> Locator:
    return page.get_by_label(f"number input for {label}", exact=True)


def weight(page: Page, index: int) -> Locator:
    """Return the field of α (0), β (1) or the total variation (2)."""
    return page.get_by_label(("α", "β", "TV")[index], exact=True)


def small(page: Page, size: int, steps: int) -> None:
    page.locator("#advanced > button").click()
    fill(page, "Longest side, pixels", str(size))
    fill(page, "Steps", str(steps))
    page.locator("#advanced > button").click()
    expect(number(page, "Steps")).to_be_hidden()


def shown_in(page: Page, selector: str):
    """Return a function that returns the address of the picture there."""
    found = page.locator(f"{selector} img").filter(visible=True)
    return lambda: found.first.get_attribute("src") if found.count() else None


def step(page: Page) -> int | None:
    found = re.search(r"Step (\d+) of", page.locator("#canvas").inner_text())
    return int(found.group(1)) if found else None


def stop(page: Page) -> None:
    page.locator("#stop-painting").click()
    expect(page.locator("#canvas a.download")).to_be_visible()
    wait_until_stopped(page, "paintings", lambda: step(page))


def settle(page: Page, selector: str) -> None:
    """Wait until all pictures there are loaded and nothing computes: nothing moves from then on."""
    computing = page.locator(".progress-text")
    wait_until(
        lambda: all_loaded(page, selector) and not computing.count(),
        f"the pictures of {selector}",
        pause(page),
    )


def all_loaded(page: Page, selector: str) -> bool:
    return page.locator(f"{selector} img").evaluate_all(
        "images => images.every(image => image.complete && image.naturalWidth > 0)"
    )


def test_paint_turn_stop_download_go_on_and_get_the_settings_back(
    page: Page, app_url: str, tmp_path: Path
):
    chooser = page.locator(f"#{CHOOSER}")
    open_panel(page, app_url)
    expect(chooser).to_be_hidden()
    open_tab(page, "Autoencoders")
    expect(chooser).to_be_visible()
    open_tab(page, "Style transfer")
    expect(chooser).to_be_hidden()

    # Examples, each of them to be seen whole.
    expect(page.locator("#content-examples img")).to_have_count(len(examples.CONTENTS))
    settle(page, "#content-examples")
    settle(page, "#style-examples")
    for name in ("#content-examples", "#style-examples"):
        frame, last = (
            page.locator(each).last.bounding_box() for each in (name, f"{name} .thumbnail-item")
        )
        assert last["y"] + last["height"] <= frame["y"] + frame["height"]
        assert last["width"] == pytest.approx(last["height"], rel=0.1)
    for name in ("content", "style"):
        changes(
            page,
            shown_in(page, f"#{name}-picture"),
            page.locator(f"#{name}-examples .thumbnail-item").nth(2).click,
        )

    # A picture of one's own.
    picture = page.locator("#content-picture")
    picture.get_by_label("Remove Image").click()
    picture.locator("input[type=file]").set_input_files(
        [{"name": "jumper.jpg", "mimeType": "image/jpeg", "buffer": garment()}]
    )
    expect(picture.locator("img").filter(visible=True)).to_have_count(1)
    expect(page).to_have_url(re.compile("content=own"))

    # It grows, and the slider turns it meanwhile.
    small(page, 96, LONG)
    canvas = shown_in(page, "#canvas")
    first = changes(page, canvas, page.locator("#paint").click)
    wait_for_another(page, canvas, first)
    expect(page.locator("#canvas .note")).to_contain_text(re.compile(rf"Step \d+ of {LONG}, about"))
    page.locator("#losses > button").click()
    expect(page.locator("#style-curves img")).to_be_visible()
    alpha = page.locator("#content-weight input[type=range]")
    alpha.focus()
    for _ in range(3):
        alpha.press("ArrowRight")
    expect(weight(page, 0)).to_have_value("1.41")
    before = step(page)
    wait_for_another(page, lambda: step(page), before)

    # A wrong weight is refused where it can be seen, for as long as it stands there.
    problem = page.locator("#paint-problem p")
    weight(page, 1).fill("-3")
    expect(problem).to_have_text(
        "Invalid style weight β. Expected a number from 0 to 1000. Received: -3."
    )
    before = step(page)
    wait_for_another(page, lambda: step(page), before)
    expect(problem).to_have_count(1)
    weight(page, 1).fill("1")
    expect(problem).to_have_count(0)
    expect(page.get_by_test_id("toast-body")).to_have_count(0)

    # Stopped, it stays, and can be compared and saved.
    stop(page)
    link = page.locator("#canvas a.download")
    expect(page.locator("#canvas .compare img")).to_have_count(2)
    stopped = step(page)
    assert stopped < LONG
    expect(link).to_be_visible()
    with page.expect_download() as caught:
        link.click()
    saved = tmp_path / "painting.png"
    caught.value.save_as(saved)
    assert images.decode(saved).shape == (96, 96, 3)
    kept = PaintingSettings.from_text(images.read_note(saved))
    assert (kept.content, kept.style) == ("", [*style_pictures.STYLES][2])
    assert (kept.content_weight, kept.size, kept.steps) == (1.41, 96, stopped)
    assert kept.turned

    # It goes on where it was.
    page.locator("#continue-painting").click()
    went_on = wait_for_another(page, lambda: step(page), stopped)
    assert stopped < went_on < stopped + 200
    stop(page)

    # Other settings, and back again by the file.
    page.locator("#preset input[value=bold]").check()
    for index, value in enumerate(("0.3", "3", "1")):
        expect(weight(page, index)).to_have_value(value)
    expect(alpha).to_have_value("-0.5")
    small(page, 64, 5)
    oil = page.locator("#style-examples .thumbnail-item").first
    woodcut = shown_in(page, "#style-picture")()
    changes(page, shown_in(page, "#style-picture"), oil.click)
    page.locator("#advanced > button").click()
    pad = page.locator("#mask-pad canvas")
    pad.click()
    expect(page.locator("#mask img").filter(visible=True)).to_have_count(1)
    page.locator("#settings-file input[type=file]").set_input_files(saved)
    # What says so goes away by itself, so we look for it first.
    expect(page.get_by_test_id("toast-body")).to_have_count(1)
    expect(page.get_by_test_id("toast-body")).to_contain_text("settings are back")
    expect(weight(page, 0)).to_have_value("1.41")
    expect(weight(page, 1)).to_have_value("1")
    expect(alpha).to_have_value("0.15")
    expect(page.locator("#preset input:checked")).to_have_count(0)
    expect(number(page, "Longest side, pixels")).to_have_value("96")
    expect(number(page, "Steps")).to_have_value(str(stopped))
    assert shown_in(page, "#style-picture")() == woodcut
    # No mask came back, so what was brushed is gone as well.
    expect(page.locator("#mask img").filter(visible=True)).to_have_count(0)
    expect(pad).to_have_class("blank")


def test_styles_blend_in_a_triangle_also_while_they_are_painted(
    page: Page, app_url: str, tmp_path: Path
):
    open_panel(page, app_url)
    page.locator("#blending > button").click()
    triangle = page.get_by_role("slider", name="Blend of the styles")
    expect(page.locator("#blend p")).to_contain_text("Choose a second style")
    expect(triangle).to_be_hidden()

    def shares(*percent: int) -> None:
        said = zip(("first style", "second", "third"), percent, strict=False)
        text = ", ".join(f"{name} {each}%" for name, each in said)
        expect(triangle).to_have_attribute("aria-valuetext", text)

    # Two styles lie on a line, and three on a triangle; each is seen at its corner.
    for name, at in (("second", 3), ("third", 5)):
        page.locator(f"#{name}-examples .thumbnail-item").nth(at).click()
        shares(*([50, 50] if name == "second" else [33, 33, 33]))
    corners = triangle.locator("image:visible")
    assert corners.evaluate_all("all => all.map(each => each.href.baseVal)") == [
        shown_in(page, f"#{name}-picture")() for name in ("style", "second", "third")
    ]

    # A painting that runs follows the point: it is not one of other settings then.
    small(page, 64, LONG)
    page.locator("#paint").click()
    wait_for_another(page, lambda: step(page), None)
    triangle.scroll_into_view_if_needed()
    triangle.locator("circle").hover()
    page.mouse.down()
    for at in (0, 2):  # Far beyond the first corner it stays in that, then comes to the third.
        box = corners.nth(at).bounding_box()
        page.mouse.move(box["x"] - 20, box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(page).to_have_url(re.compile("third_weight="))
    triangle.press("Home")
    shares(33, 33, 33)
    triangle.press("ArrowLeft")
    triangle.press("ArrowLeft")
    shares(37, 29, 33)
    expect(page).to_have_url(re.compile(r"second_weight=0\.78"))
    before = step(page)
    wait_for_another(page, lambda: step(page), before)
    expect(page.locator("#offer p")).to_be_hidden()
    stop(page)
    with page.expect_download() as caught:
        page.locator("#canvas a.download").click()
    saved = tmp_path / "painting.png"
    caught.value.save_as(saved)
    kept = PaintingSettings.from_text(images.read_note(saved))
    styles = [*style_pictures.STYLES]
    assert (kept.second, kept.third) == (styles[3], styles[5])
    assert (kept.second_weight, kept.third_weight) == pytest.approx((0.786, 0.893), abs=0.003)

    # The file brings all of it back.
    triangle.press("Home")
    page.locator("#third-picture").get_by_label("Remove Image").click()
    expect(page).not_to_have_url(re.compile("third_style"))
    shares(50, 50)
    page.locator("#advanced > button").click()
    page.locator("#settings-file input[type=file]").set_input_files(saved)
    shares(37, 29, 33)


def test_a_painting_is_refused_begun_anew_and_continued(page: Page, app_url: str):
    open_panel(page, app_url)
    for button in ("#stop-painting", "#continue-painting"):
        expect(page.locator(button)).to_be_disabled()

    # Why it cannot be painted stands there until it can.
    problem, styles = page.locator("#paint-problem p"), page.locator("#style-examples")
    page.locator("#style-picture").get_by_label("Remove Image").click()
    page.locator("#paint").click()
    expect(problem).to_have_text("There is no style picture yet: choose or upload one.")
    expect(page.get_by_test_id("toast-body")).to_have_count(0)
    refuses_text(page, "style-picture")
    refuses_text(page, "content-picture", keeps=1)
    page.locator("#blending > button").click()
    refuses_text(page, "second-picture")
    page.locator("#blending > button").click()
    changes(page, shown_in(page, "#style-picture"), styles.locator(".thumbnail-item").first.click)
    expect(problem).to_have_count(0)

    # A mask, painted on the content.
    page.locator("#advanced > button").click()
    for box in ("mask", "settings-file"):
        refuses_text(page, box)
    pad, mask = page.locator("#mask-pad canvas"), page.locator("#mask img").filter(visible=True)
    pad.scroll_into_view_if_needed()
    expect(pad).to_have_attribute("height", "341")  # The cat is 451 by 300 pixels.
    pad.click()
    expect(mask).to_have_count(1)
    page.locator("#mask-pad").get_by_role("button", name="Clear").click()
    expect(mask).to_have_count(0)
    page.locator("#advanced > button").click()

    # Another style while it paints, and fewer steps: it says so, and begins anew.
    small(page, 64, LONG)
    page.locator("#paint").click()
    wait_for_another(page, lambda: step(page), None)
    offer = page.locator("#offer p")
    expect(offer).to_be_hidden()
    styles.locator(".thumbnail-item").nth(1).click()
    expect(offer).to_contain_text("that you chose before")
    small(page, 64, 5)
    offer.get_by_role("button").click()
    expect(page.locator("#canvas")).to_contain_text("Step 5 of 5.")
    expect(page.locator("#canvas a.download")).to_be_visible()
    expect(offer).to_be_hidden()

    compare = page.locator("#canvas .compare")
    compare.get_by_role("slider", name="photo | painting").press("End")
    assert compare.evaluate("each => each.style.getPropertyValue('--at')").strip() == "100%"
    page.locator("#preset input[value=bold]").check()
    expect(offer).to_contain_text("since this was painted")
    page.locator("#continue-painting").click()
    expect(page.locator("#canvas")).to_contain_text("Step 65 of 65.")
    expect(page.locator("#stop-painting")).to_be_disabled()

    for opened in ("#advanced", "#contact-sheet"):
        page.locator(f"{opened} > button").click()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("#make-sheet")).to_be_visible()
    assert overflow(page) <= 0
    assert page.locator("#style-transfer-tab").evaluate(SCROLLED) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator("#style-transfer-tab").evaluate(SCROLLED) == []
    check_sheet(page)
    check_look_inside(page)


def refuses_text(page: Page, box: str, keeps: int = 0) -> None:
    """Fail unless a text called a picture is refused at once, and the picture before it kept."""
    refusal = page.get_by_test_id("toast-body")
    text = {"name": "text.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.locator(f"#{box} input[type=file]").set_input_files([text])
    expect(refusal).to_have_count(1)
    expect(refusal).to_contain_text("The file is not a picture")
    expect(page.locator(f"#{box} img").filter(visible=True)).to_have_count(keeps)
    page.get_by_test_id("toast-close").click()
    expect(refusal).to_have_count(0)


def check_sheet(page: Page) -> None:
    """Fail unless a contact sheet, unfolded, fills and can be stopped."""
    page.locator("#make-sheet").click()
    expect(page.locator("#sheet")).to_contain_text("Painting 1 of 6…")
    expect(page.locator("#sheet figure")).to_have_count(1)
    figure, image = (
        page.locator(f"#sheet {each}").bounding_box() for each in ("figure", "figure img")
    )
    assert image["width"] == pytest.approx(figure["width"], abs=1)
    page.locator("#contact-sheet").get_by_role("button", name="Stop").click()
    assert all_loaded(page, "#sheet")
    page.locator("#sheet").get_by_role("button", name="α = 5, β = 0.1").press("Enter")
    expect(page.locator("#sheet-said")).to_have_text("α = 5, β = 0.1 is set above.")
    expect(weight(page, 0)).to_have_value("5")
    expect(weight(page, 1)).to_have_value("0.1")


def check_look_inside(page: Page) -> None:
    """Fail unless a picture is rebuilt from one layer and from one after the other."""
    open_tab(page, "Look inside")
    inside = page.locator("#inside")
    stop = page.get_by_role("button", name="Stop").filter(visible=True)
    page.locator("#keep input[value=style]").check()
    page.locator("#rebuild").click()
    expect(inside).to_contain_text("so far")
    # What is begun before the server has heard of Stop is not stopped.
    held: list[Route] = []
    page.route("**/cancel", lambda route: held.append(route))  # noqa: PLW0108 (no built-ins)
    with page.expect_request("**/cancel"):
        stop.click()
    with page.expect_response("**/queue/join*"):
        page.locator("#five-depths").click()
    with page.expect_response("**/reset"):
        held[0].continue_()
    expect(inside).to_contain_text("content, block 1")
    assert len(held) == 1
    page.unroute("**/cancel")
    expect(inside.locator("figure")).to_have_count(2)
    stop.click()
    assert all_loaded(page, "#inside")
    expect(page.get_by_test_id("toast-body")).to_have_count(0)

"""The part "Paint": a picture grows in front of the visitor, who may turn its weights meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from generative.style_transfer import examples, style_pictures
from generative.style_transfer.options import WEIGHT, LiveWeights
from generative.style_transfer.settings import ARGUMENTS, SETTINGS
from generative.ui import hero, inputs, links
from generative.ui.drawing_pad import build_mask_pad
from generative.ui.glossary import build_text
from generative.ui.handlers import PAINTING_QUEUE, Shelf, stop_with
from generative.ui.standing_errors import build_problem, standing
from generative.ui.style_transfer.controls import build_advanced, build_weights
from generative.ui.style_transfer.easel import Easel
from generative.ui.style_transfer.instant import Instant, lay_out_instant, wire_instant
from generative.ui.style_transfer.paint_handlers import PaintHandlers, turn
from generative.ui.style_transfer.restoring import names_in, restore
from generative.ui.style_transfer.sheet import build_sheet
from generative.ui.style_transfer.triangle import build_triangle
from generative.ui.style_transfer.uploads import (
    ChosenPicture,
    build_picture,
    check_at_once,
    check_mask,
    painted_mask,
)
from generative.ui.style_transfer.wall import build_wall
from generative.ui.waiting import build_waiting, look_after

ABOUT = "Change α, β or the smoothness while it paints: the next step uses them."
MASK = (
    "To paint only a part of the content, mark it here with the brush, or choose a mask of the "
    "same proportions."
)
FIRST = (
    f'<img class="painting" src="hero/{hero.PAINTING.name}" alt="The cat, painted in oil">'
    '<p class="note">The cat in oil, painted here. Press Paint to watch it grow, or choose another '
    "pair.</p>"
)
OFFER = '<p role="status" hidden><span></span> <button>Paint anew</button></p>'
"""Shown by easel.js where the picture is not, or no longer, what is asked for."""

UNSEEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Of an event that is the page's own, and whose waiting nobody sees."""

WIPE = "() => document.querySelector('#mask-pad .pad').dispatchEvent(new Event('wipe'))"
"""Takes away what was brushed where it is not the mask, so that what is seen is what is used."""

ANEW = "element.querySelector('button').onclick = () => document.querySelector('#paint').click()"
API = (
    "Paint a picture in the style of another. Takes the content and the style picture as files, "
    "the content weight α, the style weight β and the total variation weight (0 to 1000, 1 is "
    "balanced), the weight of a second style, where the first has 1, the network (features, vgg19 "
    "or vgg16), the longest side in pixels, steps, a time budget in seconds (0: by steps), the "
    "size of the strokes, whose colours (style, luminance or statistics), the start (content or "
    "noise), the optimizer (adam or lbfgs), the content layer, the weights of the five style "
    "layers, a seed, the size of the forms, and optionally a second style and a mask (of the "
    "content's proportions; white where to paint, black or transparent elsewhere) as files, the "
    "procedure (octaves, pyramid or pixels), the weight of a third style, and its file. Streams "
    "the picture so far as HTML, a plot of the losses, and figures; the last figures hold the "
    "picture as a PNG data URL."
)


@dataclass(frozen=True)
class Widgets:
    """What the part consists of.

    Attributes:
        content, style, second_style, third_style, mask: pictures.
        codes: what stands for the first four in a link.
        file: a downloaded painting, to take its settings from.
        weights: α, β, the smoothness, and those of the second and third style.
        settings: those and all others by their names, in the order of `SETTINGS`.
        start, stop, go_on, film: buttons.
        canvas: the picture so far; once it rests, photo and painting in one place.
        problem: why it cannot be painted.
        growth: the film.
        curves: the losses.
        instant: the draft, if the network that paints it is there.
    """

    content: gr.Image
    style: gr.Image
    second_style: gr.Image
    third_style: gr.Image
    mask: gr.Image
    codes: list[gr.Textbox]
    file: gr.File
    weights: list[gr.Number]
    settings: Mapping[str, Component]
    start: gr.Button
    stop: gr.Button
    go_on: gr.Button
    film: gr.Button
    canvas: gr.HTML
    problem: gr.HTML
    growth: gr.HTML
    curves: gr.Image
    instant: Instant | None


def build_paint(shelf: Shelf, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    widgets = _lay_out(shelf, tab)
    room = shelf.studio.room
    queue = {"concurrency_id": PAINTING_QUEUE, "concurrency_limit": room}
    _wire_painting(widgets, queue, PaintHandlers(shelf, Easel(room)))
    _wire_restoring(widgets)
    if widgets.instant is not None:
        styles = widgets.style, widgets.second_style, widgets.third_style
        wire_instant(shelf, widgets.instant, (widgets.content, *styles), widgets.settings)


def _lay_out(shelf: Shelf, tab: gr.Tab) -> Widgets:
    styles = list(style_pictures.STYLES)
    with gr.Row(elem_id="studio"):
        with gr.Column(min_width=280):
            content = build_picture(
                "Content", list(examples.CONTENTS), hero.CONTENT, tab, "content"
            )
        with gr.Column(min_width=280):
            style = build_picture("Style", styles, hero.STYLE, tab, "style")
        with (
            gr.Column(min_width=280, elem_id="easel"),
            gr.Tabs(elem_id="easels", overflow_behavior="wrap"),
        ):
            instant = lay_out_instant() if shelf.has_roles("draft") else None
            with gr.Tab("Painting", elem_id="painting-tab", render_children=True):
                canvas, problem, growth, buttons = _lay_out_painting()
    start, stop, go_on, film = buttons
    weights = build_weights()
    build_text(ABOUT, elem_id="while-it-paints", elem_classes="note")
    with gr.Accordion("Blend styles", open=False, elem_id="blending"):
        second_style, third_style, shares = _lay_out_styles(tab, styles)
    with gr.Accordion("Losses", open=False, elem_id="losses"):
        curves = gr.Image(
            label="Losses",
            show_label=False,
            format="png",
            interactive=False,
            height=240,
            elem_id="style-curves",
            elem_classes="plot",
            buttons=[],
        )
    alpha, beta = weights["content_weight"], weights["style_weight"]
    if instant is not None:
        build_wall(shelf, content.picture, style)
    build_sheet(shelf, content.picture, style.picture, alpha, beta)
    with gr.Accordion("Advanced", open=False, elem_id="advanced"):
        advanced = build_advanced()
        mask, file = _lay_out_files(content.picture)
    settings = {**weights, **advanced, **shares}
    links.keep(**settings)
    return Widgets(
        content=content.picture,
        style=style.picture,
        second_style=second_style.picture,
        third_style=third_style.picture,
        codes=[each.code for each in (content, style, second_style, third_style)],
        mask=mask,
        file=file,
        weights=[*weights.values(), *shares.values()],
        settings={name: settings[name] for name in SETTINGS},
        start=start,
        stop=stop,
        go_on=go_on,
        film=film,
        canvas=canvas,
        problem=problem,
        growth=growth,
        curves=curves,
        instant=instant,
    )


def _lay_out_painting() -> tuple[gr.HTML, gr.HTML, gr.HTML, list[gr.Button]]:
    """Return the canvas, why it stays empty, the film, and the four buttons."""
    canvas = gr.HTML(FIRST, elem_id="canvas", min_height=280)
    gr.HTML(OFFER, js_on_load=ANEW, elem_id="offer", padding=False)
    problem = build_problem("paint-problem")
    waiting = build_waiting(PAINTING_QUEUE)
    with gr.Row():
        start = gr.Button("Paint", variant="primary", elem_id="paint", min_width=80)
        others = [
            gr.Button(text, elem_id=f"{text.lower()}-painting", min_width=80, interactive=False)
            for text in ("Stop", "Continue", "Film")
        ]
    look_after(waiting, start, others[1])
    growth = gr.HTML(elem_id="growth", padding=False)
    return canvas, problem, growth, [start, *others]


def _lay_out_styles(
    tab: gr.Tab, styles: list[str]
) -> tuple[ChosenPicture, ChosenPicture, dict[str, gr.Number]]:
    """Return the second style, the third, and the weights of both by their names in `SETTINGS`."""
    with gr.Row(elem_id="more-styles"):
        with gr.Column(min_width=280):
            second = build_picture("Second style", styles, None, tab, "second_style")
        with gr.Column(min_width=280):
            third = build_picture("Third style", styles, None, tab, "third_style")
        with gr.Column(min_width=280):
            weights = {
                f"{which}_weight": inputs.number(
                    WEIGHT, 1.0, label=f"Weight of the {which} style", elem_classes="unseen"
                )
                for which in ("second", "third")
            }
            build_triangle(*weights.values())
    return second, third, weights


def _lay_out_files(content: gr.Image) -> tuple[gr.Image, gr.File]:
    with gr.Row():
        with gr.Column(min_width=280):
            gr.Markdown(MASK, elem_classes="note")
            pad = build_mask_pad("mask-pad", over="#content-picture")
            mask = inputs.picture(
                label="Mask: white where to paint", sources=["upload"], height=160, elem_id="mask"
            )
            pad.submit(painted_mask, None, mask, trigger_mode="always_last", **UNSEEN)
            pad.clear(lambda: None, None, mask, **UNSEEN)
            mask.input(None, js=WIPE, **UNSEEN)
            checked = check_at_once(check_mask, mask, content)
            checked.failure(None, None, mask, js="() => null", **UNSEEN)
        with gr.Column(min_width=280):
            file = inputs.file(
                label="Settings: drop a PNG that was downloaded here",
                file_types=[".png"],
                height=280,
                elem_id="settings-file",
            )
    return mask, file


def _wire_painting(widgets: Widgets, queue: dict[str, Any], handlers: PaintHandlers) -> None:
    key, live = gr.State(), gr.State(LiveWeights())
    figures = gr.JSON(visible=False)
    named = {
        "content": widgets.content,
        "style": widgets.style,
        "second_style": widgets.second_style,
        "third_style": widgets.third_style,
        "mask": widgets.mask,
        **widgets.settings,
    }
    given: dict[str, Any] = {**{name: named[name] for name in ARGUMENTS}, "live": live}
    gr.Button(visible=False).click(
        handlers.paint,
        inputs_kwargs=given,
        outputs=[widgets.canvas, widgets.curves, figures, key],
        api_name="stylize",
        api_description=API,
        **queue,
    )
    shown = [widgets.canvas, widgets.curves, figures, key, widgets.problem]
    # What a painting follows while it runs comes first, and all that it is made of: see easel.js.
    chosen = [
        *widgets.weights,
        *(each for each in given.values() if each not in [live, *widgets.weights]),
    ]
    begun = [widgets.stop, widgets.go_on, widgets.film, widgets.growth]
    begin = f"(...chosen) => window.easel.begin(chosen, {len(widgets.weights)})"
    painted = widgets.start.click(
        None,
        chosen,
        begun,
        js=begin,
        **UNSEEN,
    ).then(
        standing(handlers.paint, len(shown) - 1),
        inputs_kwargs=given,
        outputs=shown,
        **queue,
        **UNSEEN,
    )
    continued = widgets.go_on.click(
        None, chosen, begun, js="(...chosen) => window.easel.goOn(chosen)", **UNSEEN
    ).then(
        standing(handlers.go_on, len(shown) - 1),
        [key, live, *widgets.weights],
        shown,
        **queue,
        **UNSEEN,
    )
    widgets.stop.click(None, None, widgets.stop, js="() => window.easel.stop()", **UNSEEN)
    stop_with(widgets.stop, painted, continued)
    _wire_rest(widgets, handlers, key, painted, continued)
    _wire_changes(widgets, chosen, live)


def _wire_rest(
    widgets: Widgets, handlers: PaintHandlers, key: gr.State, *paintings: Dependency
) -> None:
    """Show what there is once a painting ends, however it does; its film on request."""
    for event in paintings:
        # Gradio calls both for a painting that was stopped, and only the first for one that failed.
        failed = event.failure(None, js="() => window.easel.fail()", **UNSEEN)
        for ended in (failed, event):
            rests = [widgets.canvas, widgets.go_on, widgets.film]
            ended.then(handlers.show, key, rests, **UNSEEN).then(
                None, None, widgets.stop, js="() => window.easel.rest()", **UNSEEN
            )
    widgets.film.click(
        handlers.film, key, widgets.growth, api_visibility="private", show_progress="minimal"
    )


def _wire_changes(widgets: Widgets, chosen: list[Any], live: gr.State) -> None:
    """Compare what is chosen with what is painted, and hand turned weights to what runs."""
    gr.on(
        [each.change for each in chosen],
        None,
        chosen,
        widgets.problem,
        js=f"(...chosen) => window.easel.note(chosen, {len(widgets.weights)})",
        **UNSEEN,
    )
    gr.on(
        [weight.change for weight in widgets.weights],
        turn,
        [live, *widgets.weights],
        widgets.problem,
        queue=False,
        **UNSEEN,
    )


def _wire_restoring(widgets: Widgets) -> None:
    styles = [widgets.style, widgets.second_style, widgets.third_style]
    restored = widgets.file.upload(
        restore,
        widgets.file,
        [*widgets.settings.values(), widgets.content, *styles, widgets.mask],
        **UNSEEN,
    )
    restored.failure(None, None, widgets.file, js="() => null", **UNSEEN)
    restored.success(names_in, widgets.file, widgets.codes, **UNSEEN)
    restored.success(None, js=WIPE, **UNSEEN)

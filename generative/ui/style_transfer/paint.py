"""The part "Paint": a picture grows in front of the visitor, who may turn its weights meanwhile."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from generative import images
from generative.errors import InputError
from generative.style_transfer import examples, style_pictures
from generative.style_transfer.options import WEIGHT, LiveWeights, Pixels, check_result
from generative.style_transfer.recipe import NONE, Recipe, remarks_on
from generative.style_transfer.resizing import resize
from generative.ui import cards, inputs, plots
from generative.ui.before_after import build_before_after
from generative.ui.serving import PAINTING, STUDIO, Shelf, readable_errors
from generative.ui.style_transfer.easel import Easel, Painting
from generative.ui.style_transfer.pictures import build_picture, read_mask, read_picture
from generative.ui.style_transfer.settings import SETTINGS, build_advanced, build_weights
from generative.ui.style_transfer.sheet import build_sheet

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep

SECONDS_A_FRAME = 0.3
SECONDS_A_PLOT = 2.0
LONGEST = 600
"""Seconds after which a painting makes room for the next visitor's; Continue goes on."""

MORE_STEPS = 60
"""Steps that Continue adds to a finished painting."""

ABOUT = (
    "Choose a picture and a style, and press Paint. Move α, β or the smoothness while it paints: "
    "the next step already follows."
)
API = (
    "Paint a picture in the style of another. Takes the content and the style picture as files, "
    "the content weight α, the style weight β and the total variation weight (0 to 1000, 1 is "
    "balanced), the weight of a second style, the network (features or vgg19), the longest side in "
    "pixels, steps, a time budget in seconds (0: by steps), the size of the strokes, whose "
    "colours (style, luminance or statistics), the start (content or noise), the optimizer (adam "
    "or lbfgs), the content layer, the weights of the five style layers, a seed, and optionally a "
    "second style and a mask (of the content's proportions; white where to paint, black or "
    "transparent elsewhere) as files. Streams the picture so far as HTML, "
    "a plot of the losses, and figures; the last figures hold the picture as a PNG data URL."
)

EMPTY = '<p class="empty">The painting appears here.</p>'

Frame = tuple[Any, ...]


@dataclass(frozen=True)
class _Widgets:
    """What the part consists of; `settings` by the names of the recipe."""

    content: gr.Image
    style: gr.Image
    second: gr.Image
    mask: gr.Image
    note: gr.File
    weights: dict[str, gr.Number]
    settings: dict[str, Any]
    start: gr.Button
    stop: gr.Button
    go_on: gr.Button
    canvas: gr.HTML
    curves: gr.Image
    before_after: gr.ImageSlider
    comparison: gr.Column


def build_paint(shelf: Shelf, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    gr.Markdown(ABOUT)
    widgets = _lay_out(tab)
    _wire_painting(widgets, shelf)
    widgets.note.upload(
        _restore,
        widgets.note,
        [*_in_order(widgets), widgets.content, widgets.style, widgets.second, widgets.mask],
        api_visibility="private",
        show_progress="hidden",
    )
    build_sheet(shelf, widgets.content, widgets.style)


def _lay_out(tab: gr.Tab) -> _Widgets:
    styles = list(style_pictures.STYLES)
    with gr.Row():
        with gr.Column(min_width=300):
            content = build_picture("Content", list(examples.CONTENTS), "chelsea", tab)
        with gr.Column(min_width=300):
            style = build_picture("Style", styles, styles[0], tab)
    with gr.Row():
        with gr.Column(scale=1, min_width=300, elem_classes="beside"):
            weights = build_weights()
            with gr.Row():
                start = gr.Button("Paint", variant="primary", elem_id="paint", min_width=80)
                stop = gr.Button("Stop", elem_id="stop-painting", min_width=80)
                go_on = gr.Button("Continue", elem_id="continue-painting", min_width=80)
        with gr.Column(scale=2, min_width=300):
            canvas = gr.HTML(EMPTY, elem_id="canvas", min_height=320)
            curves = gr.Image(
                label="Losses",
                format="png",
                interactive=False,
                height=220,
                elem_id="style-curves",
                buttons=[],
            )
            with gr.Column(visible=False) as comparison:
                before_after = build_before_after(
                    "Before | after", elem_id="style-before-after", buttons=["fullscreen"]
                )
    with gr.Accordion("Advanced", open=False, elem_id="advanced"):
        advanced = build_advanced()
        with gr.Row():
            second, second_weight, mask, note = _lay_out_files(tab, styles)
    return _Widgets(
        content=content,
        style=style,
        second=second,
        mask=mask,
        note=note,
        weights=weights,
        settings={**weights, **advanced, "second_weight": second_weight},
        start=start,
        stop=stop,
        go_on=go_on,
        canvas=canvas,
        curves=curves,
        before_after=before_after,
        comparison=comparison,
    )


def _lay_out_files(tab: gr.Tab, styles: list[str]) -> tuple[gr.Image, gr.Number, gr.Image, gr.File]:
    with gr.Column(min_width=280):
        second = build_picture("Second style", styles, None, tab)
        weight = inputs.number(WEIGHT, 1.0, label="Weight of the second style (the first has 1)")
    with gr.Column(min_width=280):
        mask = inputs.picture(
            label="Mask of the content's proportions: white where to paint",
            sources=["upload"],
            height=280,
        )
    with gr.Column(min_width=280):
        note = inputs.file(
            label="Settings: drop a PNG that was downloaded here",
            file_types=[".png"],
            height=280,
            elem_id="recipe",
        )
    return second, weight, mask, note


def _in_order(widgets: _Widgets) -> list[Any]:
    return [widgets.settings[name] for name in SETTINGS]


def _wire_painting(widgets: _Widgets, shelf: Shelf) -> None:
    easel, key, live = Easel(), gr.State(), gr.State(LiveWeights())
    weights = list(widgets.weights.values())
    given = [widgets.content, widgets.style, *_in_order(widgets), widgets.second, widgets.mask]
    shown = [widgets.canvas, widgets.curves, gr.JSON(visible=False), key]
    painted = widgets.start.click(
        _painter(shelf, easel),
        [*given, live],
        shown,
        api_name="stylize",
        api_description=API,
        concurrency_id=PAINTING,
        concurrency_limit=1,
        show_progress="minimal",
    )
    continued = widgets.go_on.click(
        _continuer(shelf, easel),
        [key, *weights, live],
        shown,
        api_visibility="private",
        concurrency_id=PAINTING,
        show_progress="minimal",
    )
    stopped = widgets.stop.click(None, cancels=[painted, continued], api_visibility="private")
    for event in (painted, continued, stopped):
        event.then(
            _shower(easel),
            key,
            [widgets.canvas, widgets.before_after, widgets.comparison],
            api_visibility="private",
            show_progress="hidden",
        )
    gr.on(
        [number.change for number in weights],
        _turn_if_usable,
        [live, *weights],
        None,
        queue=False,
        api_visibility="private",
        show_progress="hidden",
    )


def _painter(shelf: Shelf, easel: Easel) -> Callable[..., Iterator[Frame]]:
    def paint(content: str | None, style: str | None, *rest: Any) -> Iterator[Frame]:
        with readable_errors():
            settings = dict(zip(SETTINGS, rest, strict=False))
            second, mask, live = rest[len(SETTINGS) :]
            recipe = Recipe(
                content=examples.recognise(content),
                style=examples.recognise(style),
                second=NONE if second is None else examples.recognise(second),
                masked=mask is not None,
                **settings,
            )
            styles = [(read_picture("style", style).pixels, 1.0)]
            if second is not None:
                also = read_picture("second style", second).pixels
                styles.append((also, recipe.second_weight))
            picture = read_picture("content", content)
            check_result(*picture.size, int(recipe.size))
            arguments = recipe.options() | {
                "styles": styles,
                "content_mask": read_mask(mask, picture),
            }
            yield from _fetch(recipe.network)
            painting = Painting(picture.pixels, recipe, arguments, live)
            _turn(live, recipe.content_weight, recipe.style_weight, recipe.total_variation_weight)
            yield from _frames(painting, shelf.directory, lambda: easel.put(painting))

    # By these names the API's arguments are known; the last ones may be left out.
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    needed = [inspect.Parameter(name, kind) for name in ("content", "style", *SETTINGS)]
    free = [inspect.Parameter(x, kind, default=None) for x in ("second_style", "mask", "live")]
    paint.__signature__ = inspect.Signature([*needed, *free])  # type: ignore[attr-defined]
    return paint


def _continuer(shelf: Shelf, easel: Easel) -> Callable[..., Iterator[Frame]]:
    def go_on(
        key: str | None, content: float, style: float, variation: float, live: LiveWeights
    ) -> Iterator[Frame]:
        with readable_errors():
            painting = easel.get(key)
            _turn(live, content, style, variation)
            painting.weights = live
            yield from _frames(painting, shelf.directory, lambda: key or "")

    return go_on


def _frames(painting: Painting, directory: Path, keep: Callable[[], str]) -> Iterator[Frame]:
    """Paint, yielding what to show several times a second, and the last step in any case.

    Args:
        painting: begun or put aside.
        directory: of the checkpoints.
        keep: puts it on the easel and returns its key; called with the first step, so that what
            is refused takes nobody's place there.
    """
    began, framed, plotted, key = time.monotonic(), 0.0, 0.0, ""
    with closing(_steps(painting, directory)) as steps:
        for step in steps:
            if step is None:
                if painting.step is None:  # What is refused leaves the last painting where it is.
                    yield _message("Starting…")
                continue
            now = time.monotonic()
            painting.add(step)
            key = key or keep()
            if now - began > LONGEST:
                break
            if now - framed < SECONDS_A_FRAME:
                continue
            plot = gr.skip()
            if now - plotted > SECONDS_A_PLOT and len(painting.curve) > 1:
                plot, plotted = plots.style_losses(painting.curve), now
            framed = now
            yield _canvas(step), plot, _figures(step), key
    last = painting.step
    if last is None:
        raise InputError(
            "There is nothing to paint: the picture is what these settings ask for already, so "
            "give the style more weight."
        )
    whole = _figures(last) | {"image": images.data_uri(last.image, painting.note())}
    yield _canvas(last), plots.style_losses(painting.curve), whole, key


def _steps(painting: Painting, directory: Path) -> Generator[StyleStep | None, None, None]:
    """Begin a painting in the studio, or go on: yield None once nothing is refused, then steps."""
    from generative.style_transfer.painter import go_on, paint

    asked = (
        painting.key,
        painting.content,
        painting.weights.now,
        directory,
        painting.arguments,
    )
    begins = painting.step is None
    run = STUDIO.run(paint, *asked) if begins else STUDIO.run(go_on, *asked, MORE_STEPS)
    with closing(run) as studio, suppress(StopIteration):
        reached = next(studio)
        painting.extended = painting.extended or painting.is_done
        while True:
            yield reached
            reached = studio.send(painting.weights.now)


def _fetch(network: str) -> Iterator[Frame]:
    """Fetch the weights of VGG-19 where they are asked for and not here yet."""
    if network != "vgg19":
        return
    from generative.style_transfer import networks

    for share in networks.fetch_vgg19():
        yield _message(f"Fetching VGG-19: {share:.0%}…", share)


def _shower(easel: Easel) -> Callable[[str | None], tuple[Any, ...]]:
    """Return the handler that shows what there is, when a painting is done or was stopped."""

    def show(key: str | None) -> tuple[Any, ...]:
        try:
            painting = easel.get(key)
        except InputError:
            return (gr.skip(),) * 3
        step = painting.step
        assert step is not None
        with readable_errors():
            content = resize(painting.content, *step.image.shape[:2])
            link = cards.download(
                "Download the PNG, settings inside",
                "painting.png",
                images.data_uri(step.image, painting.note()),
            )
            return _canvas(step, link, rests=True), (content, step.image), gr.Column(visible=True)

    return show


def _turn_if_usable(live: LiveWeights, content: float, style: float, variation: float) -> None:
    """Hand the weights to a painting that runs.

    What is being typed may not be a weight yet: it is passed over, and Paint would say what it is.
    """
    with suppress(InputError):
        _turn(live, content, style, variation)


def _turn(live: LiveWeights, content: float, style: float, variation: float) -> None:
    live.turn(content=content, style=style, total_variation=variation)


def _restore(path: str | None) -> list[Any]:
    """Return every setting that a downloaded PNG holds, the examples that it names, and no mask."""
    with readable_errors():
        note = images.read_note(path)
        recipe = Recipe.from_text(note)
        gr.Info(" ".join([_brought_back(recipe), *remarks_on(note), *_left_out(recipe)]))
        pictures = [_example(name, gr.skip()) for name in (recipe.content, recipe.style)]
        settings = [getattr(recipe, name) for name in SETTINGS]
        return [*settings, *pictures, _example(recipe.second, None), None]


def _example(name: str, otherwise: Any) -> Any:
    return str(examples.path(name)) if name in examples.titles() else otherwise


def _brought_back(recipe: Recipe) -> str:
    """Return a sentence on what the settings bring back."""
    titles = examples.titles()
    known = [titles[x] for x in (recipe.content, recipe.style, recipe.second) if x in titles]
    pictures = (
        f", and so {'is' if len(known) == 1 else 'are'} {' and '.join(known)}" if known else ""
    )
    return f"The {len(SETTINGS)} settings are back{pictures}."


def _left_out(recipe: Recipe) -> list[str]:
    """Return sentences on what the settings alone do not bring back."""
    remarks = []
    if "" in (recipe.content, recipe.style, recipe.second):
        remarks.append("Pictures of your own are not inside: choose them anew.")
    if recipe.masked:
        remarks.append("The mask is not inside: choose it anew.")
    if not recipe.alone:
        remarks.append(
            "It was stopped, continued or turned while it was painted, or had a time budget, so "
            "these settings make a picture much like it, not the same."
        )
    return remarks


def _message(text: str, share: float = 0.0) -> Frame:
    return cards.progress(share, text), gr.skip(), gr.skip(), gr.skip()


def _canvas(step: StyleStep, link: str = "", rests: bool = False) -> str:
    """Return the picture so far above its progress, and how long it will take if it goes on."""
    share = step.step / max(1, step.total_steps)
    left = f", about {step.eta_seconds:.0f} s left" if step.step < step.total_steps else ""
    left = "" if rests else left
    text = (
        f"Step {step.step} of {step.total_steps}{left}. Content {step.content_loss:.3f}, "
        f"style {step.style_loss:.3f}, variation {step.tv_loss:.4f}."
    )
    return _picture(step.image) + cards.progress(share, text, link)


def _picture(picture: Pixels) -> str:
    return f'<img class="painting" src="{images.jpeg_data_uri(picture)}" alt="The painting so far">'


def _figures(step: StyleStep) -> dict[str, Any]:
    return {
        "step": step.step,
        "total_steps": step.total_steps,
        "eta_seconds": round(step.eta_seconds, 1),
        "content_loss": step.content_loss,
        "style_loss": step.style_loss,
        "tv_loss": step.tv_loss,
        "layer_losses": step.layer_losses,
    }

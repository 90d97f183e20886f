"""The part "Look inside": what each layer of the network keeps of a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import gradio as gr

from generative import images
from generative.images import DecodedPicture
from generative.studios import Waiting
from generative.style_transfer import examples, style_pictures
from generative.style_transfer.options import STYLE_LAYERS
from generative.style_transfer.picture_checks import Pixels, smallest_size
from generative.style_transfer.resizing import fit, resize
from generative.ui import cards, inputs, links
from generative.ui.handlers import PAINTING_QUEUE, Shelf, readable_errors, stop_with
from generative.ui.style_transfer.series import Begin, paint_series
from generative.ui.style_transfer.uploads import build_picture, read_picture
from generative.ui.waiting import build_waiting, look_after
from generative.validation import SEED

KINDS = [("its content", "content"), ("its style", "style")]
LAYERS = [(f"block {index}", name) for index, name in enumerate(STYLE_LAYERS, start=1)]
ABOUT = (
    "A picture is rebuilt from noise, from nothing but what the chosen layers see of it. From "
    "content, lower layers keep exact pixels, edges and places, higher ones objects and their "
    "arrangement; from style, textures without any arrangement, the coarser the more layers."
)
API = (
    "Rebuild a picture from layers of the network. Takes a picture file, the kind (content or "
    "style), a list of layers (block1_conv1 to block5_conv1) and a seed. Streams the picture so "
    "far as HTML, and figures; the last figures hold the picture as a PNG data URL."
)


def build_look_inside(shelf: Shelf, tab: gr.Tab) -> None:
    """Lay out the part and wire it."""
    gr.Markdown(ABOUT)
    names = [*list(examples.CONTENTS)[:3], *list(style_pictures.STYLES)[:4]]
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            picture = build_picture("Picture", names, "chelsea", tab, "inside").picture
            kind = inputs.choice(KINDS, value="content", label="Rebuild from", elem_id="keep")
            layers = inputs.choices(
                LAYERS, value=[STYLE_LAYERS[2]], label="Seen by", elem_id="seen-by"
            )
            seed = inputs.seed()
            links.keep(rebuild_from=kind, seen_by=layers, inside_seed=seed)
            with gr.Row():
                rebuild = gr.Button("Rebuild", variant="primary", elem_id="rebuild", min_width=80)
                strip = gr.Button("All five depths", elem_id="five-depths", scale=2, min_width=80)
                stop = gr.Button("Stop", min_width=80)
        with gr.Column(scale=2, min_width=300):
            shown = gr.HTML(
                cards.empty("The rebuilt picture appears here."), elem_id="inside", min_height=320
            )
            waiting = build_waiting(PAINTING_QUEUE)
            look_after(waiting, rebuild, strip)
    figures = gr.JSON(visible=False)
    options: dict[str, Any] = {"concurrency_id": PAINTING_QUEUE, "show_progress": "minimal"}
    one = rebuild.click(
        rebuilder(shelf),
        [picture, kind, layers, seed],
        [shown, figures],
        api_name="reconstruct_from_layers",
        api_description=API,
        **options,
    )
    five = strip.click(stripper(shelf), [picture, seed], shown, api_visibility="private", **options)
    for run in (one, five):
        run.then(None, js="() => window.stopped('#inside')", api_visibility="private")
    stop_with(stop, one, five)


def rebuilder(shelf: Shelf) -> Callable[..., Iterator[tuple[object, object]]]:
    """Return the handler that rebuilds a picture from layers: HTML and figures, step by step."""

    def rebuild(
        picture: str | None, kind: str, layers: Sequence[str], seed: int
    ) -> Iterator[tuple[object, object]]:
        with readable_errors():
            original = read_picture("content", picture)
            SEED.check("seed", seed)
            begin = _beginner(shelf, original, layers, kind, seed)
            last = None
            with closing(paint_series([("so far", begin)])) as series:
                for reached in series:
                    now = reached.now
                    if isinstance(now, Waiting):
                        shown = cards.progress(0.0, now.reason)
                        yield shown if now.reason else gr.skip(), gr.skip()
                        continue
                    last = now.image
                    figures = {"step": now.step, "total": now.total_steps}
                    yield _render(reached.pictures, reached.share), figures
            if last is not None:
                caption = f"{kind} of {', '.join(layers)}, seed {seed}"
                yield (
                    _render([("original", _small(original)), (caption, last)], 1.0),
                    {"layers": list(layers), "seed": seed, "image": images.data_uri(last)},
                )

    return rebuild


def stripper(shelf: Shelf) -> Callable[[str | None, int], Iterator[str]]:
    """Return the handler that rebuilds a picture from every depth, one after the other: HTML."""

    def strip(source: str | None, seed: int) -> Iterator[str]:
        with readable_errors():
            picture = read_picture("content", source)
            SEED.check("seed", seed)
            original = ("original", _small(picture))
            runs = [(f"content, {title}", [name], "content") for title, name in LAYERS] + [
                (f"style up to block {n}", list(STYLE_LAYERS[:n]), "style") for n in range(1, 6)
            ]
            rebuildings = [
                (caption, _beginner(shelf, picture, layers, kind, seed))
                for caption, layers, kind in runs
            ]
            with closing(paint_series(rebuildings)) as series:
                for reached in series:
                    pictures = [original, *reached.pictures]
                    yield _render(pictures, reached.share, reached.reason)

    return strip


def _beginner(
    shelf: Shelf, picture: DecodedPicture, layers: Sequence[str], kind: str, seed: int
) -> Begin:
    """Return what begins to rebuild a picture."""
    from generative.style_transfer.painter import rebuild

    options = {"size": _size(picture), "seed": seed}
    return partial(shelf.studio.run, rebuild, picture.pixels, layers, kind, options)


def _size(picture: DecodedPicture) -> int:
    """Return the longest side to rebuild at, larger for a panorama."""
    from generative.style_transfer import look_inside

    return max(look_inside.SIZE, smallest_size(*picture.size))


def _small(picture: DecodedPicture) -> Pixels:
    width, height = picture.size
    return resize(picture.pixels, *fit(height, width, _size(picture)))


def _render(pictures: Sequence[tuple[str, Pixels]], share: float, text: str = "") -> str:
    return cards.gallery(pictures) + cards.progress(share, text)

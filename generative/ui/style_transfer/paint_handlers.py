"""What the buttons of "Paint" do: begin a painting, go on with it, show what there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from generative import images
from generative.errors import InputError
from generative.style_transfer import examples
from generative.style_transfer.options import LiveWeights, PaintingOptions
from generative.style_transfer.picture_checks import check_result
from generative.style_transfer.resizing import resize
from generative.style_transfer.settings import NONE, PaintingSettings
from generative.ui import cards
from generative.ui.handlers import Shelf, readable_errors
from generative.ui.standing_errors import sentence
from generative.ui.style_transfer.easel import Easel, Painting
from generative.ui.style_transfer.frames import Frame, at_rest, frames, message
from generative.ui.style_transfer.uploads import read_mask, read_picture


class PaintHandlers:
    """The handlers of the buttons, with one easel for all visitors."""

    def __init__(self, shelf: Shelf, easel: Easel) -> None:
        self._studio = shelf.studio
        self._easel = easel

    def paint(
        self,
        content: str | None,
        style: str | None,
        live: LiveWeights,
        second_style: str | None = None,
        mask: str | None = None,
        third_style: str | None = None,
        **settings: Any,
    ) -> Iterator[Frame]:
        """Begin a painting and yield its frames.

        Args:
            content: file of the picture.
            style: file of the style picture.
            live: weights that the sliders turn meanwhile.
            second_style: file of another style picture.
            mask: file of the mask.
            third_style: file of one more style picture.
            **settings: one value for each of `SETTINGS`, as its widget sends it.
        """
        with readable_errors():
            chosen = PaintingSettings(
                content=examples.recognise(content),
                style=examples.recognise(style),
                second=_name_of(second_style),
                third=_name_of(third_style),
                masked=mask is not None,
                **settings,
            )
            styles = [(read_picture("style", style).pixels, 1.0)]
            for name, file, weight in (
                ("second style", second_style, chosen.second_weight),
                ("third style", third_style, chosen.third_weight),
            ):
                if file is not None:
                    styles.append((read_picture(name, file).pixels, weight))
            picture = read_picture("content", content)
            check_result(*picture.size, int(chosen.size))
            pictures: PaintingOptions = {
                "styles": styles,
                "content_mask": read_mask(mask, picture),
            }
            yield from _fetch(chosen.network)
            painting = Painting(picture.pixels, chosen, chosen.options() | pictures, live)
            live.turn(
                content=chosen.content_weight,
                style=chosen.style_weight,
                total_variation=chosen.total_variation_weight,
                styles=(1.0, chosen.second_weight, chosen.third_weight),
            )
            yield from frames(painting, self._studio, lambda: self._easel.put(painting))

    def go_on(
        self,
        key: str | None,
        live: LiveWeights,
        content: float,
        style: float,
        variation: float,
        *others: float,
    ) -> Iterator[Frame]:
        """Go on with the painting of a key, with the weights of now, and yield its frames."""
        with readable_errors():
            painting = self._easel.get(key)
            live.turn(
                content=content, style=style, total_variation=variation, styles=(1.0, *others)
            )
            painting.weights = live
            yield from frames(painting, self._studio, lambda: painting.key)

    def show(self, key: str | None) -> tuple[object, object, object]:
        """Return photo and painting in one place, and Continue and Film, which may now be pressed.

        Nothing changes where there is no painting.
        """
        try:
            painting = self._easel.get(key)
        except InputError:
            return gr.skip(), gr.skip(), gr.skip()
        step = painting.step
        assert step is not None
        with readable_errors():
            link = cards.download(
                "Download the PNG, settings inside",
                "painting.png",
                images.data_uri(step.image, painting.note()),
            )
            rests = at_rest(step, resize(painting.content, *step.image.shape[:2]), link)
            return rests, gr.Button(interactive=True), gr.Button(interactive=True)

    def film(self, key: str | None) -> str:
        """Return the film of a painting, as HTML."""
        with readable_errors():
            painting = self._easel.get(key)
            assert painting.step is not None
            last = painting.step.image
            return cards.growth(painting.film.to_gif(last), last, "painting.gif")


def turn(
    live: LiveWeights,
    content: float | None,
    style: float | None,
    variation: float | None,
    *others: float | None,
) -> str:
    """Hand the weights, the last of them those of the other styles, to a painting that runs.

    It keeps its own if one of them is wrong.

    Returns:
        What stands in the panel's `build_problem`: why a weight is refused. Nothing for a field
        that is empty: its number is still being typed, and Paint would say that it is missing.
    """
    if None in (content, style, variation, *others):
        return ""
    styles = 1.0, *others
    try:
        live.turn(content=content, style=style, total_variation=variation, styles=styles)
    except InputError as error:
        return sentence(error)
    return ""


def _name_of(style: str | None) -> str:
    """Return what stands for the file of a second or third style in the settings."""
    return NONE if style is None else examples.recognise(style)


def _fetch(network: str) -> Iterator[Frame]:
    """Fetch the weights of VGG-19 where they are asked for and not here yet."""
    if network != "vgg19":
        return
    from generative.style_transfer import vgg

    for share in vgg.fetch_vgg19():
        yield message(f"Fetching VGG-19: {share:.0%}…", share)

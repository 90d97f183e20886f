"""What the page shows of a painting while it grows: the picture, its losses and its progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import gradio as gr

from generative import images
from generative.card import Figures
from generative.errors import InputError
from generative.studios import Studio, Waiting
from generative.style_transfer.picture_checks import Pixels
from generative.ui import cards, plots
from generative.ui.style_transfer.easel import Painting

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep

SECONDS_A_FRAME = 0.3
SECONDS_A_PLOT = 2.0
MOST_SECONDS = 600
"""After which a painting makes room for the next visitor's; Continue goes on with it."""

MORE_STEPS = 60
"""Steps that Continue adds to a finished painting."""

Frame = tuple[object, object, object, object]
"""Values of the canvas, the plot of the losses, the figures and the painting's key."""


def frames(painting: Painting, studio: Studio, keep: Callable[[], str]) -> Iterator[Frame]:
    """Paint, yielding what to show several times a second, and the last step in any case.

    Args:
        painting: begun or put aside.
        studio: where it is painted.
        keep: puts it on the easel and returns its key; called after the first step, so a refused
            request evicts no painting.

    Raises:
        GenerativeError: it cannot be painted.
    """
    began, framed, plotted, key = 0.0, 0.0, 0.0, ""
    with closing(_steps(painting, studio)) as steps:
        for step in steps:
            if isinstance(step, Waiting):
                yield _waiting(painting, step)
                continue
            if step is None:
                painting.extended = painting.extended or painting.is_done
                began = began or time.monotonic()
                if painting.step is None:  # What is refused leaves the last painting where it is.
                    yield message("Starting…")
                continue
            now = time.monotonic()
            painting.add(step)
            key = key or keep()
            if now - began > MOST_SECONDS:
                break
            if now - framed < SECONDS_A_FRAME:
                continue
            framed, plot = now, gr.skip()
            if now - plotted > SECONDS_A_PLOT and len(painting.curve) > 1:
                plot, plotted = plots.style_losses(painting.curve), now
            yield canvas(step), plot, _figures(step), key
    last = painting.step
    if last is None:
        raise InputError(
            "There is nothing to paint: the picture already is what these settings ask for, so "
            "give the style more weight."
        )
    whole = _figures(last) | {"image": images.data_uri(last.image, painting.note())}
    yield canvas(last), plots.style_losses(painting.curve), whole, key


def message(text: str, share: float = 0.0) -> Frame:
    """Return a frame that shows a sentence, above a bar filled to a share, and nothing else."""
    return cards.progress(share, text), gr.skip(), gr.skip(), gr.skip()


def canvas(step: StyleStep) -> str:
    """Return the picture so far above its progress."""
    left = f", about {step.eta_seconds:.0f} s left" if step.eta_seconds else ""
    return _picture(step) + _progress(step, left)


def _waiting(painting: Painting, why: Waiting) -> Frame:
    """Return a frame that says why nothing new has been painted; an empty one for no reason."""
    if not why.reason:
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    step = painting.step
    if step is None:
        return message(why.reason)
    reached = cards.progress(step.step / max(1, step.total_steps), why.reason)
    return _picture(step) + reached, gr.skip(), gr.skip(), gr.skip()


def _picture(step: StyleStep) -> str:
    source = images.jpeg_data_uri(step.image)
    return f'<img class="painting" src="{source}" alt="The painting so far">'


def at_rest(step: StyleStep, content: Pixels, link: str) -> str:
    """Return photo and painting in one place, above the progress.

    Args:
        step: that was reached.
        content: the photo, of the painting's size.
        link: HTML after the figures.
    """
    pictures = cards.compare(("photo", content), ("painting", step.image))
    return pictures + _progress(step, more=link)


def _progress(step: StyleStep, left: str = "", more: str = "") -> str:
    text = (
        f"Step {step.step} of {step.total_steps}{left}. Content {step.content_loss:.3f}, "
        f"style {step.style_loss:.3f}, variation {step.tv_loss:.4f}."
    )
    return cards.progress(step.step / max(1, step.total_steps), text, more)


def _steps(painting: Painting, studio: Studio) -> Generator[StyleStep | Waiting | None, None, None]:
    """Begin a painting in the studio, or go on: yield None once it is accepted, then steps."""
    asked = painting.key, painting.content, painting.balance, painting.arguments
    begins = painting.step is None
    run = studio.paint(*asked) if begins else studio.go_on(*asked, MORE_STEPS)
    with closing(run) as steps, suppress(StopIteration):
        reached = next(steps)
        while True:
            yield reached
            reached = steps.send(painting.balance)


def _figures(step: StyleStep) -> Figures:
    return {
        "step": step.step,
        "total_steps": step.total_steps,
        "eta_seconds": round(step.eta_seconds, 1),
        "content_loss": step.content_loss,
        "style_loss": step.style_loss,
        "tv_loss": step.tv_loss,
        "layer_losses": step.layer_losses,
    }

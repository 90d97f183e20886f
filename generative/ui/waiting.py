"""What a visitor sees who waits for a turn: the place in the queue, the time, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr
from gradio.context import Context

if TYPE_CHECKING:
    from generative.ui.server.fair_queue import Place
    from generative.ui.validating_blocks import ValidatingBlocks

SECONDS_A_LOOK = 2
MEANWHILE = (
    ' Meanwhile, <button data-tab="latent-space-tab">drag over the map of digits</button> or '
    '<button data-tab="lesson-tab">read how a network sees style</button>: your turn comes all the '
    "same."
)
SCRIPT = """element.addEventListener('click', (event) => {
    const tab = event.target.closest('[data-tab]')?.dataset.tab
    if (tab) document.getElementById(`${tab}-button`)?.click()
})"""


def build_waiting(queue: str) -> gr.Timer:
    """Lay out the sentence for those who wait in a queue.

    Args:
        queue: its concurrency id.

    Returns:
        What looks after it once it is active, until nobody waits any more.
    """
    demo: ValidatingBlocks = Context.root_block  # type: ignore[assignment]
    shown = gr.HTML(js_on_load=SCRIPT, elem_classes="waiting")
    timer = gr.Timer(SECONDS_A_LOOK, active=False)

    def look(request: gr.Request) -> tuple[str, gr.Timer]:
        place = demo.fair_queue.place(request.session_hash, queue)
        said = "" if place is None else f'<p role="status">{in_words(place)}{MEANWHILE}</p>'
        return said, gr.Timer(active=place is not None)

    timer.tick(
        look, None, [shown, timer], queue=False, show_progress="hidden", api_visibility="private"
    )
    return timer


def look_after(timer: gr.Timer, *buttons: gr.Button) -> None:
    """Begin to look after the sentence whenever one of these buttons is pressed."""
    gr.on(
        [button.click for button in buttons],
        None,
        None,
        timer,
        js="() => ({__type__: 'update', active: true})",
        api_visibility="private",
    )


def in_words(place: Place) -> str:
    """Return a place as a sentence."""
    ahead = "One is" if place.ahead == 1 else f"{place.ahead} are"
    left = "" if place.seconds is None else f", and your turn comes in about {place.seconds:.0f} s"
    return f"{ahead} ahead of you{left}."

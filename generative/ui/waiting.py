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


def build_waiting(queue: str) -> tuple[gr.HTML, gr.Timer]:
    """Lay out the sentence for those who wait in a queue.

    Args:
        queue: its concurrency id.

    Returns:
        The sentence, and what looks after it while it is active.
    """
    demo: ValidatingBlocks = Context.root_block  # type: ignore[assignment]
    shown = gr.HTML(js_on_load=SCRIPT, elem_id=f"waiting-for-{queue}", elem_classes="waiting")
    timer = gr.Timer(SECONDS_A_LOOK, active=False)

    def look(request: gr.Request) -> str:
        place = demo.fair_queue.place(request.session_hash, queue)
        return "" if place is None else f'<p role="status">{in_words(place)}{MEANWHILE}</p>'

    timer.tick(look, None, shown, queue=False, show_progress="hidden", api_visibility="private")
    return shown, timer


def in_words(place: Place) -> str:
    """Return a place as a sentence."""
    ahead = "One is" if place.ahead == 1 else f"{place.ahead} are"
    left = "" if place.seconds is None else f", and your turn comes in about {place.seconds:.0f} s"
    return f"{ahead} ahead of you{left}."

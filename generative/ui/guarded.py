"""A Gradio app that refuses what Gradio itself would fail on, fetch, or read from this machine."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from generative.ui.inputs import is_uploaded, keep_conversion

UNUSABLE = (
    "The request cannot be used: send pictures with /gradio_api/upload first, and every value as "
    "/gradio_api/info describes it."
)


class GuardedBlocks(gr.Blocks):
    """Blocks whose every answer to a wrong request is one sentence.

    Gradio downloads a picture whose path is an address, does not check a path that comes without
    its type, and answers other wrong requests with the text of an exception.
    """

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, **kwargs: Any) -> Any:
        """Process a request if its files are uploaded ones and it has as many values as it should.

        Raises:
            gr.Error: it is not usable, or Gradio could not convert it.
        """
        expected = len(block_fn.inputs) if hasattr(block_fn, "inputs") else len(inputs)
        try:
            if len(inputs) != expected or not _all_uploaded(inputs):
                raise gr.Error(UNUSABLE, print_exception=False)
            return await super().process_api(block_fn, inputs, *args, **kwargs)
        except gr.Error:
            raise
        except Exception:
            logging.getLogger(__name__).exception("A request failed outside its handler.")
            raise gr.Error(UNUSABLE, print_exception=False) from None

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Convert a request's values, also where a session has a copy of a widget of its own."""
        for component in block_fn.inputs:
            if state is not None and component._id in state and not component.stateful:
                keep_conversion(component, state[component._id])
        return await super().preprocess_data(block_fn, inputs, state, *args, **kwargs)


def _all_uploaded(value: Any) -> bool:
    """Tell whether every file in a request's values, however deep, is an uploaded one."""
    if isinstance(value, list | tuple):
        return all(map(_all_uploaded, value))
    if not isinstance(value, dict):
        return True
    path = value.get("path")
    if path is not None and not (isinstance(path, str) and is_uploaded(path)):
        return False
    return all(map(_all_uploaded, value.values()))

"""Endpoints for programs alone, which no widget of the page belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr
from gradio.components.api_component import Api
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from generative import images
from generative.images import Picture
from generative.ui.inputs import is_uploaded
from generative.ui.schemas import Schema


def build_endpoint(
    handler: Callable[..., object],
    parameters: Mapping[str, tuple[Schema, Any]],
    results: Mapping[str, Schema],
    *,
    api_name: str,
    api_description: str,
    concurrency_id: str,
) -> None:
    """Add an endpoint to the app.

    Args:
        handler: what it calls; its arguments have the names of the parameters.
        parameters: name → (type, default), None where there is no default. Values arrive as they
            were sent, but files as paths.
        results: label → type, in the order of what the handler returns.
        api_name: of the endpoint.
        api_description: for readers.
        concurrency_id: of the queue.
    """
    given = [_parameter(name, *each) for name, each in parameters.items()]
    returned = [Api(None, schema, label) for label, schema in results.items()]
    gr.Button(visible=False).click(
        handler,
        given,
        returned,
        api_name=api_name,
        api_description=api_description,
        concurrency_id=concurrency_id,
        show_progress="hidden",
    )


def as_file(picture: Picture, name: str, note: str | None = None) -> dict[str, Any]:
    """Return a picture as a PNG file that Gradio serves, with a note inside."""
    path = save_bytes_to_cache(images.encode_png(picture, note), name, get_upload_folder())
    return gr.FileData(path=path, orig_name=name, mime_type="image/png").model_dump()


def _parameter(name: str, schema: Schema, default: Any) -> Api:
    component = Api(default, schema, name)
    if "properties" in schema:
        setattr(component, "preprocess", _path)  # noqa: B010 (mypy: a method)
    return component


def _path(payload: object) -> str | None:
    """Return the path of an uploaded file; None for anything else."""
    path = payload.get("path") if isinstance(payload, dict) else None
    return path if isinstance(path, str) and is_uploaded(path) else None

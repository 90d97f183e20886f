"""Types of the API's parameters and results, as JSON schemas: what Gradio shows and MCP sends.

Gradio's own give neither the range of a number nor more than the class of a result, and describe a
menu of numbers as text.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gradio.data_classes import ImageData

from generative.validation import Range

Schema = dict[str, Any]

RECORD: Schema = {"type": "object"}
URLS: Schema = {"type": "array", "items": {"type": "string"}}
POINTS: Schema = {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}
TEXT: Schema = {"type": "string"}


def number(within: Range) -> Schema:
    """Return the type of a number in a range."""
    if within.whole:
        return {"type": "integer", "minimum": int(within.low), "maximum": int(within.high)}
    return {"type": "number", "minimum": within.low, "maximum": within.high}


def name(choices: Collection[str]) -> Schema:
    """Return the type of one of some names."""
    return {"type": "string", "enum": list(choices)}


def file() -> Schema:
    """Return the type of a file, as Gradio describes an uploaded one."""
    schema = ImageData.model_json_schema()
    schema.pop("description", None)
    return schema


def describe(schema: Schema, meaning: str) -> Schema:
    """Return a schema with what it stands for, and its range: for programs and for readers."""
    text = meaning
    if "minimum" in schema:
        kind = "a whole number" if schema["type"] == "integer" else "a number"
        text += f" ({kind} from {schema['minimum']:g} to {schema['maximum']:.10g})"
    # MCP sends the first; Gradio's page shows the second.
    return {**schema, "description": f"{text}.", "additional_description": f"{text}."}

"""Style transfer: one picture painted in the style of another, watched while it happens.

    for step in generative.style_transfer.stylize(content, style, size=512):
        show(step.image)

Options and their ranges are here without TensorFlow; it is imported with the first painting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generative.style_transfer.options import LiveWeights, Options

if TYPE_CHECKING:
    from generative.style_transfer.engine import StyleStep, stylize
    from generative.style_transfer.look_inside import reconstruct_from_layers

__all__ = ["LiveWeights", "Options", "StyleStep", "reconstruct_from_layers", "stylize"]


def __getattr__(name: str) -> Any:
    if name in ("stylize", "StyleStep"):
        from generative.style_transfer import engine

        return getattr(engine, name)
    if name == "reconstruct_from_layers":
        from generative.style_transfer import look_inside

        return look_inside.reconstruct_from_layers
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

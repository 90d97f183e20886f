"""The settings of the panel: three weights up front, everything else folded away."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import gradio as gr

from generative.style_transfer.options import (
    CONTENT_LAYERS,
    DEFAULT_SIZE,
    DEFAULT_STEPS,
    SIZE,
    STEPS,
    STYLE_LAYERS,
    STYLE_SCALE,
    WEIGHT,
)
from generative.style_transfer.recipe import AS_PAINTED, BUDGET, NO_BUDGET, Recipe
from generative.ui import inputs
from generative.validation import Range

EXPONENT = Range(-2, 2)
"""The sliders of the weights are logarithmic: 10 to the power of this."""

WEIGHTS = {
    "content_weight": "α, content (power of ten)",
    "style_weight": "β, style (power of ten)",
    "total_variation_weight": "Total variation (power of ten)",
}
PRESETS = {"subtle": (2.0, 0.5, 1.0), "balanced": (1.0, 1.0, 1.0), "bold": (0.4, 2.0, 1.0)}
"""α, β and total variation."""

NETWORK_CHOICES = [("Ours, built in", "features"), ("VGG-19 (fetches 80 MB once)", "vgg19")]
COLOUR_CHOICES = [
    ("of the style", AS_PAINTED),
    ("of the content", "luminance"),
    ("style recoloured first", "statistics"),
]
INITIAL_CHOICES = [("the content", "content"), ("noise", "noise")]
OPTIMIZER_CHOICES = [("Adam", "adam"), ("L-BFGS", "lbfgs")]
CONTENT_LAYER_CHOICES = [
    (f"{name}, {how}", f"{name}_conv2")
    for name, how in (
        ("block1", "pixels"),
        ("block2", "fine detail"),
        ("block3", "detail"),
        ("block4", "shapes"),
        ("block5", "arrangement"),
    )
]
TO_WEIGHT = "(exponent) => Number((10 ** exponent).toPrecision(3))"
TO_EXPONENT = "(weight) => Math.min(2, Math.max(-2, Math.log10(Math.max(weight, 0.01))))"


def build_weights() -> dict[str, gr.Number]:
    """Lay out presets and the three weights, each as a logarithmic slider and a number."""
    preset = inputs.choice(
        [(name.capitalize(), name) for name in PRESETS],
        value="balanced",
        label="How strong",
        elem_id="preset",
    )
    numbers, sliders = {}, []
    for name, label in WEIGHTS.items():
        with gr.Row():
            slider = inputs.slider(
                EXPONENT,
                0,
                0.05,
                label=label,
                elem_id=name.replace("_", "-"),
                scale=3,
                min_width=180,
            )
            number = inputs.number(WEIGHT, 1.0, label="weight", scale=1, min_width=90)
        options: dict[str, Any] = {"fn": None, "api_visibility": "private"}
        slider.input(inputs=slider, outputs=number, js=TO_WEIGHT, **options)
        number.input(inputs=number, outputs=slider, js=TO_EXPONENT, **options)
        numbers[name] = number
        sliders.append(slider)
    table = {name: [*weights] for name, weights in PRESETS.items()}
    preset.input(
        fn=None,
        inputs=preset,
        outputs=[*numbers.values(), *sliders],
        js=f"(name) => {{ const w = ({table})[name]; return [...w, ...w.map(Math.log10)]; }}",
        api_visibility="private",
    )
    return numbers


def build_advanced() -> dict[str, Any]:
    """Lay out everything else; return the widgets by the names of the recipe's settings."""
    with gr.Row():
        size = inputs.slider(SIZE, DEFAULT_SIZE, 1, label="Longest side, pixels")
        steps = inputs.slider(STEPS, DEFAULT_STEPS, 1, label="Steps")
        seconds = inputs.slider(
            BUDGET, NO_BUDGET, 1, label="Time budget, seconds (0: by steps)", elem_id="budget"
        )
    with gr.Row():
        network = inputs.choice(NETWORK_CHOICES, value="features", label="Network")
        colour = inputs.choice(COLOUR_CHOICES, value=AS_PAINTED, label="Colours")
    with gr.Row():
        initial = inputs.choice(INITIAL_CHOICES, value="content", label="Start from")
        optimizer = inputs.choice(OPTIMIZER_CHOICES, value="adam", label="Optimizer")
    with gr.Row():
        style_scale = inputs.slider(STYLE_SCALE, 1.0, 0.05, label="Size of the strokes")
        second_weight = inputs.number(WEIGHT, 1.0, label="Weight of the second style beside 1")
        seed = inputs.seed()
    content_layer = inputs.choice(
        CONTENT_LAYER_CHOICES, value=CONTENT_LAYERS[0], label="Layer of the content"
    )
    gr.Markdown("How much each layer counts for the style, from fine to coarse:")
    with gr.Row():
        layers = {
            f"weight_{layer}": inputs.number(
                WEIGHT, 1.0, label=layer.partition("_")[0], min_width=80
            )
            for layer in STYLE_LAYERS
        }
    return {
        "second_weight": second_weight,
        "network": network,
        "size": size,
        "steps": steps,
        "seconds": seconds,
        "style_scale": style_scale,
        "colour": colour,
        "initial": initial,
        "optimizer": optimizer,
        "content_layer": content_layer,
        **layers,
        "seed": seed,
    }


SETTINGS = tuple(
    field.name for field in fields(Recipe) if field.name not in ("content", "style", "second")
)
"""Settings that widgets hold, in the order of the API's arguments."""

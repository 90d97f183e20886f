"""The controls of a painting: three weights up front, every other setting folded away."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.components import Component

from generative.style_transfer.options import (
    CONTENT_LAYERS,
    DEFAULT_SIZE,
    DEFAULT_STEPS,
    FORMS,
    OUR_NETWORK,
    PROCEDURES,
    SIZE,
    STEPS,
    STYLE_LAYERS,
    STYLE_SCALE,
    WEIGHT,
)
from generative.style_transfer.settings import AS_PAINTED, BUDGET, NO_BUDGET
from generative.ui import inputs
from generative.ui.glossary import build_text
from generative.validation import Range

EXPONENT = Range(-2, 2)
"""The sliders of the weights are logarithmic: 10 to the power of this."""

NOTCH = 0.05
"""Step of these sliders."""

SLIDER_WIDTH = 280
"""Pixels that a slider with a long label needs: on a phone, a row of its own."""

WEIGHTS = {
    "content_weight": ("α, content", "α"),
    "style_weight": ("β, style", "β"),
    "total_variation_weight": ("Smoothness (total variation)", "TV"),
}
"""Labels of their sliders and of their numbers."""

PRESETS = {"subtle": (3.0, 0.5, 1.0), "balanced": (1.0, 1.0, 1.0), "bold": (0.3, 3.0, 1.0)}
"""α, β and total variation."""

NETWORK_CHOICES = [
    ("Ours, built in", OUR_NETWORK),
    ("VGG-19 (fetches 80 MB once)", "vgg19"),
    ("VGG-16 (from a file, see --vgg16)", "vgg16"),
]
COLOUR_CHOICES = [
    ("of the style", AS_PAINTED),
    ("of the content", "luminance"),
    ("style recoloured first", "statistics"),
]
INITIAL_CHOICES = [
    ("the content", "content"),
    ("noise, which takes more steps", "noise"),
    ("the draft in one pass", "draft"),
]
OPTIMIZER_CHOICES = [("Adam", "adam"), ("L-BFGS", "lbfgs")]
PROCEDURE_CHOICES = [
    ("octaves: strokes, and forms behind them", "octaves"),
    ("pyramid: large soft forms, few strokes", "pyramid"),
    ("pixels: strokes alone, as Gatys et al. painted (200 steps are usual)", "pixels"),
]
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
TO_EXPONENT = f"""(weight, exponent) => {{
    if (weight === null) return exponent; // It is still being typed.
    const notches = Math.round(Math.log10(Math.max(weight, 1e-9)) / {NOTCH});
    return Math.min({EXPONENT.high}, Math.max({EXPONENT.low}, notches * {NOTCH}));
}}"""
TO_PRESET = """(...weights) => {
    const found = Object.entries(%s).find(([, each]) => each.every((w, i) => w === weights[i]));
    return found ? found[0] : null;
}"""


def build_weights() -> dict[str, gr.Number]:
    """Lay out presets and the three weights, each as a logarithmic slider and a number.

    The numbers count; presets and sliders follow them, whichever was changed.
    """
    numbers = {}
    options: dict[str, Any] = {"fn": None, "api_visibility": "private"}
    with gr.Row(elem_id="weights"):
        preset = inputs.choice(
            [(name.capitalize(), name) for name in PRESETS],
            value="balanced",
            label="How strong",
            elem_id="preset",
            min_width=280,
        )
        for name, (label, short) in WEIGHTS.items():
            with gr.Row():
                slider = inputs.slider(
                    EXPONENT,
                    0,
                    NOTCH,
                    label=label,
                    elem_id=name.replace("_", "-"),
                    elem_classes="exponent",
                    scale=3,
                    min_width=140,
                )
                number = inputs.number(WEIGHT, 1.0, label=short, scale=1, min_width=70)
            slider.input(inputs=slider, outputs=number, js=TO_WEIGHT, **options)
            number.change(inputs=[number, slider], outputs=slider, js=TO_EXPONENT, **options)
            numbers[name] = number
    table = {name: [*weights] for name, weights in PRESETS.items()}
    three = [*numbers.values()]
    preset.input(inputs=preset, outputs=three, js=f"(name) => ({table})[name]", **options)
    gr.on(
        [number.change for number in three],
        inputs=three,
        outputs=preset,
        js=TO_PRESET % table,
        **options,
    )
    return numbers


def build_advanced() -> dict[str, Component]:
    """Lay out everything else; return the widgets by the names of `PaintingSettings`."""
    with gr.Row():
        size = inputs.slider(
            SIZE, DEFAULT_SIZE, 1, label="Longest side, pixels", min_width=SLIDER_WIDTH
        )
        steps = inputs.slider(STEPS, DEFAULT_STEPS, 1, label="Steps", min_width=SLIDER_WIDTH)
        seconds = inputs.slider(
            BUDGET,
            NO_BUDGET,
            1,
            label="Time budget, seconds (0: by steps)",
            elem_id="budget",
            min_width=SLIDER_WIDTH,
        )
    with gr.Row():
        style_scale = inputs.slider(
            STYLE_SCALE, 1.0, 0.05, label="Size of the strokes", min_width=SLIDER_WIDTH
        )
        forms = inputs.slider(FORMS, 1.0, 0.05, label="Size of the forms", min_width=SLIDER_WIDTH)
        seed = inputs.seed()
    with gr.Row():
        colour = inputs.choice(COLOUR_CHOICES, value=AS_PAINTED, label="Colours", min_width=280)
        initial = inputs.choice(INITIAL_CHOICES, value="content", label="Start from")
    return {
        "size": size,
        "steps": steps,
        "seconds": seconds,
        "style_scale": style_scale,
        "colour": colour,
        "initial": initial,
        "seed": seed,
        "forms": forms,
        **_build_inner_workings(),
    }


def _build_inner_workings() -> dict[str, Component]:
    """Lay out what is rarely changed, folded away."""
    with gr.Accordion("Procedure, network and layers", open=False, elem_id="inner-workings"):
        procedure = inputs.choice(PROCEDURE_CHOICES, value=PROCEDURES[0], label="Procedure")
        with gr.Row():
            network = inputs.choice(
                NETWORK_CHOICES, value=OUR_NETWORK, label="Network", min_width=280
            )
            optimizer = inputs.choice(OPTIMIZER_CHOICES, value="adam", label="Optimizer")
        content_layer = inputs.choice(
            CONTENT_LAYER_CHOICES, value=CONTENT_LAYERS[0], label="Layer of the content"
        )
        build_text("How much each layer counts for the style, from fine to coarse:")
        with gr.Row(elem_id="layer-weights"):
            layers = {
                f"weight_{layer}": inputs.number(
                    WEIGHT, 1.0, label=layer.partition("_")[0], min_width=80
                )
                for layer in STYLE_LAYERS
            }
    return {
        "procedure": procedure,
        "network": network,
        "optimizer": optimizer,
        "content_layer": content_layer,
        **layers,
    }

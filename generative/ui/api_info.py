"""What the API page says of every parameter: meaning, unit, range, default."""

from __future__ import annotations

from typing import Any

from gradio_client.utils import json_schema_to_python_type

from generative.models import choices, with_role
from generative.ui import schemas

PARAMETERS = {
    "picture": "A picture file: one digit or garment, used as it is if it has 28×28 pixels, else "
    "prepared as the data set was",
    "a": "A picture file, the first",
    "b": "A picture file, the second",
    "c": "A picture file, the third",
    "dataset": "What the picture shows or is to show: digits (mnist) or garments (fashion_mnist)",
    "model": f"Variational autoencoder: {choices('latent space')}",
    "kind": "Kind of noise",
    "level": "Level of the noise: of Gaussian noise the standard deviation, of speckle half of it, "
    "of the others the share of pixels",
    "seed": "Seed of what is random: the same one gives the same result",
    "rate": "Learning rate",
    "n": "Number of samples",
    "temperature": "Scales every deviation of the latents from their mean; 0 gives the mean",
    "source": "Where the latents come from",
    "label": "Class: every, for all in turn, or the name of one of the data set's; for "
    f"{with_role('told the class').name} only",
    "latents": "Latents: a list of points, each a list of as many numbers from -100 to 100 as the "
    "model has latents",
    "steps": "Number of steps",
    "path": "Way through the latent space: a straight line, or a great circle (slerp)",
    "target": "Number of the class to go to, in the data set's order",
    "amount": "How far to go; 1 is the whole difference of the classes",
    "content": "The picture file to paint",
    "style": "The picture file to take the style from",
    "content_weight": "α, how much of the content is kept; 1 is balanced",
    "style_weight": "β, how strong the style is; 1 is balanced",
    "total_variation_weight": "How smooth the painting is; 1 is balanced",
    "second_weight": "Weight of the second style, beside 1 for the first",
    "third_weight": "Weight of the third style, beside 1 for the first",
    "network": "Network that judges likeness; vgg19 is downloaded once, 80 MB",
    "size": "Longest side of the painting, in pixels",
    "seconds": "Time budget in seconds, which then decides the number of steps; 0 for none",
    "forms": "Size of the forms: below 1 for fine texture, above it for large forms",
    "style_scale": "Size of the strokes; 1 leaves the style picture as large as the painting",
    "strength": "How far from the photo to the painting: 0 returns the photo, 1 is the whole style",
    "colour": "Whose colours: the style's, the content's (luminance), or the style's after it was "
    "recoloured (statistics)",
    "initial": "What the painting starts from",
    "optimizer": "Optimizer of the pixels",
    "procedure": "How it is painted: octaves for strokes and forms, pyramid for large soft forms, "
    "pixels for strokes alone",
    "content_layer": "Layer whose view of the content is kept",
    "second_style": "A second picture file to take the style from; none by default",
    "third_style": "A third picture file to take the style from; none by default",
    "mask": "A picture file of the content's proportions, white where to paint; none by default",
    "layers": "Layers to rebuild from, a list",
    **{
        f"weight_block{block}_conv1": f"Weight of block {block} among the style's layers"
        for block in range(1, 6)
    },
}
"""What a parameter of this name means, wherever there is no other meaning below."""

ELSEWHERE = {
    ("attribute", "source"): "Number of the class to leave, in the data set's order",
    ("reconstruct_from_layers", "picture"): "A picture file of any size",
    ("reconstruct_from_layers", "kind"): "What to rebuild the picture from",
    ("interpolate", "steps"): "Number of pictures from one end to the other",
    ("stylize", "steps"): "Number of steps of the optimizer",
    ("stylize_tool", "steps"): "Number of steps of the optimizer",
    ("interpolate_tool", "steps"): "Number of pictures from one end to the other",
    ("denoise_tool", "model"): f"Network: {choices('denoising')}",
    ("denoise_tool", "kind"): "Kind of noise to add first; none, to remove the noise there is",
    ("reconstruct_tool", "model"): "Autoencoder",
}
"""(endpoint, parameter) → its meaning there."""

RESULTS = {
    "Html": ("Result, as the page shows it", "HTML"),
    "Markdown": ("Progress", "A sentence"),
    "Json": ("Figures", "An object that the endpoint's description explains"),
    "Image": (None, "A PNG file"),
    "Imageslider": (None, "Two PNG files"),
}
"""What a kind of result is called where it has no name, and what it is."""


def complete(info: Any) -> Any:
    """Return Gradio's description of an app's endpoints, made complete and true."""
    for path, endpoint in info["named_endpoints"].items():
        for parameter in endpoint["parameters"]:
            _complete_parameter(path.lstrip("/"), parameter)
        for result in endpoint["returns"]:
            _complete_result(result)
    return info


def _complete_parameter(endpoint: str, parameter: dict[str, Any]) -> None:
    name = parameter["parameter_name"]
    meaning = ELSEWHERE.get((endpoint, name)) or PARAMETERS.get(name)
    if meaning is None:
        return
    schema = schemas.describe(parameter["type"], meaning)
    parameter["type"] = schema
    parameter["python_type"] = {
        "type": json_schema_to_python_type(schema),
        "description": schema["description"],
    }
    if parameter["component"] == "Api":
        parameter["label"] = name
    if isinstance(parameter["parameter_default"], dict):
        # A picture of the page's, by its path on this machine: nothing that a program can use.
        parameter["parameter_has_default"] = False
        parameter["parameter_default"] = None


def _complete_result(result: dict[str, Any]) -> None:
    label, meaning = RESULTS.get(result["component"], (None, ""))
    if label and result["label"].startswith("value_"):
        result["label"] = label
    if result["component"] == "Json":
        result["type"] = schemas.RECORD
        result["python_type"] = {"type": "dict", "description": meaning}
    elif meaning:
        result["python_type"] = {**result["python_type"], "description": meaning}

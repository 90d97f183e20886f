"""The settings of a painting as text: kept inside the PNG, and read back from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from generative.errors import InputError
from generative.style_transfer.options import (
    COLOURS,
    CONTENT_LAYERS,
    DEFAULT_SIZE,
    DEFAULT_STEPS,
    FORMS,
    INITIALS,
    NETWORKS,
    OPTIMIZERS,
    OUR_NETWORK,
    PROCEDURES,
    SECONDS,
    SIZE,
    STEPS,
    STYLE_LAYERS,
    STYLE_SCALE,
    WEIGHT,
    PaintingOptions,
)
from generative.validation import SEED, Range, check_choice

FORMAT = 1
NO_BUDGET = 0
AS_PAINTED = "style"
"""Neither of `COLOURS`: the style's own colours."""

BUDGET = Range(NO_BUDGET, SECONDS.high)
RANGES = {
    "content_weight": WEIGHT,
    "style_weight": WEIGHT,
    "total_variation_weight": WEIGHT,
    "second_weight": WEIGHT,
    "third_weight": WEIGHT,
    **{f"weight_{layer}": WEIGHT for layer in STYLE_LAYERS},
    "size": SIZE,
    "steps": STEPS,
    "seconds": BUDGET,
    "style_scale": STYLE_SCALE,
    "forms": FORMS,
    "seed": SEED,
}
TITLES = {
    "content_weight": "content weight α",
    "style_weight": "style weight β",
    "second": "second style",
    "third": "third style",
    "masked": "whether there was a mask",
    "alone": "whether the settings alone make the picture",
    "turned": "whether weights changed during painting",
    "initial": "start",
    "size": "longest side",
    "steps": "number of steps",
    "seconds": "time budget in seconds",
    "style_scale": "size of the strokes",
    "forms": "size of the forms",
    "second_weight": "weight of the second style",
    "third_weight": "weight of the third style",
    **{f"weight_{layer}": f"weight of {layer.partition('_')[0]}" for layer in STYLE_LAYERS},
}
"""What the settings are called on the page, where that is not their name."""

NONE = "none"
"""Stands for the second or third style where there is none."""

NAMES = ("content", "style", "second", "third", "content_layer")
FLAGS = ("masked", "alone", "turned")
CHOICES = {
    "network": NETWORKS,
    "colour": (AS_PAINTED, *COLOURS),
    "initial": INITIALS,
    "optimizer": OPTIMIZERS,
    "procedure": PROCEDURES,
}


@dataclass(frozen=True)
class PaintingSettings:
    """Every setting of a painting, as its widgets hold it, and what they leave out.

    Attributes:
        content, style, second, third: names of example pictures; empty for the visitor's own.
        masked: whether there was a mask, which is not kept.
        alone: whether the settings alone make the picture again: no weight was turned on the way,
            and it was neither stopped nor continued.
        turned: whether weights were changed while it was painted; those kept are the last.
        steps: of the plan; those that were made, where they are others.
        seconds: a time budget; `NO_BUDGET` for none.
        second_weight, third_weight: of these styles beside the first's 1.
        colour: whose colours: `AS_PAINTED` or one of `COLOURS`.

    Raises:
        InputError: a number out of range or an unknown name.
    """

    content: str = ""
    style: str = ""
    second: str = NONE
    third: str = NONE
    masked: bool = False
    alone: bool = True
    turned: bool = False
    content_weight: float = 1.0
    style_weight: float = 1.0
    total_variation_weight: float = 1.0
    second_weight: float = 1.0
    third_weight: float = 1.0
    network: str = OUR_NETWORK
    size: int = DEFAULT_SIZE
    steps: int = DEFAULT_STEPS
    seconds: float = NO_BUDGET
    style_scale: float = 1.0
    colour: str = AS_PAINTED
    initial: str = INITIALS[0]
    optimizer: str = OPTIMIZERS[0]
    content_layer: str = CONTENT_LAYERS[0]
    weight_block1_conv1: float = 1.0
    weight_block2_conv1: float = 1.0
    weight_block3_conv1: float = 1.0
    weight_block4_conv1: float = 1.0
    weight_block5_conv1: float = 1.0
    seed: int = 0
    forms: float = 1.0
    procedure: str = PROCEDURES[0]

    def __post_init__(self) -> None:
        for name, within in RANGES.items():
            within.check(title(name), getattr(self, name))
        if NO_BUDGET < self.seconds < SECONDS.low:
            raise InputError(
                f"Invalid {title('seconds')}. Expected {NO_BUDGET} for none, or a number from "
                f"{SECONDS.low} to {SECONDS.high}. Received: {self.seconds:g}."
            )
        for name, known in CHOICES.items():
            check_choice(title(name), getattr(self, name), known)
        for name in FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"Unclear {title(name)}. Expected true or false.")

    def options(self) -> PaintingOptions:
        """Return what `stylize` is to be called with, pictures left out."""
        return {
            "content_weight": self.content_weight,
            "style_weight": self.style_weight,
            "total_variation_weight": self.total_variation_weight,
            "network": self.network,
            "size": int(self.size),
            "steps": int(self.steps),
            "seconds": self.seconds if self.seconds > NO_BUDGET else None,
            "style_scale": self.style_scale,
            "forms": self.forms,
            "preserve_color": None if self.colour == AS_PAINTED else self.colour,
            "initial": self.initial,
            "procedure": self.procedure,
            "optimizer": self.optimizer,
            "content_layers": (self.content_layer,),
            "layer_weights": {x: getattr(self, f"weight_{x}") for x in STYLE_LAYERS},
            "seed": int(self.seed),
        }

    def to_text(self) -> str:
        """Return the settings as JSON."""
        return json.dumps({"format": FORMAT, "style_transfer": asdict(self)})

    @classmethod
    def from_text(cls, text: str) -> PaintingSettings:
        """Return the settings that `to_text` wrote; what is missing is as by default.

        Raises:
            InputError: not such a text, of a newer format, or a setting that cannot be used.
        """
        settings = _settings(text)
        return cls(**{name: settings[name] for name in asdict(cls()) if name in settings})


SETTINGS = tuple(
    field.name
    for field in fields(PaintingSettings)
    if field.name not in ("content", "style", "second", "third", *FLAGS)
)
"""Settings that have a widget each."""

YOUNGER = ("procedure", "third_weight", "third_style")
ARGUMENTS = (
    "content",
    "style",
    *(name for name in SETTINGS if name not in YOUNGER),
    "second_style",
    "mask",
    *YOUNGER,
)
"""Of the API, in its order. It never changes: what is younger comes last."""


def remarks_on(text: str) -> list[str]:
    """Return sentences on what the text of `PaintingSettings.to_text` lacks, and has too much."""
    settings, known = _settings(text), asdict(PaintingSettings())
    remarks = []
    missing = [title(name) for name in known if name not in settings]
    if missing:
        remarks.append(f"Missing, so set to the default: {', '.join(missing)}.")
    foreign = len(settings.keys() - known)
    if foreign:
        remarks.append(f"Ignored, as this version does not know them: {foreign} more.")
    return remarks


def title(name: str) -> str:
    """Return what a setting is called on the page."""
    return TITLES.get(name, name.replace("_", " "))


def _settings(text: str) -> dict[str, Any]:
    """Return the settings in a text, of types that `PaintingSettings` can check.

    Raises:
        InputError: there are none, or they are of another format.
    """
    try:
        kept = json.loads(text)
        found, version = kept["style_transfer"], kept.get("format", FORMAT)
        if not found.keys() & asdict(PaintingSettings()):
            raise KeyError
        if not all(isinstance(found.get(name, ""), str) for name in NAMES):
            raise TypeError
        if type(version) is not int or version < 1:
            raise TypeError
    except Exception as error:  # Anything can be inside a file that a stranger made.
        raise InputError(
            "The settings inside the file cannot be read: expected a PNG that was downloaded "
            "here, as it was saved."
        ) from error
    if version > FORMAT:
        raise InputError(
            "The settings inside the file are of a newer format than the one that this version "
            f"knows ({FORMAT}): update the program, or choose the settings by hand."
        )
    return dict(found)

"""The options of style transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict

from generative.errors import InputError
from generative.style_transfer.picture_checks import Mask, Pixels
from generative.validation import SEED, Range, check_choice

if TYPE_CHECKING:
    from generative.style_transfer.features import FeatureNetwork, Networks

WEIGHT = Range(0, 1000)
SIZE = Range(64, 2048, whole=True)
STEPS = Range(1, 5000, whole=True)
MORE_STEPS = Range(0, 5000, whole=True)
SECONDS = Range(1, 3600)
STYLE_SCALE = Range(0.25, 4)
FORMS = Range(0.25, 4)
STRENGTH = Range(0, 1)
"""Of a painting in one pass: 0 is the photo."""

MOST_STYLES = 8
MOST_KEPT = 8
"""Paintings kept so that they can be continued; one of 2048 pixels takes 200 MB."""

OUR_NETWORK = "features"
"""Ships with the program."""

NETWORKS = (OUR_NETWORK, "vgg19", "vgg16")
VGG16_VARIABLE = "VGG16_WEIGHTS"
"""The environment variable that names the file with the weights of VGG-16."""

PROCEDURES = ("octaves", "pyramid", "pixels")
OPTIMIZERS = ("adam", "lbfgs")
COLOURS = ("luminance", "statistics")
DRAFT = "draft"
INITIALS = ("content", "noise", DRAFT)
DEFAULT_SIZE = 512
DEFAULT_STEPS = 102
CONTENT_LAYERS = ("block4_conv2",)
STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 6))


@dataclass(frozen=True)
class Balance:
    """α, β and the weight of total variation; 1 is a sensible value of each, 0 switches one off.

    Attributes:
        styles: of each style beside the others; none leaves them as they are.

    Raises:
        InputError: a weight that is negative or not a number, α = β = 0, or all styles at 0.
    """

    content: float = 1.0
    style: float = 1.0
    total_variation: float = 1.0
    styles: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        WEIGHT.check("content weight α", self.content)
        WEIGHT.check("style weight β", self.style)
        WEIGHT.check("total variation weight", self.total_variation)
        if self.content == 0 and self.style == 0:
            raise InputError(
                "Invalid weights. Expected a content weight α or a style weight β above 0. "
                "Received: 0 for both."
            )
        if not isinstance(self.styles, tuple):
            raise InputError(
                "Invalid weights of the styles. Expected a tuple of numbers, one a style."
            )
        for weight in self.styles:
            WEIGHT.check("weight of a style", weight)
        if self.styles and not any(self.styles):
            raise InputError("Every style has weight 0: give at least one of them more.")


class LiveWeights:
    """The weights of a running transfer, which may be turned meanwhile.

    All are swapped at once, so that no step is made with some of the old and some of the new.
    A weight that cannot be used is refused at once, and the transfer goes on as before.

    Attributes:
        now: the weights of the next step.

    Raises:
        InputError: see `Balance`.
    """

    __slots__ = ("now",)  # Setting a weight on this is an error: it would change nothing.

    def __init__(
        self,
        content: float = 1.0,
        style: float = 1.0,
        total_variation: float = 1.0,
        styles: tuple[float, ...] = (),
    ) -> None:
        self.now = Balance(content, style, total_variation, styles)

    def turn(self, **weights: Any) -> None:
        """Change some weights, by the names of `Balance`, from the next step on.

        Raises:
            InputError: see `Balance`; or an unknown name.
        """
        for name in weights:
            check_choice("weight", name, asdict(self.now))
        self.now = replace(self.now, **weights)


@dataclass(frozen=True)
class Options:
    """How to paint a picture.

    Attributes:
        content_weight, style_weight, total_variation_weight: see `Balance`.
        layer_weights: style layer → its weight among the style layers; all 1 by default.
        content_layers: layers that keep the content.
        styles: (picture, weight) pairs, to blend several styles.
        style_scale: size of the style's strokes: 1 leaves the style picture as large as the result.
        size: longest side of the result, pixels.
        steps: over all scales, each of which gets one at least; `stylize` makes as many as suit
            the procedure if none are given.
        seconds: a time budget, which then decides the number of steps.
        initial: "content" (in the style's colours, unless the content's are to be kept, with soft
            patches of colour where the content is bare), "noise", "draft" (painted in one pass), or
            a picture of the content's proportions.
        preserve_color: None, "luminance" (paint in grey, put the content's colours over it) or
            "statistics" (give the style picture the content's colours first).
        content_mask: (height, width) uint8 of the content's proportions, 255 where to paint;
            elsewhere the content stays as it is.
        style_regions: one mask of the content's proportions for each of `styles`: where it belongs.
        forms: how much the style at 1/2 and 1/4 of the size weighs, 1 being usual: less for fine
            texture, more for large forms.
        procedure: "octaves"; "pyramid" for large soft forms; or "pixels", with the style at the
            picture's own size alone and one network.
        optimizer: "adam", or "lbfgs" (SciPy's).
        network: "features" (our own), "vgg19" or "vgg16"; or a `FeatureNetwork`, or `Networks`.
        seed: of the noise, and of the patches.

    Raises:
        InputError: anything that cannot be used, in one sentence.
    """

    content_weight: float = 1.0
    style_weight: float = 1.0
    total_variation_weight: float = 1.0
    layer_weights: Mapping[str, float] = field(default_factory=dict)
    content_layers: Sequence[str] = CONTENT_LAYERS
    styles: Sequence[tuple[Pixels, float]] = ()
    style_scale: float = 1.0
    size: int = DEFAULT_SIZE
    steps: int = DEFAULT_STEPS
    seconds: float | None = None
    initial: str | Pixels = "content"
    preserve_color: str | None = None
    content_mask: Mask | None = None
    style_regions: Sequence[Mask] = ()
    forms: float = 1.0
    procedure: str = PROCEDURES[0]
    optimizer: str = "adam"
    network: str | FeatureNetwork | Networks = OUR_NETWORK
    seed: int = 0

    def __post_init__(self) -> None:
        self.weights()
        STYLE_SCALE.check("size of the strokes", self.style_scale)
        FORMS.check("size of the forms", self.forms)
        SIZE.check("size", self.size)
        STEPS.check("number of steps", self.steps)
        SEED.check("seed", self.seed)
        if self.seconds is not None:
            SECONDS.check("time budget in seconds", self.seconds)
        if self.preserve_color is not None:
            check_choice("way to keep colours", self.preserve_color, COLOURS)
        if isinstance(self.initial, str):
            check_choice("start", self.initial, INITIALS)
        check_choice("procedure", self.procedure, PROCEDURES)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        if isinstance(self.network, str):
            check_choice("network", self.network, NETWORKS)
        self._check_styles()

    def weights(self) -> LiveWeights:
        """Return the three weights that may change while the transfer runs."""
        return LiveWeights(self.content_weight, self.style_weight, self.total_variation_weight)

    def check_layers(self, network: FeatureNetwork) -> None:
        """Raise `InputError` if a layer is not one of the network's."""
        if isinstance(self.content_layers, str) or not isinstance(self.content_layers, Sequence):
            raise InputError(
                "Invalid content layers. Expected a list of names, such as block3_conv2."
            )
        if not self.content_layers:
            raise InputError("There is no content layer: name at least one, such as block3_conv2.")
        for layer in self.content_layers:
            check_choice("content layer", layer, network.layers)
        if not isinstance(self.layer_weights, Mapping):
            raise InputError("Invalid layer weights. Expected a dictionary from layer to weight.")
        for layer, weight in self.layer_weights.items():
            check_choice("style layer", layer, STYLE_LAYERS)
            WEIGHT.check(f"weight of the style layer {layer}", weight)
        if not any(self.layer_weights.get(layer, 1) > 0 for layer in STYLE_LAYERS):
            raise InputError("Every style layer has weight 0: give at least one of them more.")

    def _check_styles(self) -> None:
        if not isinstance(self.styles, Sequence) or not all(
            isinstance(each, Sequence) and len(each) == 2 for each in self.styles
        ):
            raise InputError("Invalid styles. Expected a list of pairs (picture, weight).")
        if not isinstance(self.style_regions, Sequence):
            raise InputError("Invalid style regions. Expected a list of masks, one a style.")
        if len(self.styles) > MOST_STYLES:
            raise InputError(
                f"There are too many styles: expected at most {MOST_STYLES}, received "
                f"{len(self.styles)}."
            )
        for _, weight in self.styles:
            WEIGHT.check("weight of a style", weight)
        if self.style_regions and len(self.style_regions) != len(self.styles):
            raise InputError(
                f"Expected a region for each of the {len(self.styles)} styles, received "
                f"{len(self.style_regions)}: give as many masks as styles, or none."
            )


class PaintingOptions(TypedDict, total=False):
    """Some of the attributes of `Options`, by name: what callers of `stylize` give."""

    content_weight: float
    style_weight: float
    total_variation_weight: float
    layer_weights: Mapping[str, float]
    content_layers: Sequence[str]
    styles: Sequence[tuple[Pixels, float]]
    style_scale: float
    size: int
    steps: int
    seconds: float | None
    initial: str | Pixels
    preserve_color: str | None
    content_mask: Mask | None
    style_regions: Sequence[Mask]
    forms: float
    procedure: str
    optimizer: str
    network: str | FeatureNetwork | Networks
    seed: int

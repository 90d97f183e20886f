"""Style transfer by optimisation: the loop around objective and descent.

    for step in stylize(content, style, size=512):
        show(step.image)

From coarse to fine: at every scale the targets are computed once, then one compiled step after the
other moves the pixels downhill. The weights are read anew at every step, so whoever holds them can
turn them while the picture is being painted. Closing the generator stops within one step.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.backend import tf
from generative.errors import InputError, TransferError
from generative.style_transfer import colours, descent, networks, schedule
from generative.style_transfer.descent import Iterate
from generative.style_transfer.features import FeatureNetwork, stride
from generative.style_transfer.objective import PADDING, Losses, Objective, Targets, Weights, blend
from generative.style_transfer.options import (
    MIN_SIDE,
    STEPS,
    STYLE_LAYERS,
    LiveWeights,
    Mask,
    Options,
    Pixels,
    check_mask,
    check_picture,
    check_result,
    no_picture,
)
from generative.style_transfer.schedule import Scale
from generative.style_transfer.state import State
from generative.style_transfer.tiles import TiledObjective
from generative.training import precision

AT_ONCE = 1_200_000
"""Pixels of a picture whose gradient is computed in one piece; a larger one is done by tiles."""

NOISE_STDDEV = 0.06
"""Of the noise to start from, around grey: what deep layers are blind to stays in the result."""

TIMED_STEPS = 3
"""Steps of the first scale after which a time budget is planned; the first one compiles."""


@dataclass(frozen=True)
class StyleStep:
    """The picture after one step.

    Attributes:
        image: (h, w, 3) uint8; of the scale being painted, so smaller than the result at first.
        step: steps done, of `total_steps`.
        total_steps: planned; with a time budget, the plan so far.
        eta_seconds: expected until the end.
        content_loss, style_loss, tv_loss: before α, β and the weight.
        layer_losses: style layer → its own style loss; the style loss is their weighted mean.
        state: to go on from here, see `stylize`; None where the step is shown and kept elsewhere.
    """

    image: Pixels
    step: int
    total_steps: int
    eta_seconds: float
    content_loss: float
    style_loss: float
    tv_loss: float
    layer_losses: dict[str, float]
    state: State | None


def stylize(
    content: Pixels,
    style: Pixels | None = None,
    *,
    weights: LiveWeights | None = None,
    resume: State | None = None,
    **options: Any,
) -> Generator[StyleStep, None, None]:
    """Paint `content` in the style of `style`, yielding the picture after every step.

    Args:
        content: (height, width, 3) uint8; its proportions are kept.
        style: the same, of any size; None if the option `styles` names several.
        weights: may be changed by the caller while the transfer runs; take the place of the three
            weights among the options.
        resume: the state of an earlier step of the same pictures and options: what follows is
            what would have followed then (for "adam"; "lbfgs" begins a new approximation).
        **options: the attributes of `Options`.

    Yields:
        A `StyleStep` a step; none where L-BFGS finds nothing lower than the start. Pictures of more
        than `AT_ONCE` pixels also yield between tiles, the picture then being that of the step
        before.

    Raises:
        InputError: a picture or an option that cannot be used.
        CheckpointError, DataError: the network is not here.
        TransferError: the loss is no longer a number; the picture of the step before is good.
    """
    unknown = options.keys() - {field.name for field in fields(Options)}
    if unknown:
        raise InputError(f"There is no option {', '.join(sorted(unknown))} of style transfer.")
    chosen = Options(**options)
    if weights is not None and not isinstance(weights, LiveWeights):
        raise InputError("Invalid weights. Expected a LiveWeights.")
    if resume is not None and not isinstance(resume, State):
        raise InputError(
            "Invalid state to resume from. Expected a State, as every StyleStep has one."
        )
    content = check_picture("content", content)
    styles = [*chosen.styles] if style is None else [(style, 1.0), *chosen.styles]
    if not styles:
        raise no_picture("style")
    if not any(weight > 0 for _, weight in styles):
        raise InputError("Every style has weight 0: give at least one of them more.")
    for picture, _ in styles:
        check_picture("style", picture)
    return _Transfer(content, styles, chosen, weights or chosen.weights()).run(resume)


class _Transfer:
    """One picture being painted."""

    def __init__(
        self,
        content: Pixels,
        styles: Sequence[tuple[Pixels, float]],
        options: Options,
        weights: LiveWeights,
    ) -> None:
        self.options, self.weights = options, weights
        network = options.network
        if isinstance(network, str):
            network = networks.load(network)
        if not isinstance(network, FeatureNetwork):
            raise InputError("Invalid network. Expected a FeatureNetwork, or the name of one.")
        options.check_layers(network)
        self.objective = objective(network, tuple(options.content_layers), precision.fastest())
        self.layer_weights = {
            name: tf.constant(float(options.layer_weights.get(name, 1))) for name in STYLE_LAYERS
        }
        check_result(content.shape[1], content.shape[0], options.size)
        height, width = schedule.fit(content.shape[0], content.shape[1], options.size)
        self.content = resize(content, height, width)
        mask = options.content_mask
        self.mask = None if mask is None else _fitted("mask", mask, content, height, width)
        self.regions = [
            _fitted("region of a style", region, content, height, width)
            for region in options.style_regions
        ]
        if self.regions and len(self.regions) != len(styles):
            raise InputError("Style regions need all styles among `styles`, and no other.")
        if not isinstance(options.initial, str):
            _check_initial(options.initial, options.size, height, width)
        longest = options.style_scale * options.size
        self.styles = [(shrink(picture, longest), weight) for picture, weight in styles]
        if options.preserve_color == "statistics":
            self.styles = [
                (colours.match_colours(picture, [self.content]), weight)
                for picture, weight in self.styles
            ]
        self.scales = schedule.plan(
            height, width, options.steps, options.more_steps, schedule.coarsest(options.initial)
        )
        self._spent = _Stopwatch()
        self._losses: Losses | None = None

    def run(self, resume: State | None) -> Generator[StyleStep, None, None]:
        """Yield the steps from the beginning, or from where `resume` says."""
        at, done, first_step = 0, 0, 0
        iterate: Iterate | None = None
        if resume is not None:
            at, done, first_step, iterate = self._resumed(resume)
        for index in range(at, len(self.scales)):
            scale = self.scales[index]
            if iterate is None:
                iterate = descent.start(self._first_picture(scale))
            elif iterate.picture.shape[1:3] != (scale.height, scale.width):
                iterate = descent.enlarge(iterate, scale.height, scale.width)
            yield from self._paint(index, iterate, first_step, done)
            iterate, done, first_step = self._latest.iterate, self._latest.done, 0

    def _resumed(self, state: State) -> tuple[int, int, int, Iterate]:
        shape = tuple(state.iterate.picture.shape[1:3])
        sizes = [(scale.height, scale.width) for scale in self.scales]
        if state.scale >= len(sizes) or shape != sizes[state.scale]:
            raise InputError(
                "The saved style transfer is of another picture or size: give the ones that it "
                "was begun with, or start anew."
            )
        return state.scale, state.done, state.step, state.iterate

    def _paint(self, index: int, iterate: Iterate, step: int, done: int) -> Iterator[StyleStep]:
        """Yield the steps of one scale."""
        self._latest = State(index, step, done, iterate)
        scale = self.scales[index]
        if step >= scale.steps:  # Resumed from the last step of a scale.
            return
        method = self._lbfgs if self.options.optimizer == "lbfgs" else self._adam
        first_step, targets = step, self._targets(scale)
        descending = method(scale, iterate, targets, self.scales[index].steps - step)
        begun = time.perf_counter()
        try:
            for losses, reached in descending:
                if losses is None:  # A tile is done, and the step is not.
                    if self._losses is not None:
                        yield self._report(index, self._losses)
                    continue
                step, done = step + 1, done + 1
                seconds = time.perf_counter() - begun
                check_finite(losses.total, reached.picture)
                self._spent.step(scale.pixels, seconds)
                self._latest = State(index, step, done, reached)
                if self.options.seconds is not None:
                    self._replan(index, step)
                self._losses = losses
                yield self._report(index, losses)
                if step >= self.scales[index].steps:
                    return
                begun = time.perf_counter()
        finally:
            descending.close()
        # L-BFGS finds nothing lower: the rest of the plan is not needed.
        self.scales[index] = replace(self.scales[index], steps=step)
        if self._losses is not None:
            if step == first_step:  # What there is was measured at the scale before.
                self._losses, _ = self._value_and_gradient(scale, iterate.picture, targets)
            yield self._report(index, self._losses)

    def _adam(
        self, scale: Scale, iterate: Iterate, targets: Targets, steps: int
    ) -> Generator[tuple[Losses | None, Iterate], None, None]:
        del steps  # The caller closes this when it has enough.
        if scale.pixels <= AT_ONCE:
            while True:
                losses, iterate = adam_step(self.objective)(iterate, targets, self._weights())
                yield losses, iterate
        tiled = tiled_objective(self.objective)
        while True:
            for found in tiled.value_and_gradient(iterate.picture, targets, self._weights()):
                if found is None:
                    yield None, iterate
                    continue
                losses, gradient = found
                iterate = _descend(iterate, gradient)
                yield losses, iterate

    def _lbfgs(
        self, scale: Scale, iterate: Iterate, targets: Targets, steps: int
    ) -> Generator[tuple[Losses | None, Iterate], None, None]:
        shape = iterate.picture.shape
        found: list[Losses] = []

        def function(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            picture = tf.constant(flat.reshape(shape), tf.float32)
            losses, gradient = self._value_and_gradient(scale, picture, targets)
            check_finite(losses.total, gradient)  # SciPy would end without a word.
            found[:] = [losses]
            return float(losses.total), gradient.numpy().astype(np.float64).ravel()

        first = iterate.picture.numpy().astype(np.float64).ravel()
        most = steps if self.options.seconds is None else int(STEPS.high)
        for flat in descent.lbfgs(function, first, max(1, most)):
            # No mean of iterates here: every one is the lowest so far.
            iterate = descent.start(tf.constant(flat.reshape(shape), tf.float32))
            yield found[0], iterate

    def _value_and_gradient(
        self, scale: Scale, picture: Any, targets: Targets
    ) -> tuple[Losses, Any]:
        if scale.pixels <= AT_ONCE:
            return value_and_gradient(self.objective)(  # type: ignore[no-any-return]
                picture, targets, self._weights()
            )
        tiled = tiled_objective(self.objective)
        *_, found = tiled.value_and_gradient(picture, targets, self._weights())
        assert found is not None
        return found

    def _targets(self, scale: Scale) -> Targets:
        """Return the targets of a scale; large pictures are looked at by tiles here too."""
        content = resize(self.content, scale.height, scale.width)
        sees = self.objective if scale.pixels <= AT_ONCE else tiled_objective(self.objective)
        activations = sees.content_targets(as_tensor(content))
        longest = self.options.style_scale * max(scale.height, scale.width)
        moments = [self._style_moments(picture, longest) for picture, _ in self.styles]
        shares = np.array([weight for _, weight in self.styles], float)
        if not self.regions:
            return Targets(activations, blend(moments, list(shares / shares.sum())), {})
        each = [blend([found], [1.0]) for found in moments]
        style = {
            name: type(each[0][name])(
                *(tf.concat([one[name][i] for one in each], axis=0) for i in (0, 1))
            )
            for name in STYLE_LAYERS
        }
        masks = np.stack([resize(mask, scale.height, scale.width) for mask in self.regions])
        return Targets(activations, style, masks_by_layer(masks, STYLE_LAYERS))

    def _style_moments(self, picture: Pixels, longest: float) -> Any:
        height, width = schedule.fit(picture.shape[0], picture.shape[1], longest)
        grown = max(1.0, MIN_SIDE / min(height, width))
        height, width = round(height * grown), round(width * grown)
        sees = self.objective if height * width <= AT_ONCE else tiled_objective(self.objective)
        return sees.style_moments(as_tensor(resize(picture, height, width)))

    def _first_picture(self, scale: Scale) -> Any:
        initial = self.options.initial
        if isinstance(initial, str) and initial == "noise":
            rng = np.random.default_rng(self.options.seed)
            noise = rng.standard_normal((1, scale.height, scale.width, 3), np.float32)
            return tf.constant(np.clip(0.5 + NOISE_STDDEV * noise, 0, 1))
        size = scale.height, scale.width
        if not isinstance(initial, str):
            return as_tensor(resize(initial, *size))
        if self.options.preserve_color or self.weights.now.style == 0:
            return as_tensor(resize(self.content, *size))
        # Colours are a matter of the shallowest layers, and slow to wander over a whole picture:
        # beginning with the style's saves the steps for its strokes.
        styles, shares = zip(*self.styles, strict=True)
        if not self.regions:
            return as_tensor(self._in_colours_of(styles, shares, *size))
        masks = np.stack([resize(mask, *size) / 255 for mask in self.regions])[..., None]
        masks /= np.maximum(1, masks.sum(axis=0))
        picture = (1 - masks.sum(axis=0)) * resize(self.content, *size)
        for mask, style in zip(masks, styles, strict=True):
            picture += mask * self._in_colours_of([style], [1.0], *size)
        return as_tensor(picture)

    def _in_colours_of(
        self, styles: Sequence[Pixels], shares: Sequence[float], height: int, width: int
    ) -> Pixels:
        """Return the content in the colours of styles, nowhere barer than they are."""
        recoloured = resize(colours.match_colours(self.content, styles, shares), height, width)
        rng = np.random.default_rng(self.options.seed)
        return colours.add_wash(recoloured, styles, shares, rng)

    def _weights(self) -> Weights:
        now = self.weights.now
        return Weights(
            tf.constant(float(now.content)),
            tf.constant(float(now.style)),
            tf.constant(float(now.total_variation)),
            self.layer_weights,
        )

    def _replan(self, index: int, step: int) -> None:
        """Fit what is left of the plan to what is left of the time.

        Once some steps were timed, and again whenever a scale begins: what a pixel costs depends
        a little on how many there are.
        """
        assert self.options.seconds is not None
        if self._spent.steps < TIMED_STEPS:
            return
        left = self.options.seconds - self._spent.since_start()
        now, *later = self.scales[index:]
        if left <= 0:
            self.scales[index:] = [replace(now, steps=step), *(replace(s, steps=1) for s in later)]
        elif step == 1 or self._spent.steps == TIMED_STEPS:
            todo = [replace(now, steps=max(1, now.steps - step)), *later]
            now, *later = schedule.replan(todo, left, self._spent.per_pixel())
            self.scales[index:] = [replace(now, steps=step + now.steps), *later]

    def _report(self, index: int, losses: Losses) -> StyleStep:
        state = self._latest
        todo = [
            (scale, scale.steps - (state.step if i == index else 0))
            for i, scale in enumerate(self.scales)
            if i >= index
        ]
        return StyleStep(
            image=self._render(descent.result(state.iterate)),
            step=state.done,
            total_steps=state.done + sum(steps for _, steps in todo),
            eta_seconds=sum(s.pixels * steps for s, steps in todo) * self._spent.per_pixel(),
            content_loss=float(losses.content),
            style_loss=float(losses.style),
            tv_loss=float(losses.total_variation),
            layer_losses={name: float(loss) for name, loss in losses.layers.items()},
            state=state,
        )

    def _render(self, picture: Any) -> Pixels:
        """Return a picture as pixels: with the content's colours or surroundings, if asked for."""
        painted = to_pixels(picture)
        height, width = painted.shape[:2]
        content = resize(self.content, height, width)
        if self.options.preserve_color == "luminance":
            painted = colours.with_colours_of(painted, content)
        if self.mask is not None:
            share = resize(self.mask, height, width)[..., None] / 255
            painted = np.rint(share * painted + (1 - share) * content).astype(np.uint8)
        return painted


class _Stopwatch:
    """What steps have cost lately, in seconds a pixel."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._recent: list[float] = []
        self.steps = 0

    def step(self, pixels: int, seconds: float) -> None:
        self.steps += 1
        self._recent = [*self._recent[-9:], seconds / pixels]

    def per_pixel(self) -> float:
        # The very first step compiles, and says nothing about the others.
        settled = self._recent[1:] or self._recent
        return float(np.median(settled)) if settled else 0.0

    def since_start(self) -> float:
        return time.perf_counter() - self._start


@functools.lru_cache(maxsize=32)
def objective(
    network: FeatureNetwork, content_layers: tuple[str, ...], computed_in: str
) -> Objective:
    """Return the objective; the same one for the same arguments, with what it has compiled."""
    dtype = tf.bfloat16 if computed_in == precision.BFLOAT16 else tf.float32
    return Objective(network, content_layers, STYLE_LAYERS, dtype)


@functools.lru_cache(maxsize=32)
def tiled_objective(whole: Objective) -> TiledObjective:
    """Return the tiled relative of an objective."""
    return TiledObjective(whole)


@functools.lru_cache(maxsize=32)
def value_and_gradient(sees: Objective) -> Any:
    """Return the compiled function (picture, targets, weights) → (losses, gradient)."""

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def compiled(picture: Any, targets: Targets, weights: Weights) -> tuple[Losses, Any]:
        return _differentiate(sees, picture, targets, weights)

    return compiled


@functools.lru_cache(maxsize=32)
def adam_step(sees: Objective) -> Any:
    """Return the compiled function (iterate, targets, weights) → (losses, next iterate).

    Everything that changes is an argument, so one trace serves all sizes and all weights.
    """

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(at: Iterate, targets: Targets, weights: Weights) -> tuple[Losses, Iterate]:
        losses, gradient = _differentiate(sees, at.picture, targets, weights)
        return losses, _descend(at, gradient)

    return step


def _differentiate(
    sees: Objective, picture: Any, targets: Targets, weights: Weights
) -> tuple[Losses, Any]:
    with tf.GradientTape() as tape:
        tape.watch(picture)
        losses = sees.losses(picture, targets, weights)
    return losses, tape.gradient(losses.total, picture)


def _descend(at: Iterate, gradient: Any) -> Iterate:
    """Take a step of Adam.

    The gradient of a mean shrinks as pixels are added; times their number, it is of the same
    order at every scale, and Adam's running means can be carried from one to the next.
    """
    pixels = tf.cast(tf.size(gradient) // 3, tf.float32)
    return descent.adam(at, gradient * pixels)


def check_finite(*tensors: Any) -> None:
    """Raise `TransferError` unless every number in these is finite."""
    # A sum is as quick a look at every number as there is; these are too small to overflow it.
    if not all(bool(tf.math.is_finite(tf.reduce_sum(each))) for each in tensors):
        raise TransferError(
            "The style transfer went astray: the loss is no longer a number, so choose smaller "
            "weights. The picture so far is kept."
        )


def masks_by_layer(masks: NDArray[np.uint8], layers: Sequence[str]) -> dict[str, Any]:
    """Return masks (r, h, w) as the layers see them, around them what is around their edge."""
    around = ((0, 0), (PADDING, PADDING), (PADDING, PADDING))
    shares = np.pad(masks.astype(np.float32) / 255, around, mode="reflect")
    found = tf.constant(shares[..., None])
    by_stride = {1: found}
    for pixels in (2, 4, 8, 16):
        found = tf.nn.avg_pool2d(found, 2, 2, "VALID")
        by_stride[pixels] = found
    return {name: by_stride[stride(name)][..., 0] for name in layers}


def _fitted(name: str, mask: object, content: Pixels, height: int, width: int) -> Mask:
    return resize(check_mask(name, mask, content), height, width)


def _check_initial(picture: object, size: int, height: int, width: int) -> None:
    given = check_picture("initial", picture)
    fitted = schedule.fit(given.shape[0], given.shape[1], size)
    if max(abs(fitted[0] - height), abs(fitted[1] - width)) > 1:  # A pixel may be rounding.
        raise InputError(
            "The initial picture has other proportions than the content: expected "
            f"{width} to {height}, received {given.shape[1]} by {given.shape[0]} pixels."
        )


def resize(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return a picture or mask scaled to a size, with anti-aliasing."""
    if picture.shape[:2] == (height, width):
        return picture
    scaled = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(scaled)


def shrink(picture: Pixels, longest: float) -> Pixels:
    """Return a picture whose longest side is at most `longest` pixels."""
    height, width = picture.shape[:2]
    if max(height, width) <= longest:
        return picture
    return resize(picture, *schedule.fit(height, width, longest))


def as_tensor(picture: NDArray[Any]) -> Any:
    """Return a picture, (h, w, 3) from 0 to 255, as (1, h, w, 3) float32 in [0, 1]."""
    return tf.constant(picture[None], tf.float32) / 255


def to_pixels(picture: Any) -> Pixels:
    """Return (1, h, w, 3) in [0, 1] as (h, w, 3) uint8."""
    pixels: Pixels = np.rint(np.clip(picture[0].numpy(), 0, 1) * 255).astype(np.uint8)
    return pixels

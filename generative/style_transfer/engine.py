"""Style transfer by optimisation: the loop around objective and optimizer.

    for step in stylize(content, style, size=512):
        show(step.image)

From coarse to fine: at every scale the pictures are seen once, then one compiled step after the
other moves the picture downhill. The weights are read anew at every step, so the caller can turn
them while the picture is being painted. Closing the generator stops within one step.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, fields, replace
from typing import Unpack

import numpy as np

from generative.backend import tf
from generative.errors import InputError
from generative.style_transfer import descent, optimizers, procedures, schedule
from generative.style_transfer.descent import Descent, Problem
from generative.style_transfer.drafting import draft
from generative.style_transfer.objective import STYLE_SHARE, Losses, Targets, Weights, objective_for
from generative.style_transfer.options import (
    DRAFT,
    MORE_STEPS,
    STEPS,
    STYLE_LAYERS,
    Balance,
    LiveWeights,
    Options,
    PaintingOptions,
)
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.preparing import Prepared, first_picture, prepare, render
from generative.style_transfer.procedures import Way
from generative.style_transfer.state import State
from generative.style_transfer.targets import compute_targets
from generative.style_transfer.tensors import check_finite, to_pixels
from generative.training import precision

TIMED_STEPS = 3
"""Steps of the first scale after which a time budget is planned; the first one compiles."""

EQUAL_SHARE = STYLE_SHARE / (STYLE_SHARE + 1)
"""The style's share at α = β; from there on, a painting begins wholly in the style's colours."""


@dataclass(frozen=True)
class StyleStep:
    """The picture after one step.

    Attributes:
        image: (h, w, 3) uint8; of the scale being painted, so smaller than the result at first.
        step: steps done, of `total_steps`.
        total_steps: planned; with a time budget, the plan so far.
        eta_seconds: expected until the end; 0 while it isn't known.
        content_loss, style_loss, tv_loss: before α, β and the weight.
        layer_losses: style layer → its own style loss; the style loss is their weighted mean.
        state: to go on from here, see `stylize`; None where the painting process keeps it.
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
    more_steps: int = 0,
    **options: Unpack[PaintingOptions],
) -> Generator[StyleStep, None, None]:
    """Paint `content` in the style of `style`, yielding the picture after every step.

    Args:
        content: (height, width, 3) uint8; its proportions are kept.
        style: the same, of any size; None if the option `styles` names several.
        weights: may be changed by the caller while the transfer runs; take the place of the three
            weights among the options, and of those of the styles if they name them.
        resume: the state of an earlier step of the same pictures and options: what follows is
            what would have followed then (for "adam"; "lbfgs" begins a new approximation).
        more_steps: added at the full size if all that `resume` had planned are done.
        **options: the attributes of `Options`.

    Yields:
        A `StyleStep` a step; none where L-BFGS finds nothing lower than the start. Pictures of more
        than `tiles.AT_ONCE` pixels also yield between tiles: the picture of the step before.

    Raises:
        InputError: a picture or an option that cannot be used.
        CheckpointError, DataError: the network's weights are missing.
        TransferError: the loss is no longer a number; the picture of the step before is good.
    """
    unknown = options.keys() - {field.name for field in fields(Options)}
    if unknown:
        raise InputError(f"There is no option {', '.join(sorted(unknown))} of style transfer.")
    chosen = Options(**options)
    if "steps" not in options:
        chosen = replace(chosen, steps=procedures.BY_NAME[chosen.procedure].steps)
    if weights is not None and not isinstance(weights, LiveWeights):
        raise InputError("Invalid weights. Expected a LiveWeights.")
    if resume is not None and not isinstance(resume, State):
        raise InputError(
            "Invalid state to resume from. Expected a State, as every StyleStep has one."
        )
    more_steps = MORE_STEPS.check_whole("number of further steps", more_steps)
    if more_steps and resume is None:
        raise InputError("There is no painting to add steps to: give the state to resume from.")
    if isinstance(chosen.initial, str) and chosen.initial == DRAFT:
        chosen = replace(chosen, initial=draft(content, style, chosen))
    prepared = prepare(content, style, chosen)
    return _Transfer(prepared, weights or chosen.weights(), resume, more_steps).run()


class _Transfer:
    """One picture being painted: the plan, and how far it has come."""

    def __init__(
        self, prepared: Prepared, weights: LiveWeights, resume: State | None, more_steps: int
    ) -> None:
        options = prepared.options
        self._prepared = prepared.blended(weights.now.styles)
        self._weights, self._state = weights, resume
        self._procedure = procedures.BY_NAME[options.procedure]
        self._objective = objective_for(
            prepared.networks, self._procedure.content_shares, precision.fastest()
        )
        self._layer_weights = {
            name: tf.constant(float(options.layer_weights.get(name, 1))) for name in STYLE_LAYERS
        }
        self._forms = tf.constant(float(options.forms * self._procedure.octave_weight))
        self._scales = schedule.plan(
            *prepared.size,
            options.steps,
            schedule.coarsest(options.initial, options.size),
            self._procedure.last_share,
        )
        self._more_steps = 0
        if resume is not None:
            self._go_on(resume, more_steps)
        self._spent = _Stopwatch()
        self._losses: Losses | None = None

    def run(self) -> Generator[StyleStep, None, None]:
        """Yield the steps from the beginning, or from where the transfer was left."""
        first = 0 if self._state is None else self._state.scale
        for index in range(first, len(self._scales)):
            state = self._enter(index)
            if state.step < self._scales[index].steps:  # Else resumed after its last step.
                yield from self._paint(index, state)

    def _go_on(self, state: State, more_steps: int) -> None:
        """Check the state to resume from; plan the steps that it had and, if all are done, more."""
        size = state.height, state.width
        shape = tuple(state.optimizer.picture.shape)
        sizes = [scale.size for scale in self._scales]
        known = state.scale < len(sizes) and size == sizes[state.scale]
        if not known or shape != self._way(state.scale).coordinates.shape(*size):
            raise InputError(
                "The saved style transfer is of another picture or size: give the ones that it "
                "was begun with, or start again."
            )
        usual = self._scales[-1]
        self._scales[-1] = replace(usual, steps=usual.steps + state.more_steps)
        if more_steps:
            self._scales = schedule.extend(self._scales, state.scale, state.step, more_steps)
        self._more_steps = self._scales[-1].steps - usual.steps
        if self._more_steps > MORE_STEPS.high:
            raise InputError(
                "This painting has had as many steps as one can have: begin another one."
            )

    def _enter(self, index: int) -> State:
        """Return the state in which a scale begins, or in which it was left, and keep it."""
        scale, before = self._scales[index], self._state
        if before is None:
            share = min(1.0, self._style_share() / EQUAL_SHARE)
            picture = first_picture(self._prepared, *scale.size, share)
            begun = optimizers.start(self._way(index).coordinates.encode(picture))
            state = State(*scale.size, index, 0, 0, begun)
        elif before.scale == index:
            state = before
        else:
            enlarged = optimizers.enlarge(
                before.optimizer,
                self._way(index - 1).coordinates,
                self._way(index).coordinates,
                self._scales[index - 1].size,
                scale.size,
            )
            state = State(*scale.size, index, 0, before.done, enlarged)
        self._state = replace(state, more_steps=self._more_steps)
        return self._state

    def _paint(self, index: int, state: State) -> Iterator[StyleStep]:
        """Yield the steps of one scale."""
        scale, first = self._scales[index], state
        problem = self._problem(index)
        begun = time.perf_counter()
        with closing(self._descend(problem, state, scale.steps - state.step)) as descending:
            for found in descending:
                if found is None:  # A tile is done, and the step is not.
                    if self._losses is not None:
                        yield self._report(state, self._losses)
                    continue
                losses, reached = found
                seconds = time.perf_counter() - begun
                check_finite(losses.total, reached.picture)
                self._spent.step(scale.pixels, seconds)
                state = replace(state, step=state.step + 1, done=state.done + 1, optimizer=reached)
                self._state, self._losses = state, losses
                self._replan(state)
                yield self._report(state, losses)
                if state.step >= self._scales[index].steps:
                    return
                begun = time.perf_counter()
        # L-BFGS finds nothing lower: the rest of the plan is not needed.
        self._scales[index] = replace(scale, steps=state.step)
        if self._losses is not None:
            if state is first:  # The losses so far were measured at the scale before.
                self._losses, _ = descent.value_and_gradient(problem, state.optimizer.picture)
            yield self._report(state, self._losses)

    def _way(self, index: int) -> Way:
        return self._procedure.way(index, len(self._scales))

    def _problem(self, index: int) -> Problem:
        size, octaves = self._scales[index].size, self._procedure.octaves
        targets = compute_targets(self._prepared, self._objective, *size, octaves)

        def wanted() -> tuple[Targets, Weights]:
            now = self._read_weights()
            return targets(self._prepared.shares), self._as_tensors(now)

        return Problem(self._objective, self._way(index), size, wanted)

    def _descend(self, problem: Problem, state: State, steps: int) -> Descent:
        options = self._prepared.options
        if options.optimizer == "adam":
            return descent.adam(problem, state.optimizer, self._current_rate)
        most = steps if options.seconds is None else int(STEPS.high)
        return descent.lbfgs(problem, state.optimizer, most)

    def _current_rate(self) -> float:
        assert self._state is not None
        scale = self._state.scale
        progress = self._state.step / self._scales[scale].steps
        return self._way(scale).learning_rate * self._procedure.slowing(progress)

    def _read_weights(self) -> Balance:
        """Return the weights of now, and blend the styles as they say."""
        now = self._weights.now
        self._prepared = self._prepared.blended(now.styles)
        return now

    def _as_tensors(self, now: Balance) -> Weights:
        return Weights(
            tf.constant(float(now.content)),
            tf.constant(float(now.style)),
            tf.constant(float(now.total_variation * self._procedure.smoothing)),
            self._layer_weights,
            self._forms,
        )

    def _style_share(self) -> float:
        """Return how far colours go to the style's: its share of what content and style weigh."""
        now = self._read_weights()
        style = STYLE_SHARE * now.style
        return style / (style + now.content) if style else 0.0

    def _replan(self, state: State) -> None:
        """With a time budget, fit what is left of the plan to what is left of the time.

        Once some steps were timed, and again whenever a scale begins: what a pixel costs depends
        a little on how many there are.
        """
        seconds = self._prepared.options.seconds
        if seconds is None or self._spent.steps < TIMED_STEPS:
            return
        index, step = state.scale, state.step
        left = seconds - self._spent.since_start()
        now, *later = self._scales[index:]
        if left <= 0:
            self._scales[index:] = [replace(now, steps=step), *(replace(s, steps=1) for s in later)]
        elif step == 1 or self._spent.steps == TIMED_STEPS:
            todo = [replace(now, steps=max(1, now.steps - step)), *later]
            now, *later = schedule.replan(todo, left, self._spent.per_pixel())
            self._scales[index:] = [replace(now, steps=step + now.steps), *later]

    def _report(self, state: State, losses: Losses) -> StyleStep:
        now, *later = self._scales[state.scale :]
        todo = [replace(now, steps=now.steps - state.step), *later]
        coordinates = self._way(state.scale).coordinates
        picture = coordinates.decode(optimizers.result(state.optimizer), tf.constant(now.size))
        return StyleStep(
            image=render(
                self._prepared,
                to_pixels(picture),
                self._style_share() if self._procedure.transports else 0.0,
            ),
            step=state.done,
            total_steps=state.done + sum(scale.steps for scale in todo),
            eta_seconds=sum(s.pixels * s.steps for s in todo) * self._spent.per_pixel(),
            content_loss=float(losses.content),
            style_loss=float(losses.style),
            tv_loss=float(losses.total_variation),
            layer_losses={name: float(loss) for name, loss in losses.layers.items()},
            state=state,
        )


class _Stopwatch:
    """What steps have cost lately, in seconds a pixel."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._recent: list[float] = []
        self.steps = 0

    def step(self, pixels: int, seconds: float) -> None:
        self.steps += 1
        if self.steps > 1:  # The first compiles: it doesn't speak for the others.
            self._recent = [*self._recent[-9:], seconds / pixels]

    def per_pixel(self) -> float:
        return float(np.median(self._recent)) if self._recent else 0.0

    def since_start(self) -> float:
        return time.perf_counter() - self._start

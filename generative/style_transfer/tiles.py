"""The gradient of a picture too large to hold at once, tile by tile, exactly.

Style is a matter of the whole picture: its gradient at any place depends on the statistics of all
places. So the picture is gone through twice. First every tile adds its sums to the moments of the
whole. The derivative of the style loss by those moments is then a constant for all tiles, and one
more pass through each, weighted by it, gives the same gradient that the whole picture would have
given. Tiles overlap as far as the deepest layer sees, so there are no seams to hide.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Collection, Iterator

from generative.backend import tf
from generative.style_transfer.features import FeatureNetwork, Features, stride
from generative.style_transfer.losses import (
    Moments,
    moments,
    statistics,
    total_variation,
    widened,
)
from generative.style_transfer.objective import (
    Distances,
    Losses,
    Objective,
    Targets,
    Weights,
    pad,
    style_distance,
    variance,
)
from generative.tiling import Tile, tiles

AT_ONCE = 1_200_000
"""Pixels of a picture whose gradient is computed in one piece; a larger one is done by tiles."""

CORE = 512
"""Side of what a tile is responsible for, pixels."""

UNIT = 16
"""Pixels that a place of the deepest block stands for: tiles and cores begin at a whole one."""


def whole_or_tiled(objective: Objective, pixels: int) -> Objective | TiledObjective:
    """Return what looks at a picture of so many pixels: the objective, or its tiled relative."""
    return objective if pixels <= AT_ONCE else _tiled(objective)


@functools.lru_cache(maxsize=32)
def _tiled(objective: Objective) -> TiledObjective:
    return TiledObjective(objective)


class TiledObjective:
    """The losses and the gradient of an `Objective`, computed tile by tile."""

    def __init__(self, objective: Objective, core: int = CORE) -> None:
        self.objective = objective
        self.core = core

    def content_targets(self, picture: tf.Tensor, layers: tuple[str, ...]) -> Features:
        """Return `Octave.content` of a picture, (1, h, w, 3)."""
        padded = pad(picture)
        rows: list[list[Features]] = []
        for tile in self._tiles(padded, self.objective.networks.fine, layers):
            core = tf.constant(tile.core)
            found = self._content(_cut(padded, tile.outer), core, layers)
            if tile.outer[1] + tile.core[1] == 0:
                rows.append([])
            rows[-1].append(found)
        return {
            layer: tf.concat(
                [tf.concat([each[layer] for each in row], axis=2) for row in rows], axis=1
            )
            for layer in layers
        }

    def style_moments(
        self, picture: tf.Tensor, octave: int, layers: tuple[str, ...]
    ) -> dict[str, Moments]:
        """Return the moments of style layers of a picture, (1, h, w, 3), seen at an octave."""
        padded = pad(picture)
        sums: dict[str, Moments] = {}
        for tile in self._tiles(padded, self.objective.style_network(octave), layers):
            core = tf.constant(tile.core)
            found = self._moments(_cut(padded, tile.outer), core, {}, octave, layers)
            sums = _add(sums, found)
        return sums

    def value_and_gradient(
        self, picture: tf.Tensor, targets: Targets, weights: Weights
    ) -> Iterator[tuple[Losses, tf.Tensor] | None]:
        """Yield None after every tile, and at last the losses and the gradient.

        Args:
            picture: (1, h, w, 3) float32 in [0, 1].
            targets: of the whole picture.
            weights: of the terms.
        """
        padded, own = pad(picture), targets[0]
        height, width = padded.shape[1:3]
        parts = self._tiles(padded, self.objective.networks.fine, {*own.content, *own.style})
        sums: dict[str, Moments] = {}
        for tile in parts:
            found = self._moments(
                _cut(padded, tile.outer),
                tf.constant(tile.core),
                _cut_masks(own.masks, tile),
                0,
                tuple(own.style),
            )
            sums = _add(sums, found)
            yield None
        norms = {
            name: variance(content) * tf.cast(tf.size(content), tf.float32)
            for name, content in own.content.items()
        }
        content = {name: tf.constant(0.0) for name in norms}
        style, slopes, pull = self._slopes(sums, content, targets, weights)
        gradient = tf.zeros((1, height, width, 3))
        for tile in parts:
            shares, part = self._gradient(
                _cut(padded, tile.outer),
                tf.constant(tile.core),
                {name: _cut_layer(x, name, tile) for name, x in own.content.items()},
                norms,
                _cut_masks(own.masks, tile),
                slopes,
                pull,
            )
            content = {name: content[name] + shares[name] for name in content}
            top, left, bottom, right = tile.outer
            around = [[0, 0], [top, height - bottom], [left, width - right], [0, 0]]
            gradient += tf.pad(part, around)
            yield None
        # A picture that is painted by tiles is small enough, halved, to be seen whole.
        yield self._finish(picture, gradient, Distances(content, style), targets[1:], weights)

    def _tiles(
        self, padded: tf.Tensor, network: FeatureNetwork, layers: Collection[str]
    ) -> list[Tile]:
        """Return tiles that overlap as far as layers of a network see."""
        halo = math.ceil(network.receptive_field_radius(layers) / UNIT) * UNIT
        height, width = padded.shape[1:3]
        return tiles(height, width, self.core, halo)

    @functools.cached_property
    def _content(self) -> Callable[[tf.Tensor, tf.Tensor, tuple[str, ...]], Features]:
        """(tile, core, layers) → the core's activations of the content layers."""

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def content(tile: tf.Tensor, core: tf.Tensor, layers: tuple[str, ...]) -> Features:
            features = self.objective.networks.fine(tile, layers, self.objective.dtype)
            return {name: _crop(features[name], name, core) for name in layers}

        return content  # type: ignore[no-any-return]

    @functools.cached_property
    def _moments(
        self,
    ) -> Callable[[tf.Tensor, tf.Tensor, Features, int, tuple[str, ...]], dict[str, Moments]]:
        """(tile, core, masks, octave, layers) → the core's moments of the style layers."""

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def sums(
            tile: tf.Tensor,
            core: tf.Tensor,
            masks: Features,
            octave: int,
            layers: tuple[str, ...],
        ) -> dict[str, Moments]:
            see = self.objective.style_network(octave)
            features = see(tile, layers, self.objective.dtype)
            return {
                name: moments(_crop(features[name], name, core), masks.get(name)) for name in layers
            }

        return sums  # type: ignore[no-any-return]

    @functools.cached_property
    def _slopes(
        self,
    ) -> Callable[
        [dict[str, Moments], Features, Targets, Weights],
        tuple[Features, dict[str, Moments], Features],
    ]:
        """(moments, content distances, …) → style distances, slopes of the total by both.

        The total is a sum over octaves, so the slopes here do not depend on the other ones.
        """

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def slopes(
            sums: dict[str, Moments], content: Features, targets: Targets, weights: Weights
        ) -> tuple[Features, dict[str, Moments], Features]:
            zero = tf.constant(0.0)
            with tf.GradientTape() as tape:
                tape.watch((sums, content))
                style = {
                    name: style_distance(statistics(*sums[name]), wanted)
                    for name, wanted in targets[0].style.items()
                }
                coarser = [
                    Distances(dict.fromkeys(x.content, zero), dict.fromkeys(x.style, zero))
                    for x in targets[1:]
                ]
                total = self.objective.weigh([Distances(content, style), *coarser], zero, weights)
            return style, *tape.gradient(total.total, (sums, content))

        return slopes  # type: ignore[no-any-return]

    @functools.cached_property
    def _gradient(self) -> Callable[..., tuple[Features, tf.Tensor]]:
        """(tile, core, …) → the tile's shares of the content terms, its gradient of the total."""

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def gradient(
            tile: tf.Tensor,
            core: tf.Tensor,
            content: Features,
            norms: Features,
            masks: Features,
            slopes: dict[str, Moments],
            pull: Features,
        ) -> tuple[Features, tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(tile)
                features, _ = self.objective.features(tile, 0, content, slopes)
                shares = {
                    name: tf.reduce_sum(
                        tf.square(widened(_crop(features[name], name, core)) - widened(wanted))
                    )
                    / norms[name]
                    for name, wanted in content.items()
                }
                surrogate = tf.constant(0.0)
                for name, share in shares.items():
                    surrogate += pull[name] * share
                for name, slope in slopes.items():
                    seen = moments(_crop(features[name], name, core), masks.get(name))
                    for part, by in zip(seen[1:], slope[1:], strict=True):
                        surrogate += tf.reduce_sum(part * by)
            return shares, tape.gradient(surrogate, tile)

        return gradient  # type: ignore[no-any-return]

    @functools.cached_property
    def _finish(self) -> Callable[..., tuple[Losses, tf.Tensor]]:
        """(picture, …) → the losses, the gradient by the picture without its reflection."""

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def finish(
            picture: tf.Tensor,
            padded_gradient: tf.Tensor,
            own: Distances,
            coarser: Targets,
            weights: Weights,
        ) -> tuple[Losses, tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(picture)
                variation = total_variation(picture)
                found = self.objective.distances(picture, coarser, first=1)
                losses = self.objective.weigh([own, *found], variation, weights)
                reflected = tf.reduce_sum(pad(picture) * padded_gradient)
                surrogate = losses.total + reflected
            return losses, tape.gradient(surrogate, picture)

        return finish  # type: ignore[no-any-return]


def _add(sums: dict[str, Moments], found: dict[str, Moments]) -> dict[str, Moments]:
    """Return the sums, empty before the first tile, with those of one more tile."""
    added: dict[str, Moments] = tf.nest.map_structure(tf.add, sums, found) if sums else found
    return added


def _cut(padded: tf.Tensor, box: tuple[int, int, int, int]) -> tf.Tensor:
    top, left, bottom, right = box
    return padded[:, top:bottom, left:right]


def _crop(features: tf.Tensor, layer: str, core: tf.Tensor) -> tf.Tensor:
    """Return the core's part of a tile's activations."""
    top, left, bottom, right = tf.unstack(core // stride(layer))
    return features[:, top:bottom, left:right]


def _cut_layer(features: tf.Tensor, layer: str, tile: Tile) -> tf.Tensor:
    """Return the core's part of the whole picture's activations."""
    pixels = stride(layer)
    top, left = (tile.outer[i] + tile.core[i] for i in (0, 1))
    bottom, right = (tile.outer[i] + tile.core[i + 2] for i in (0, 1))
    return features[:, top // pixels : bottom // pixels, left // pixels : right // pixels]


def _cut_masks(masks: Features, tile: Tile) -> Features:
    return {layer: _cut_layer(mask, layer, tile) for layer, mask in masks.items()}

"""Denoisers from before neural networks, tuned to be fair opponents of ours.

Both are told the kind and the level of the noise; our networks are not. Each one smooths by as much
as that noise asks for, then undoes the noise's bias: pixels are clipped (or struck out, or set to
white), so the mean of the noisy versions of a grey is another grey. A smoother estimates that
mean, so its result is read backwards through the curve clean grey → mean noisy grey. Without this,
total variation loses more than 2 dB at Gaussian noise of .5, and the comparison would be unfair.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.data import noise
from generative.denoising.method import Method
from generative.validation import Images, check_choice, check_images

PATCH_SIZE = 7
PATCH_DISTANCE = 4

_GREYS = 33
_SAMPLES = (1, 128, 128, 1)
# Below this span the noise has left so little of the picture that reading the curve backwards would
# only spread what remains of the noise over all greys.
_LEAST_SPAN = 0.05


@dataclass(frozen=True)
class NoiseCurve:
    """What one kind and level of noise does to flat grey areas.

    Attributes:
        clean: (33,) float64, greys from 0 to 1.
        noisy: (33,) float64, the mean of their noisy versions; never falls.
        stddev: of the noise, mean over the greys.
    """

    clean: NDArray[np.float64]
    noisy: NDArray[np.float64]
    stddev: float

    @property
    def span(self) -> float:
        """The contrast that is left between black and white: from 0 to 1."""
        return float(self.noisy[-1] - self.noisy[0])

    @property
    def relative_stddev(self) -> float:
        """The noise's standard deviation as a share of the contrast that is left."""
        return self.stddev / max(self.span, _LEAST_SPAN)


@dataclass(frozen=True)
class Line:
    """A straight line over the relative standard deviation of the noise."""

    start: float
    slope: float

    def at(self, x: float) -> float:
        """Return the line's height at `x`."""
        return self.start + self.slope * x


@dataclass(frozen=True)
class Tuning:
    """How to treat one kind of noise: found on training pictures by `benchmarks/classical.py`.

    Attributes:
        weight: of total variation, in standard deviations of the noise.
        h: cut-off distance of non-local means, in standard deviations of the noise.
        correction: share of the bias that is undone, from 0 to 1.
    """

    weight: Line
    h: Line
    correction: float = 1.0


# Noise that strikes out single pixels needs more smoothing than Gaussian noise of the same standard
# deviation: the values it leaves are far from the rest.
TUNINGS: Mapping[str, Tuning] = {
    "gaussian": Tuning(weight=Line(0.4, 0.75), h=Line(0.92, -0.35)),
    "salt_and_pepper": Tuning(weight=Line(0.7, 1.3), h=Line(1.15, 0.3)),
    # Near white speckle's curve is almost flat: undoing all of the bias there costs more in
    # magnified noise than it gains.
    "speckle": Tuning(weight=Line(0.55, 0.2), h=Line(1.4, -1.4), correction=0.5),
    "masked": Tuning(weight=Line(0.65, 0.6), h=Line(1.1, 0.7)),
}


def total_variation(noisy: Images, kind: str, level: float) -> Images:
    """Return the pictures of least total variation near `noisy`, their bias undone.

    Unlike our networks, it is told the kind and the level of the noise.

    Args:
        noisy: (n, 28, 28, 1) float32 in [0, 1].
        kind: of the noise, a key of `noise.KINDS`.
        level: of the noise, from 0 (returns a copy of `noisy`) to 1.

    Raises:
        InputError: wrong images, unknown kind or level out of range.

    Source: Rudin, Osher & Fatemi 1992; solved as in Chambolle 2004, by scikit-image. Differs from
    the papers: the undoing of the bias.
    """
    noisy, curve, tuning = _prepare(noisy, kind, level)
    if curve.stddev == 0:
        return noisy.copy()
    weight = curve.stddev * tuning.weight.at(curve.relative_stddev)
    return undo_bias(smooth_by_total_variation(noisy, weight), curve, tuning.correction)


def non_local_means(noisy: Images, kind: str, level: float) -> Images:
    """Return the means of pixels whose surroundings look alike, their bias undone.

    Unlike our networks, it is told the kind and the level of the noise.

    Args:
        noisy: (n, 28, 28, 1) float32 in [0, 1].
        kind: of the noise, a key of `noise.KINDS`.
        level: of the noise, from 0 (returns a copy of `noisy`) to 1.

    Raises:
        InputError: wrong images, unknown kind or level out of range.

    Source: Buades, Coll & Morel 2005, by scikit-image. Differs from the paper: the distance of two
    patches is lowered by what the noise alone contributes; the undoing of the bias.
    """
    noisy, curve, tuning = _prepare(noisy, kind, level)
    if curve.stddev == 0:
        return noisy.copy()
    h = curve.stddev * tuning.h.at(curve.relative_stddev)
    smooth = smooth_by_non_local_means(noisy, h, curve.stddev)
    return undo_bias(smooth, curve, tuning.correction)


METHODS = (
    Method("total_variation", "Total variation", total_variation),
    Method("non_local_means", "Non-local means", non_local_means),
)


def smooth_by_total_variation(noisy: Images, weight: float) -> Images:
    """Return (n, 28, 28, 1) pictures with less variation the larger `weight` (> 0) is."""
    from skimage.restoration import denoise_tv_chambolle

    smooth = [denoise_tv_chambolle(picture, weight=weight) for picture in noisy[..., 0]]
    return np.stack(smooth).astype(np.float32)[..., None]


def smooth_by_non_local_means(noisy: Images, h: float, stddev: float) -> Images:
    """Return (n, 28, 28, 1) pictures, smoother the larger `h` and the noise's `stddev` (> 0) are.

    `stddev` is the difference that two patches are allowed for the sake of the noise alone.
    """
    from skimage.restoration import denoise_nl_means

    smooth = [
        denoise_nl_means(
            picture,
            patch_size=PATCH_SIZE,
            patch_distance=PATCH_DISTANCE,
            h=h,
            sigma=stddev,
            # The fast mode weighs all pixels of a patch the same: quicker, but .2 to .4 dB worse.
            fast_mode=False,
        )
        for picture in noisy[..., 0]
    ]
    return np.stack(smooth).astype(np.float32)[..., None]


@functools.lru_cache(maxsize=256)
def noise_curve(kind: str, level: float) -> NoiseCurve:
    """Return what noise of one kind and level does to flat areas; the same at every call.

    Measured, not derived, so that it holds for any noise in `noise.KINDS`. Every grey gets the same
    random numbers: brighter greys then stay brighter, and the curve can't wobble.
    """
    clean = np.linspace(0, 1, _GREYS)
    spoil = noise.KINDS[kind]
    spoiled = [
        spoil(np.full(_SAMPLES, grey, np.float32), np.random.default_rng(0), level)
        for grey in clean
    ]
    means = np.array([sample.mean(dtype=np.float64) for sample in spoiled])
    stddev = float(np.mean([sample.std(dtype=np.float64) for sample in spoiled]))
    # Rounding could still let it fall by a hair, and np.interp needs it to rise.
    noisy = np.maximum.accumulate(means)
    clean.flags.writeable = noisy.flags.writeable = False
    return NoiseCurve(clean, noisy, stddev)


def undo_bias(smooth: Images, curve: NoiseCurve, share: float = 1.0) -> Images:
    """Return the clean greys whose noisy means are `smooth`: the curve, read backwards.

    Where the curve is too flat to be read backwards (salt and pepper at level 1 turns every grey
    into .5 on average), `smooth` comes back as it is.

    Args:
        smooth: (n, 28, 28, 1) float32.
        curve: of the noise.
        share: of the bias to undo, from 0 to 1.

    Returns:
        (n, 28, 28, 1) float32 in [0, 1].
    """
    if curve.span < _LEAST_SPAN:
        share = 0
    clean = np.interp(smooth, curve.noisy, curve.clean)
    return np.clip(share * clean + (1 - share) * smooth, 0, 1).astype(np.float32)


def _prepare(noisy: Images, kind: str, level: float) -> tuple[Images, NoiseCurve, Tuning]:
    kind = check_choice("kind of noise", kind, noise.KINDS)
    level = noise.LEVEL.check("noise level", level)
    return check_images(noisy), noise_curve(kind, level), TUNINGS[kind]

"""Denoisers of photographs from before neural networks, told the level of the noise.

Their strengths grow with the level; `benchmarks/photo_denoising.py --tune` finds them on training
photographs.
"""

from __future__ import annotations

import numpy as np

from generative.denoising.method import Method
from generative.validation import Images

TOTAL_VARIATION_WEIGHT = 1.1
"""Weight of total variation, in standard deviations of the noise."""

NON_LOCAL_H = 0.7
"""Cut-off distance of non-local means, in standard deviations of the noise."""

PATCH_SIZE, PATCH_DISTANCE = 5, 6


def total_variation(noisy: Images, level: float, weight: float = TOTAL_VARIATION_WEIGHT) -> Images:
    """Return the photographs of least total variation near `noisy`.

    Args:
        noisy: (n, h, w, 3) float32, beyond [0, 1] where the noise reaches; so is the result.
        level: standard deviation of the noise, of 255; above 0.
        weight: in standard deviations of the noise.

    Source: Rudin, Osher & Fatemi 1992; solved as in Chambolle 2004, by scikit-image.
    """
    from skimage.restoration import denoise_tv_chambolle

    smooth = [
        denoise_tv_chambolle(photo, weight=weight * level / 255, channel_axis=-1) for photo in noisy
    ]
    return np.stack(smooth).astype(np.float32)


def non_local_means(noisy: Images, level: float, h: float = NON_LOCAL_H) -> Images:
    """Return the means of pixels whose surroundings look alike.

    Args:
        noisy: (n, h, w, 3) float32, beyond [0, 1] where the noise reaches; so is the result.
        level: standard deviation of the noise, of 255; above 0.
        h: in standard deviations of the noise.

    Source: Buades, Coll & Morel 2005, by scikit-image, in its fast mode: the other would take
    minutes. Differs from the paper: the distance of two patches is lowered by what the noise alone
    contributes.
    """
    from skimage.restoration import denoise_nl_means

    stddev = level / 255
    smooth = [
        denoise_nl_means(
            photo,
            patch_size=PATCH_SIZE,
            patch_distance=PATCH_DISTANCE,
            h=h * stddev,
            sigma=stddev,
            channel_axis=-1,
        )
        for photo in noisy
    ]
    return np.stack(smooth).astype(np.float32)


METHODS = (
    Method(
        "total_variation",
        "Total variation",
        lambda noisy, kind, level: total_variation(noisy, level),
    ),
    Method(
        "non_local_means",
        "Non-local means",
        lambda noisy, kind, level: non_local_means(noisy, level),
    ),
)
"""Of white noise alone: whatever the kind, they take it for that."""

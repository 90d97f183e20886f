"""Search for the classical denoisers' best strengths on training pictures.

    python -m benchmarks.classical --pictures 60

For every kind and level of noise, prints each method's best factor (the weight of total variation,
or h of non-local means, in standard deviations of the noise) and its PSNR on each data set; beside
it, the factor that `generative.denoising.classical` uses, and its PSNR. The constants there are
lines fitted to the best factors, or lying within the range where all factors do equally well.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from generative import data, metrics
from generative.data import noise
from generative.denoising import classical
from generative.denoising.classical import Line, NoiseCurve
from generative.validation import Images

LEVELS = (0.2, 0.5, 0.8)
WEIGHTS = (0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0)
CUTOFFS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.05, 1.25, 1.5, 1.8)
SEED = 1

Smoother = Callable[[Images, NoiseCurve, float], Images]


def by_total_variation(noisy: Images, curve: NoiseCurve, factor: float) -> Images:
    """Smooth by total variation of weight `factor`, in standard deviations of the noise."""
    return classical.smooth_by_total_variation(noisy, factor * curve.stddev)


def by_non_local_means(noisy: Images, curve: NoiseCurve, factor: float) -> Images:
    """Smooth by non-local means with h of `factor`, in standard deviations of the noise."""
    return classical.smooth_by_non_local_means(noisy, factor * curve.stddev, curve.stddev)


def figures(
    smooth: Smoother, factor: float, clean: Sequence[Images], kind: str, level: float, share: float
) -> NDArray[np.float64]:
    """Return the mean PSNR on each set of pictures, dB."""
    curve = classical.noise_curve(kind, level)
    return np.array(
        [
            metrics.psnr(
                pictures,
                classical.undo_bias(
                    smooth(noise.add_noise(pictures, kind, level, SEED), curve, factor),
                    curve,
                    share,
                ),
            ).mean()
            for pictures in clean
        ]
    )


def report(
    method: str, smooth: Smoother, factors: Sequence[float], line: Callable[[str], Line],
    clean: Sequence[Images],
) -> None:  # fmt: skip
    """Print the search for one method, a row for each kind and level of noise."""
    for kind in noise.KINDS:
        share = classical.TUNINGS[kind].correction
        for level in LEVELS:
            found = {f: figures(smooth, f, clean, kind, level, share) for f in factors}
            best = max(found, key=lambda factor: float(found[factor].mean()))
            relative = classical.noise_curve(kind, level).relative_stddev
            used = line(kind).at(relative)
            print(
                f"{method:<16} {kind:<16} {level:.1f} {relative:9.3f} "
                f"{best:7.2f} {_decibels(found[best])}  "
                f"{used:7.2f} {_decibels(figures(smooth, used, clean, kind, level, share))}",
                flush=True,
            )


def main() -> None:
    """Load the training pictures and print the table."""
    parser = argparse.ArgumentParser(description="Search the strengths of the classical denoisers.")
    parser.add_argument("--pictures", type=int, default=60, help="of each data set")
    pictures = parser.parse_args().pictures
    clean = [data.load(name, "train")[0][:pictures] for name in data.DATASETS]
    print(f"PSNR in dB on {pictures} training pictures each of {', '.join(data.DATASETS)}")
    print(f"{'method':<16} {'noise':<16} level relative    best PSNR             used PSNR")
    tunings = classical.TUNINGS
    report("total_variation", by_total_variation, WEIGHTS, lambda kind: tunings[kind].weight, clean)
    report("non_local_means", by_non_local_means, CUTOFFS, lambda kind: tunings[kind].h, clean)


def _decibels(values: NDArray[np.float64]) -> str:
    return " / ".join(f"{value:5.2f}" for value in values)


if __name__ == "__main__":
    main()

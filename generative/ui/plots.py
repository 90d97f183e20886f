"""Plots drawn as pictures by Matplotlib, so that the page loads no plotting code.

Their background is transparent, and their ink is readable on both a light and a dark page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from mpl_toolkits.mplot3d import Axes3D

    from generative.autoencoders.live import LinearStep

Plot = NDArray[np.uint8]
"""(height, width, 4): RGBA."""

PLOT_SIZE = (480, 380)
WIDE_SIZE = (760, 260)
DPI = 100
COLOURS = (
    *("#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f"),
    *("#b6992d", "#b07aa1", "#ff7fa7", "#9c755f", "#6b6b6b"),
)
LEARNED, EXACT, POINTS = "#e2571a", "#3b82f6", "#7c8493"
INK, RING = "#7c8493", "#c026d3"


def latent_map(
    means: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str]
) -> Plot:
    """Return the plane of two latents: the codes of known pictures, and the user's own, ringed.

    Args:
        means: (n + 1, 2) posterior means; the last is the user's picture.
        labels: (n,) classes of the others.
        classes: names of the classes.
    """
    figure = _figure(PLOT_SIZE)
    axes = figure.add_axes((0.08, 0.08, 0.68, 0.82), xlim=(-4, 4), ylim=(-4, 4))
    for label, (name, colour) in enumerate(zip(classes, COLOURS, strict=True)):
        x, y = means[:-1][labels == label].T
        axes.scatter(x, y, s=9, color=colour, label=name, alpha=0.7)
    axes.scatter(
        means[-1:, 0], means[-1:, 1], s=170, c="none", edgecolors=RING, linewidths=2, zorder=3
    )
    axes.tick_params(labelsize=8)
    figure.legend(loc="center right", fontsize=8, frameon=False, markerscale=1.6)
    return _draw(figure)


def posterior(mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> Plot:
    """Return each latent's mean with a bar of ± one standard deviation; both (z,)."""
    figure = _figure(PLOT_SIZE)
    axes = figure.add_axes((0.1, 0.12, 0.86, 0.78), ylim=(-4, 4))
    axes.axhline(0, color=POINTS, linewidth=0.8)
    axes.axhspan(-1, 1, color=POINTS, alpha=0.15, linewidth=0, label="prior, ± σ")
    axes.errorbar(range(1, len(mean) + 1), mean, deviation, fmt="o", color=LEARNED, markersize=4)
    _use_whole_ticks(axes, "latent")
    axes.tick_params(labelsize=9)
    axes.legend(fontsize=9, loc="upper right")
    return _draw(figure)


def points_and_plane(state: LinearStep) -> Plot:
    """Return the 3-D points and the plane that the decoder spans."""
    figure = _figure(PLOT_SIZE)
    axes: Axes3D = figure.add_axes((0.02, 0.06, 0.96, 0.88), projection="3d")
    axes.scatter(*state.points.T, s=5, color=POINTS, alpha=0.6)
    axes.plot_surface(*_plane_patch(state), color=LEARNED, alpha=0.35)
    axes.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
    axes.tick_params(labelsize=8)
    return _draw(figure)


def codes(state: LinearStep) -> Plot:
    """Return the 2-D codes and those of PCA: the same plane along different axes."""
    figure = _figure(PLOT_SIZE)
    axes = figure.add_axes((0.12, 0.1, 0.84, 0.8))
    for label, (x, y), colour in (
        ("exact PCA", state.pca_codes.T, EXACT),
        ("autoencoder", state.codes.T, LEARNED),
    ):
        axes.scatter(x, y, s=8, color=colour, alpha=0.5, label=label)
    axes.set_aspect("equal", "datalim")
    axes.tick_params(labelsize=9)
    axes.legend(fontsize=10, loc="upper right")
    return _draw(figure)


def loss_curve(state: LinearStep) -> Plot:
    """Return the loss of every step, on a logarithmic axis, with PCA's error as the floor."""
    figure = _figure(PLOT_SIZE)
    axes = figure.add_axes((0.14, 0.12, 0.82, 0.78), yscale="log", xlim=(0, state.total_steps))
    axes.plot(range(1, len(state.losses) + 1), state.losses, color=LEARNED, label="autoencoder")
    axes.axhline(state.pca_mse, color=EXACT, linestyle="--", label="exact PCA")
    _use_whole_ticks(axes, "step")
    axes.tick_params(labelsize=9)
    axes.legend(fontsize=10)
    return _draw(figure)


def style_losses(curve: Sequence[tuple[int, float, float, float]]) -> Plot:
    """Return content, style and variation losses over the steps, on a logarithmic axis.

    A loss of 0, such as the content loss at the start, is left out.

    Args:
        curve: (step, content, style, variation) of every step.
    """
    figure = _figure(WIDE_SIZE)
    axes = figure.add_axes((0.08, 0.16, 0.9, 0.78), yscale="log")
    steps, *losses = np.array(curve, float).reshape(-1, 4).T
    for name, values, colour in zip(
        ("content", "style", "variation"), losses, (EXACT, LEARNED, POINTS), strict=True
    ):
        axes.plot(steps, np.where(values > 1e-6, values, np.nan), color=colour, label=name)
    _use_whole_ticks(axes, "step")
    axes.tick_params(labelsize=9)
    axes.legend(fontsize=10)
    return _draw(figure)


def _use_whole_ticks(axes: Axes, label: str) -> None:
    """Label the horizontal axis, with ticks at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(label, fontsize=10)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _plane_patch(state: LinearStep) -> NDArray[np.float64]:
    """Return x, y, z of the corners of a square in the learned plane: (3, 2, 2)."""
    axis_1, axis_2 = np.linalg.qr(state.basis.T.astype(np.float64))[0].T
    corners = np.array([[-1.2, 1.2], [-1.2, 1.2]])
    patch = np.multiply.outer(axis_1, corners) + np.multiply.outer(axis_2, corners.T)
    return np.asarray(patch)


def _figure(size: tuple[int, int]) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor="none")


def _draw(figure: Figure) -> Plot:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    _recolour(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba()).copy()  # type: ignore[no-untyped-call]


def _recolour(figure: Figure) -> None:
    """Draw axes and text in ink, on a transparent background."""
    from matplotlib.legend import Legend
    from matplotlib.spines import Spine
    from matplotlib.text import Text
    from mpl_toolkits.mplot3d import Axes3D

    for axes in figure.axes:
        axes.set_facecolor("none")
        axes.tick_params(which="both", color=INK)
        if isinstance(axes, Axes3D):
            for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
                axis.set_pane_color((0, 0, 0, 0))
                axis.line.set_color(INK)
    for text in figure.findobj(Text):
        text.set_color(INK)
    for spine in figure.findobj(Spine):
        spine.set_edgecolor(INK)
    for legend in figure.findobj(Legend):
        legend.get_frame().set_alpha(0)

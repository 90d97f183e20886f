"""The panel "Denoise": one noisy picture, every denoiser side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import gradio as gr

from generative import images, metrics
from generative.card import Figures
from generative.data import noise
from generative.denoising import comparison
from generative.denoising.comparison import Restoration
from generative.denoising.method import ours
from generative.images import Picture as Pixels
from generative.models import Role
from generative.ui import cards, inputs, links
from generative.ui.before_after import build_before_after
from generative.ui.cards import ResultCard
from generative.ui.glossary import build_text
from generative.ui.handlers import COMPUTE_QUEUE, Shelf, computing, respond
from generative.ui.picture_chooser import PictureChooser, read_picture
from generative.validation import Images
from generative.variational.inspection import USUAL, is_unusual

KIND_CHOICES = [
    ("Gaussian", "gaussian"),
    ("Salt and pepper", "salt_and_pepper"),
    ("Speckle", "speckle"),
    ("Masked pixels", "masked"),
]
ABOUT = (
    "Point at a picture to see the clean one in its place. The networks are told neither the kind "
    "of noise nor its level; the two classical methods are told both. The small maps show errors: "
    "red is too bright, blue too dark. PSNR and SSIM say how near a result comes to the clean "
    "picture."
)
API = (
    "Add noise to a picture and remove it with every method. Takes a picture file (one of "
    "28×28 pixels is used as it is, any other is prepared as the data set was), the data "
    "set (mnist or fashion_mnist), the kind of noise (gaussian, salt_and_pepper, speckle "
    "or masked), its level from 0 to 1 and a seed. Returns the result as HTML, the noisy "
    "and the best picture, and the figures with every picture as a PNG data URL."
)
UNUSUAL = (
    "The networks have seen nothing like this picture: it is more unusual than "
    f"{USUAL} of 100 test pictures, so they may turn it into something else."
)
JUDGE: Role = "latent model"
"""Tells whether a picture is one that the networks know."""

ZOOM = 12


def build_denoise(shelf: Shelf, chosen: PictureChooser) -> None:
    """Lay out the panel and wire it to `compare`."""
    with gr.Row(elem_id="noise"):
        kind = inputs.choice(KIND_CHOICES, value="gaussian", label="Kind of noise", elem_id="kind")
        level = inputs.slider(noise.LEVEL, 0.5, 0.01, label="Level", elem_id="level")
        again = gr.Button("New noise", min_width=110)
    results = gr.HTML(elem_id="denoise-results", min_height=320)
    build_text(ABOUT, elem_classes="note")
    with gr.Accordion("More: the seed, and noisy and best in one place", open=False):
        seed = inputs.seed()
        slider = build_before_after(
            "Noisy | best",
            height=360,
            elem_classes="crisp",
            elem_id="before-after",
            buttons=["download"],
        )
    figures = gr.JSON(visible=False)
    links.keep(noise=kind, level=level, noise_seed=seed)

    given = [chosen.picture, chosen.dataset, kind, level, seed]
    shown = [results, slider, figures]

    compare = _comparer(shelf)
    respond(
        [chosen.picture.change, kind.input, level.input, seed.input],
        compare,
        given,
        shown,
        api_name="denoise",
        api_description=API,
    )
    again.click(inputs.next_seed, seed, seed, api_visibility="private").then(
        compare, given, shown, api_visibility="private", concurrency_id=COMPUTE_QUEUE
    )


def _comparer(shelf: Shelf) -> Callable[..., tuple[str, tuple[Pixels, Pixels], Figures]]:
    """Return the handler that adds noise to a picture and removes it with every method."""

    @computing
    def compare(
        picture: str | None, dataset: str, kind: str, level: float, seed: int
    ) -> tuple[str, tuple[Pixels, Pixels], Figures]:
        clean = read_picture(picture, dataset)
        noisy = noise.add_noise(clean, kind, level, seed)
        networks = ours(shelf.present("denoising", dataset))
        restorations = comparison.restore(clean, noisy, kind, level, networks)
        winner = comparison.best(restorations)
        strange = shelf.has_roles(JUDGE) and is_unusual(shelf.with_role(JUDGE, dataset), clean)
        return (
            _render(clean, restorations, winner, UNUSUAL if strange else ""),
            (_zoom(noisy), _zoom(winner.image)),
            _figures(restorations, winner),
        )

    return compare


def _zoom(picture: Images) -> Pixels:
    return images.enlarge(picture[0, ..., 0], ZOOM)


def _render(
    clean: Images, restorations: Sequence[Restoration], winner: Restoration, warning: str
) -> str:
    original = ResultCard("Clean picture", [("", clean[0])])
    results = [
        ResultCard(
            r.method.title,
            [("result", r.image[0]), ("error", cards.error_map(clean, r.image))],
            [("PSNR", cards.decibels(r.psnr)), ("SSIM", f"{r.ssim:.3f}")],
            "best" if r is winner else "",
        )
        for r in restorations
    ]
    heading = comparison.verdict(restorations)
    rendered = cards.render([original, *results], heading, file_name="denoised.png")
    said = f'<p class="warning">{escape(warning)}</p>' if warning else ""
    return f'{said}<div style="--underneath:url({images.data_uri(clean[0])})">{rendered}</div>'


def _figures(restorations: Sequence[Restoration], winner: Restoration) -> Figures:
    """Return the results for programs."""
    return {
        "winner": winner.method.name,
        "verdict": comparison.verdict(restorations),
        "results": [
            {
                "method": r.method.name,
                "psnr_db": metrics.for_json(r.psnr, 3),
                "ssim": round(r.ssim, 4),
                "image": images.data_uri(r.image[0]),
            }
            for r in restorations
        ],
    }

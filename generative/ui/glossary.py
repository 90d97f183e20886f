"""The glossary: a sentence for every term, which the page shows wherever the term is explained."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Attributes:
        word: as the glossary lists it.
        meaning: one sentence.
        pattern: its forms in a text.
    """

    word: str
    meaning: str
    pattern: str


TERMS = {
    "latent": Term(
        "Latent",
        "One of the few numbers that a model keeps of a picture, and can make a picture from.",
        r"latents?(?: space)?",
    ),
    "prior": Term(
        "Prior",
        "How latents are spread before any picture has been seen: here a normal distribution, so "
        "what is drawn from it can be decoded.",
        r"prior",
    ),
    "posterior": Term(
        "Posterior",
        "Where a picture's latents probably lie, once it has been seen: a mean and a width each.",
        r"posteriors?",
    ),
    "kl": Term(
        "KL divergence",
        "How many nats it costs to say where the posterior lies, when all that is known is the "
        "prior; 0 where both are the same.",
        r"KL(?: divergence)?",
    ),
    "nat": Term(
        "Nat",
        "A measure of surprise, 1.44 bits: the fewer a model spends on a picture, the better it "
        "knows pictures of that kind.",
        r"nats?",
    ),
    "elbo": Term(
        "ELBO",
        "The evidence lower bound, which a variational autoencoder learns to raise: how well it "
        "rebuilds a picture, less the KL divergence.",
        r"ELBO",
    ),
    "importance": Term(
        "Importance sampling",
        "Averaging over many draws, each weighted by how likely it really is, which brings the "
        "bound nearer to the true value.",
        r"importance sampl(?:es?|ing)",
    ),
    "psnr": Term(
        "PSNR",
        "The peak signal-to-noise ratio: 10 dB (decibels) more means a tenth of the squared error.",
        r"PSNR",
    ),
    "ssim": Term(
        "SSIM",
        "Structural similarity: compares means, contrasts and patterns patch by patch, and is 1 "
        "for equal pictures.",
        r"SSIM",
    ),
    "gram": Term(
        "Gram matrix",
        "Says which features of a picture occur together, summed over all places: texture without "
        "arrangement.",
        r"Gram matrix",
    ),
    "variation": Term(
        "Total variation",
        "The differences between neighbouring pixels, added up: the less of it, the smoother the "
        "picture.",
        r"total variation|smoothness",
    ),
    "octave": Term(
        "Octave",
        "A doubling of size: strokes are matched to the style at the painting's own size, forms "
        "at a half and a quarter of it.",
        r"octaves?",
    ),
    "bottleneck": Term(
        "Bottleneck",
        "The narrowest layer of an autoencoder: whatever is to be rebuilt must fit through it.",
        r"bottleneck",
    ),
}
"""By the name in the page's ids."""

_ANY = re.compile("|".join(rf"(?P<{name}>\b{term.pattern}\b)" for name, term in TERMS.items()))


def explain(text: str) -> str:
    """Return HTML or Markdown in which every term that occurs is a button that explains it.

    Only its first occurrence is: a text full of them could not be read.
    """
    seen: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        name = str(found.lastgroup)
        if name in seen:
            return found.group()
        seen.add(name)
        return f'<button class="term" aria-describedby="meaning-{name}">{found.group()}</button>'

    return _ANY.sub(mark, text)


def build_text(text: str, **options: Any) -> gr.Markdown:
    """Lay out a text of our own, in Markdown, with its terms explained."""
    # Gradio takes buttons out of what it takes for a stranger's text.
    return gr.Markdown(explain(text), sanitize_html=False, **options)


def build_glossary() -> None:
    """Lay out all terms, folded away; `page.js` shows one where its word is pointed at."""
    entries = "".join(
        f'<dt>{escape(term.word)}</dt><dd id="meaning-{name}">{escape(term.meaning)}</dd>'
        for name, term in sorted(TERMS.items(), key=lambda each: each[1].word.lower())
    )
    gr.HTML(f"<details><summary>Glossary</summary><dl>{entries}</dl></details>", elem_id="glossary")

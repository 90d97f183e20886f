"""Write the README's tables of held-out figures from the checkpoints' cards.

python -m benchmarks.cards            # write them into README.md
python -m benchmarks.cards --check    # exit with 1 if README.md is out of date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.markdown import table
from generative import checkpoints, data
from generative.card import Card

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- figures: written by python -m benchmarks.cards -->"
END = "<!-- end of figures -->"
NOTHING = "No model has been trained yet."

NOISES = {
    "gaussian_0.2": "Gaussian .2",
    "gaussian_0.5": "Gaussian .5",
    "salt_and_pepper_0.5": "salt and pepper .5",
    "speckle_0.5": "speckle .5",
    "masked_0.5": "masked .5",
}

UNCLIPPED = {
    "unclipped_gaussian_0.1": "σ .1",
    "unclipped_gaussian_0.2": "σ .2",
    "unclipped_gaussian_0.5": "σ .5",
    "unclipped_gaussian_1": "σ 1",
}

FRECHET = ("frechet_prior", "frechet_mixture")


def figures(directory: Path = checkpoints.SHIPPED) -> str:
    """Return all tables, in Markdown, for a folder of checkpoints."""
    cards = [checkpoints.read_card(name, directory) for name in checkpoints.available(directory)]
    parts = [
        part(cards)
        for part in (
            _denoising,
            _unclipped,
            _reconstruction,
            _variational,
            _linear,
            _features,
            _pruned,
            _one_pass,
        )
    ]
    return "\n\n".join(part for part in parts if part) or NOTHING


def insert(text: str, made: str) -> str:
    """Return a README with `made` between the two markers.

    Raises:
        ValueError: a marker is missing or repeated.
    """
    if (text.count(BEGIN), text.count(END)) != (1, 1):
        raise ValueError(f"Expected each of the lines {BEGIN} and {END} once in the README.")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{rest.partition(END)[2]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the README and return the exit status."""
    parser = argparse.ArgumentParser(description="Write the README's tables from the cards.")
    parser.add_argument("--check", action="store_true", help="exit with 1 if they are stale")
    parser.add_argument("--readme", type=Path, default=README, metavar="FILE")
    parser.add_argument("--checkpoints", type=Path, default=checkpoints.SHIPPED, metavar="DIR")
    options = parser.parse_args(arguments)
    text = options.readme.read_text(encoding="utf-8")
    fresh = insert(text, figures(options.checkpoints))
    if options.check and fresh != text:
        print("The README's tables are stale: run python -m benchmarks.cards.", file=sys.stderr)
        return 1
    if fresh != text:
        options.readme.write_text(fresh, encoding="utf-8")
    return 0


def _denoising(cards: Sequence[Card]) -> str:
    chosen = [card for card in cards if "gaussian_0.5" in card["metrics"]]
    rows = [
        [
            *_name(card),
            *(_psnr_and_ssim(card["metrics"].get(key)) for key in NOISES),
            *_cost(card),
        ]
        for card in chosen
    ]
    header = ["PSNR dB / SSIM", "data", *NOISES.values(), "parameters", "trained in"]
    return _captioned("Denoising", chosen, header, rows)


def _unclipped(cards: Sequence[Card]) -> str:
    chosen = [card for card in cards if "unclipped_gaussian_0.5" in card["metrics"]]
    rows = []
    for card in chosen:
        distance = card.get("samples", {}).get("frechet_generated")
        rows.append(
            [
                *_name(card),
                *(_psnr_and_ssim(card["metrics"].get(key)) for key in UNCLIPPED),
                "" if distance is None else f"{distance:.2f}",
                *_cost(card),
            ]
        )
    header = ["PSNR dB / SSIM", "data", *UNCLIPPED.values()]
    header += ["Fréchet, generated", "parameters", "trained in"]
    return _captioned("Unclipped Gaussian noise", chosen, header, rows)


def _reconstruction(cards: Sequence[Card]) -> str:
    chosen = [card for card in cards if "bce_over_floor" in card["metrics"]]
    rows = [
        [
            *_name(card),
            f"{card['metrics']['mse']:.5f}",
            f"{card['metrics']['bce']:.4f}",
            f"{card['metrics']['bce_over_floor']:.4f}",
            *_cost(card),
        ]
        for card in chosen
    ]
    header = ["model", "data", "MSE", "cross-entropy", "above its floor", "parameters"]
    return _captioned("Reconstruction", chosen, [*header, "trained in"], rows)


def _variational(cards: Sequence[Card]) -> str:
    chosen = [card for card in cards if "negative_elbo" in card["metrics"]]
    rows = []
    for card in chosen:
        metrics, samples = card["metrics"], card.get("samples", {})
        size = card["configuration"]["latent_size"]
        recognised = samples.get("recognised_prior")
        rows.append(
            [
                f"{card['model']}, z = {size}",
                _name(card)[1],
                f"{metrics['negative_elbo']:.2f}",
                f"{metrics['importance_weighted_500']:.2f}",
                f"{metrics['over_floor']:.2f}",
                f"{metrics['kl']:.2f}",
                f"{metrics['active_latents']} of {size}",
                *(f"{samples[key]:.2f}" if key in samples else "" for key in FRECHET),
                "" if recognised is None else f"{recognised:.1%}",
                *_cost(card),
            ]
        )
    header = ["nats per picture", "data", "negative ELBO", "500 importance samples"]
    header += ["above the floor", "KL", "latents in use", "Fréchet, prior", "Fréchet, mixture"]
    header += ["recognised", "parameters", "trained in"]
    return _captioned("Variational autoencoders", chosen, header, rows)


def _linear(cards: Sequence[Card]) -> str:
    return "\n\n".join(
        f"The linear autoencoder on 3-D points: MSE {card['metrics']['mse']:.5f} on held-out "
        f"points; exact PCA, fitted to the same training points, {card['metrics']['pca_mse']:.5f}."
        for card in cards
        if "pca_mse" in card["metrics"]
    )


def _features(cards: Sequence[Card]) -> str:
    return "\n\n".join(
        f"The feature network classifies {card['metrics']['accuracy']:.1%} of "
        f"{card['metrics']['test_images']:,} validation pictures correctly among "
        f"{card['configuration']['classes']} classes, {card['metrics']['accuracy_top_5']:.1%} "
        f"within five guesses; {card['parameters']:,} parameters, trained in {_cost(card)[1]}."
        for card in cards
        if "accuracy" in card["metrics"] and "explained" not in card["training"]
    )


def _pruned(cards: Sequence[Card]) -> str:
    """Say how much of a VGG-16 the network pruned from it explains."""
    return "\n\n".join(
        "The coarse network, a pruned VGG-16, explains "
        f"{min(shares):.1%} to {max(shares):.1%} of the variance of the VGG-16's channels that it "
        f"stands for, layer by layer, on held-out pictures; made in {_cost(card)[1]}."
        for card in cards
        if (shares := card["training"].get("explained", {}).values())
    )


def _one_pass(cards: Sequence[Card]) -> str:
    return "\n\n".join(
        f"Style transfer in one pass: over {figures['pairs']} pairs of example photos and styles, "
        f"none of them seen in training, the style error falls to {figures['style_error']:.3f} "
        f"from the photos' own {figures['photo_style_error']:.3f}; {card['parameters']:,} "
        f"parameters, trained in {_cost(card)[1]}."
        for card in cards
        if "style_error" in (figures := card["metrics"])
    )


def _captioned(
    title: str, cards: Sequence[Card], header: Sequence[str], rows: Sequence[Sequence[str]]
) -> str:
    """Return a table under its title and its number of pictures; empty without rows."""
    if not rows:
        return ""
    counts = sorted({card["metrics"]["test_images"] for card in cards})
    pictures = " or ".join(f"{count:,}" for count in counts)
    return f"**{title}**, {pictures} test pictures:\n\n{table(header, rows)}"


def _name(card: Card) -> list[str]:
    return [card["model"], data.TITLES.get(card["dataset"], card["dataset"])]


def _cost(card: Card) -> list[str]:
    seconds = card["training"]["seconds"]
    shown = f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
    return [f"{card['parameters']:,}", shown]


def _psnr_and_ssim(measured: Mapping[str, float] | None) -> str:
    if measured is None:
        return ""
    return f"{measured['psnr_db']:.2f} / {measured['ssim']:.3f}".replace(" 0.", " .")


if __name__ == "__main__":
    sys.exit(main())

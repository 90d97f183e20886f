"""The model card of a repository, written from the cards of its checkpoints.

Its front matter follows https://github.com/huggingface/hub-docs/blob/main/modelcard.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from huggingface_hub import EvalResult, ModelCardData
from huggingface_hub.repocard_data import eval_results_to_model_index

from generative import data
from generative.card import Card
from generative.models import MODELS

LICENCE = "apache-2.0"

LIBRARY = "generative-playground"
"""Not "keras", which these models are of: for that the Hub would tell people to load the repository
as a file of Keras, which it is not, on purpose."""

HUB_DATASETS = {"mnist": "ylecun/mnist", "fashion_mnist": "zalando-datasets/fashion_mnist"}
"""The data sets that the Hub has, by our names."""

TASKS = {
    "negative_elbo": "unconditional-image-generation",
    "accuracy": "image-classification",
    "psnr_db": "image-to-image",
    "bce": "image-to-image",
    "style_error": "image-to-image",
}
"""What a model does, by a figure that only such models have."""

FIGURES = {
    "psnr_db": "PSNR (dB)",
    "ssim": "SSIM",
    "mse": "mean squared error",
    "pca_mse": "mean squared error of exact PCA",
    "bce": "cross-entropy (nats a pixel)",
    "bce_over_floor": "cross-entropy above the entropy floor (nats a pixel)",
    "negative_elbo": "negative ELBO (nats a picture)",
    "importance_weighted_500": "bound of 500 importance samples (nats a picture)",
    "over_floor": "negative ELBO above the entropy floor (nats a picture)",
    "reconstruction": "reconstruction loss (nats a picture)",
    "kl": "KL divergence (nats a picture)",
    "active_latents": "latents in use",
    "style_error": "style error, by feature statistics",
    "photo_style_error": "style error of the photos themselves",
    "content_error": "content error, by features",
    "accuracy": "accuracy",
    "accuracy_top_5": "accuracy within five guesses",
}
"""The figures that a model card shows, and what they are called there."""

BODY = """
# {title}

Small image models of the generative playground, each measured on held-out data; {count} in all.

| checkpoint | what it is | data | parameters |
| --- | --- | --- | ---: |
{rows}

## Use

With the program's repository at hand:

```python
import generative

model = generative.load("{repository}:{example}")
print(model.card["metrics"])
```

`python app.py --checkpoints hub:{repository}` serves all of them in the browser.

A checkpoint is a folder of two files: `model.weights.h5`, plain numbers in half precision, and
`card.json`, which says how to build the model, how it was trained, and the SHA-256 of the weights.
Loading one runs nothing that is in the files.

## What they can't do

They know what they were trained on, digits and clothes of 28×28 grey pixels for the most part, and
redraw anything else as one of those. The figures below are means over held-out pictures.

## How good they are

{figures}

## How they were trained

| checkpoint | command | at commit |
| --- | --- | --- |
{commands}
"""


def render(repository: str, cards: Mapping[str, Card]) -> str:
    """Return the text of a model card.

    Args:
        repository: "OWNER/NAME".
        cards: name of a checkpoint → its card, at least one.
    """
    return f"---\n{front_matter(cards).to_yaml()}\n---\n{_body(repository, cards)}"


def front_matter(cards: Mapping[str, Card]) -> ModelCardData:
    """Return what the Hub reads: library, licence, tags, data sets, and the figures reached."""
    datasets = {card["dataset"] for card in cards.values()}
    known = sorted(HUB_DATASETS[name] for name in datasets & HUB_DATASETS.keys())
    metadata = ModelCardData(
        library_name=LIBRARY,
        license=LICENCE,
        tags=sorted({card["model"] for card in cards.values()}),
        datasets=known or None,
    )
    metadata["model-index"] = [
        entry for name, card in cards.items() for entry in _index_entry(name, card)
    ]
    return metadata


def figures(card: Card) -> Iterator[tuple[str, str, float]]:
    """Yield the kind, the name and the value of every figure of a card."""
    for key, value in card["metrics"].items():
        if key in FIGURES:
            yield key, FIGURES[key], value
        elif isinstance(value, dict):
            kind, _, level = key.rpartition("_")
            for inner, figure in value.items():
                noise = f"{kind.replace('_', ' ')} noise of {level}"
                yield inner, f"{FIGURES.get(inner, inner)}, {noise}", figure


def _index_entry(name: str, card: Card) -> list[dict[str, Any]]:
    dataset: str = card["dataset"]
    results = [
        EvalResult(
            task_type=_task(card),
            dataset_type=HUB_DATASETS.get(dataset, dataset),
            dataset_name=_title(dataset),
            dataset_split="test",
            metric_type=kind,
            metric_value=value,
            metric_name=title,
        )
        for kind, title, value in figures(card)
    ]
    return eval_results_to_model_index(name, results) if results else []


def _title(dataset: str) -> str:
    return data.TITLES.get(dataset, dataset)


def _task(card: Card) -> str:
    kinds = {kind for kind, _, _ in figures(card)}
    return next((task for figure, task in TASKS.items() if figure in kinds), "other")


def _body(repository: str, cards: Mapping[str, Card]) -> str:
    return BODY.format(
        title=repository.partition("/")[2],
        repository=repository,
        count=len(cards),
        example=next(iter(cards)),
        rows="\n".join(_row(name, card) for name, card in cards.items()),
        figures="\n".join(_figures_of(name, card) for name, card in cards.items()),
        commands="\n".join(_command(name, card) for name, card in cards.items()),
    )


def _row(name: str, card: Card) -> str:
    model, dataset = card["model"], card["dataset"]
    summary = MODELS[model].summary if model in MODELS else model
    return f"| `{name}` | {summary} | {_title(dataset)} | {card['parameters']:,} |"


def _figures_of(name: str, card: Card) -> str:
    shown = "; ".join(f"{title}: {value:g}" for _, title, value in figures(card))
    return f"- `{name}`. {shown or 'Not measured'}."


def _command(name: str, card: Card) -> str:
    run = card["training"]
    return f"| `{name}` | `{run.get('command', '?')}` | {run.get('commit', '?')} |"

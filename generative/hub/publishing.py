"""Checkpoints published on the Hub, with the model card that their cards make."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from huggingface_hub import hf_hub_download

from generative import checkpoints, files
from generative.checkpoints import CARD, SHIPPED, WEIGHTS
from generative.errors import InputError
from generative.hub import model_card, shipping
from generative.hub.model_card import Card
from generative.hub.refusals import explained
from generative.hub.shipping import Remote, Shipment, Target

README = "README.md"


def prepare(target: Target, directory: Path = SHIPPED) -> Shipment:
    """Return what has to be sent so that a repository has all checkpoints of a folder.

    Checkpoints that it has and the folder has not stay, and stay in its model card.

    Raises:
        InputError: there is no checkpoint in the folder, or the repository is public and shall be
            private.
        CheckpointError: one is damaged.
        HubError: the Hub refuses or cannot be reached.
    """
    names = checkpoints.available(directory)
    if not names:
        raise InputError(f"There is no checkpoint in {directory}: train a model first.")
    cards: dict[str, Card] = {name: checkpoints.read_card(name, directory) for name in names}
    contents = {
        path: content
        for name in names
        for path, content in (
            (f"{name}/{CARD}", files.read(directory / name / CARD, checkpoints.MAX_CARD_BYTES)),
            (f"{name}/{WEIGHTS}", checkpoints.read_blob(name, cards[name], directory)),
        )
    }
    remote = shipping.look(target)
    cards |= _cards_there(target, remote, except_for=names)
    text = model_card.render(target.repository, dict(sorted(cards.items())))
    return shipping.pack(target, remote, {README: text.encode(), **contents})


def _cards_there(target: Target, remote: Remote, except_for: Iterable[str]) -> dict[str, Card]:
    """Return the cards of the other checkpoints that the repository has."""
    paths = [path for path in remote.hashes if Path(path).name == CARD]
    names = {path.split("/")[0] for path in paths if path.count("/") == 1} - set(except_for)
    cards: dict[str, Card] = {}
    for name in names:
        with explained(target.repository):
            path = hf_hub_download(target.repository, f"{name}/{CARD}", revision=remote.head)
        cards[name] = checkpoints.read_card(name, Path(path).parent.parent)
    return cards

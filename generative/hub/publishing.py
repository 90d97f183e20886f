"""Publish checkpoints on the Hub, with a model card written from their cards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from huggingface_hub import hf_hub_download

from generative import checkpoints, files
from generative.card import Card
from generative.checkpoints import CARD, SHIPPED, WEIGHTS
from generative.errors import InputError
from generative.hub import model_card, upload
from generative.hub.errors import readable_hub_errors
from generative.hub.upload import README, RemoteState, Target, Upload


def prepare_checkpoints(target: Target, directory: Path = SHIPPED) -> Upload:
    """Return what to send so that a repository has all checkpoints of a folder.

    Other checkpoints of the repository stay there and in its model card.

    Raises:
        InputError: there is no checkpoint in the folder, or the repository should be private
            and is public.
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
    remote = upload.read_remote(target)
    cards |= _remote_cards(target, remote, local=names)
    text = model_card.render(target.repository, dict(sorted(cards.items())))
    return upload.prepare_upload(target, remote, {README: text.encode(), **contents})


def _remote_cards(target: Target, remote: RemoteState, local: Iterable[str]) -> dict[str, Card]:
    """Return the cards of the checkpoints that only the repository has."""
    paths = [path for path in remote.hashes if Path(path).name == CARD]
    names = {path.split("/")[0] for path in paths if path.count("/") == 1} - set(local)
    cards: dict[str, Card] = {}
    for name in names:
        with readable_hub_errors(target.repository):
            path = hf_hub_download(target.repository, f"{name}/{CARD}", revision=remote.head)
        cards[name] = checkpoints.read_card(name, Path(path).parent.parent)
    return cards

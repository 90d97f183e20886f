"""Train the one-pass network from folders of photos and of style pictures.

python train.py stylizer --contents DIR --styles DIR
python train.py stylizer --pairs DIR

After every pass over the photos the checkpoint is written, and beside it a sheet of held-out photos
and a line of a log: numbers don't see beauty.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from generative import checkpoints, models, seeds
from generative.card import Card, TrainingRecord
from generative.data import splits
from generative.data.labelled_photos import square
from generative.errors import DataError, InputError
from generative.style_transfer import curricula, networks, pairs, stylizer
from generative.style_transfer.curricula import Curriculum
from generative.style_transfer.objective import objective_for
from generative.training import precision, runs, trainer

SIDE = 256
"""Of the photos, pixels."""

LOG = "log.jsonl"


@dataclass(frozen=True)
class StylizerRequest:
    """What to train on, and how long; None stands for the model's own choice.

    Attributes:
        contents, styles: folders of photos and of style pictures.
        pairs: in place of both, a folder that `pairs.make` filled.

    Raises:
        InputError: a number out of range, or neither the two folders nor the one.
    """

    contents: Path | None = None
    styles: Path | None = None
    pairs: Path | None = None
    epochs: int | None = None
    batch_size: int | None = None
    seed: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        given = [self.contents is not None, self.styles is not None, self.pairs is not None]
        if given not in ([True, True, False], [False, False, True]):
            raise InputError(
                "The stylizer learns from photos and styles, named with --contents and --styles, "
                "or from pairs, named with --pairs: name the ones or the others."
            )
        self.plan()

    @property
    def checkpoint(self) -> str:
        """The id of the checkpoint that the run makes."""
        return stylizer.CHECKPOINT if self.pairs is None else f"{stylizer.CHECKPOINT}-pairs"

    @property
    def command(self) -> str:
        """The command line that makes the same checkpoint again."""
        numbers = {"epochs": self.epochs, "batch-size": self.batch_size, "limit": self.limit}
        options = [f"--{name} {value}" for name, value in numbers.items() if value is not None]
        source = "--pairs DIR" if self.pairs else "--contents DIR --styles DIR"
        words = ["stylizer", source, *options, f"--seed {self.seed}"]
        return " ".join(["python train.py", *words])

    def plan(self) -> trainer.Plan:
        """Return the plan of the run."""
        config = stylizer.TRAINING[""]
        return trainer.Plan(
            epochs=config.epochs if self.epochs is None else self.epochs,
            batch_size=config.batch_size if self.batch_size is None else self.batch_size,
            learning_rate=config.learning_rate,
            optimizer=config.optimizer,
            seed=self.seed,
            precision=precision.fastest(),
        )


class StylizerRun:
    """One request being carried out; iterate over `steps()` to do it.

    Args:
        request: what to train.
        output: folder of checkpoints.
        resume: continue from the last complete pass over the photos, if one was saved.

    Raises:
        DataError: there are too few pictures, or one cannot be read.
        TrainingError: nothing can be written to `output`, or the saved state does not fit.
    """

    is_chief = True

    def __init__(
        self, request: StylizerRequest, output: Path = checkpoints.SHIPPED, resume: bool = False
    ) -> None:
        runs.refuse_trial(request.limit, output)
        self.request = request
        self._output = output
        self._folder = output / request.checkpoint
        runs.require_writable(self._folder)
        curriculum = _curriculum(request)
        self._look = curriculum.look
        self.trainer = trainer.Trainer(
            build=lambda: stylizer.build(**stylizer.TRAINING[""].configuration),
            loss=curriculum.loss,
            examples=curriculum.examples,
            plan=request.plan(),
            inputs=curriculum.inputs,
        )
        state = self._folder / runs.STATE
        if resume and state.exists():
            self.trainer.restore(state)

    def steps(self) -> Generator[trainer.Progress, None, None]:
        """Train, writing checkpoint, state, sheet and log after every pass over the photos.

        The state goes at the end. Closing the generator stops within one step.
        """
        losses = []
        with closing(self.trainer.run()) as running:
            for progress in running:
                losses.append(progress.loss)
                if progress.epoch_ends:
                    self._write(float(np.mean(losses)))
                    losses.clear()
                yield progress
        (self._folder / runs.STATE).unlink(missing_ok=True)

    def evaluate(self) -> Card:
        """Measure the written checkpoint on the examples, note it on its card and return that."""
        card = checkpoints.read_card(self.request.checkpoint, self._output)
        model = stylizer.Model(self.trainer.network, card)
        card["metrics"] = stylizer.figures(model, splits.load(splits.EXAMPLES, "test"))
        checkpoints.rewrite_card(self.request.checkpoint, card, self._output)
        return card

    def _write(self, loss: float) -> None:
        epoch = self.trainer.epoch
        checkpoints.write(
            self.request.checkpoint,
            {
                "model": stylizer.NAME,
                "dataset": splits.EXAMPLES,
                "configuration": dict(stylizer.TRAINING[""].configuration),
                "parameters": int(self.trainer.network.count_params()),
                "training": self._record(loss),
                "metrics": {},
            },
            models.weights(self.trainer.network),
            self._output,
        )
        self.trainer.save(self._folder / runs.STATE)
        sheet, error = self._look(self.trainer.network)
        Image.fromarray(sheet).save(self._folder / f"sheet-{epoch:03}.jpg", quality=90)
        line = {"epoch": epoch, "loss": loss, "held_out": round(error, 4)}
        with open(self._folder / LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def _record(self, loss: float) -> TrainingRecord:
        record = {
            "command": self.request.command,
            **asdict(self.trainer.plan),
            "seeding": seeds.SCHEME,
            "limit": self.request.limit,
            "epochs_done": self.trainer.epoch,
            "seconds": round(self.trainer.seconds, 1),
            "last_loss": loss,
            "replicas": 1,
            **runs.made_with(),
        }
        return cast("TrainingRecord", record)


def run(
    output: Path,
    resume: bool,
    epochs: int | None,
    batch_size: int | None,
    seed: int,
    limit: int | None,
    **folders: Path | None,
) -> StylizerRun:
    """Return the run that the command line asks for.

    Raises:
        InputError, DataError, TrainingError: see `StylizerRequest` and `StylizerRun`.
    """
    request = StylizerRequest(
        **folders, epochs=epochs, batch_size=batch_size, seed=seed, limit=limit
    )
    return StylizerRun(request, output, resume)


def _curriculum(request: StylizerRequest) -> Curriculum:
    """Read the pictures, and return what is learned from them."""
    objective = objective_for(networks.load_pair(), (1.0,), precision.fastest())
    if request.pairs is not None:
        found = pairs.load(request.pairs, SIDE, request.limit)
        return curricula.of_pairs(objective, *found)
    assert request.contents is not None
    assert request.styles is not None
    photos = [square(each, SIDE) for each in pairs.pictures_in(request.contents, request.limit)]
    styles = pairs.pictures_in(request.styles, request.limit)
    for folder, count in ((request.contents, len(photos)), (request.styles, len(styles))):
        if count <= curricula.HELD_OUT:
            raise DataError(
                f"There are {count} pictures in {folder}: expected more than {curricula.HELD_OUT} "
                "to learn from."
            )
    return curricula.of_styles(objective, photos, styles)

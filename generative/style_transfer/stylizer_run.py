"""Train the one-pass network from folders of photos and of style pictures.

python train.py stylizer --contents DIR --styles DIR

After every pass over the photos the checkpoint is written, and beside it a sheet of held-out photos
in held-out styles and a line of a log: numbers don't see beauty.
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

from generative import checkpoints, images, models, seeds
from generative.backend import keras, tf
from generative.card import Card, TrainingRecord
from generative.data import splits
from generative.data.labelled_photos import square
from generative.errors import DataError, GenerativeError
from generative.images import SUFFIXES
from generative.style_transfer import lessons, networks, stylizer
from generative.style_transfer.colours import towards
from generative.style_transfer.described import see
from generative.style_transfer.objective import objective_for
from generative.style_transfer.picture_checks import Pixels
from generative.training import precision, runs, trainer

SIDE = 256
"""Of the photos, pixels."""

HELD_OUT = 20
"""Every so many-th picture is kept for looking at, not for learning."""

SHOWN = 6
"""Photos and styles on a sheet."""

LOG = "log.jsonl"


@dataclass(frozen=True)
class StylizerRequest:
    """What to train on, and how long; None stands for the model's own choice.

    Raises:
        InputError: a number out of range.
    """

    contents: Path
    styles: Path
    epochs: int | None = None
    batch_size: int | None = None
    seed: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        self.plan()

    @property
    def checkpoint(self) -> str:
        """The id of the checkpoint that the run makes."""
        return stylizer.CHECKPOINT

    @property
    def command(self) -> str:
        """The command line that makes the same checkpoint again."""
        numbers = {"epochs": self.epochs, "batch-size": self.batch_size, "limit": self.limit}
        options = [f"--{name} {value}" for name, value in numbers.items() if value is not None]
        words = ["stylizer --contents DIR --styles DIR", *options, f"--seed {self.seed}"]
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
        photos = [square(each, SIDE) for each in pictures_in(request.contents, request.limit)]
        styles = pictures_in(request.styles, request.limit)
        self._objective = objective_for(networks.load_pair(), (1.0,), precision.fastest())
        self._shown = photos[::HELD_OUT][:SHOWN], styles[::HELD_OUT][:SHOWN]
        known = lessons.styles_of(self._objective, _others(styles))
        descriptions = np.concatenate([style.description for style in known])
        self.trainer = trainer.Trainer(
            build=lambda: stylizer.build(**stylizer.TRAINING[""].configuration),
            loss=lessons.PerceptualLoss(self._objective),
            examples=np.stack(_others(photos)),
            plan=request.plan(),
            inputs=lambda batch, rng: lessons.lesson(batch, known, rng),
        )
        self.trainer.network.coder.get_layer("standardised").fit(tf.constant(descriptions))
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
        sheet, error = self._sheet()
        Image.fromarray(sheet).save(self._folder / f"sheet-{epoch:03}.jpg", quality=90)
        line = {"epoch": epoch, "loss": loss, "held_out_style": error}
        with open(self._folder / LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def _sheet(self) -> tuple[Pixels, float]:
        """Return held-out photos, down, in held-out styles, across; and the mean style error."""
        photos, styles = self._shown
        rows = [
            np.concatenate([np.full_like(photos[0], 255), *(square(s, SIDE) for s in styles)], 1)
        ]
        errors = []
        sides = len(lessons.SIDES)
        seen = lessons.styles_of(self._objective, styles)[sides // 2 :: sides]
        for photo in photos:
            content = photo.astype(np.float32) / np.float32(255)
            contents = np.stack([towards(content, s.colours, np.float32(1)) for s in seen])
            descriptions = np.concatenate([style.description for style in seen])
            painted = self.trainer.network((contents, descriptions, tf.ones(len(seen))))
            wanted = keras.tree.map_structure(lambda *x: np.concatenate(x), *[s.seen for s in seen])
            errors.append(
                float(np.mean(lessons.style_errors(see(self._objective, painted)[1], wanted)))
            )
            rows.append(np.concatenate([photo, *images.to_uint8(np.clip(painted, 0, 1))], axis=1))
        return np.concatenate(rows), round(float(np.mean(errors)), 4)

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
    contents: Path,
    styles: Path,
    output: Path,
    resume: bool,
    epochs: int | None,
    batch_size: int | None,
    seed: int,
    limit: int | None,
) -> StylizerRun:
    """Return the run that the command line asks for.

    Raises:
        InputError, DataError, TrainingError: see `StylizerRequest` and `StylizerRun`.
    """
    request = StylizerRequest(contents, styles, epochs, batch_size, seed, limit)
    return StylizerRun(request, output, resume)


def pictures_in(folder: Path, limit: int | None = None) -> list[Pixels]:
    """Return the pictures of a folder by name, each (h, w, 3) uint8.

    Raises:
        DataError: there are fewer than `HELD_OUT`, or one cannot be read.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)[:limit]
    if len(paths) < HELD_OUT:
        raise DataError(
            f"There are {len(paths)} pictures in {folder}: expected at least {HELD_OUT} to learn "
            "from."
        )
    return [_read(path) for path in paths]


def _read(path: Path) -> Pixels:
    try:
        return images.decode(path)
    except GenerativeError as error:
        raise DataError(f"The picture {path} cannot be used. {error}") from error


def _others(pictures: list[Pixels]) -> list[Pixels]:
    """Return all but the held-out ones."""
    return [each for index, each in enumerate(pictures) if index % HELD_OUT]

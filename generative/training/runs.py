"""A training run from start to checkpoint: data in, trained and documented model out."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from generative import checkpoints, evaluation, models, seeds
from generative.backend import keras, tf
from generative.card import Card, TrainingRecord
from generative.checkpoints import SHIPPED, unwritable
from generative.data import splits
from generative.data.splits import Split
from generative.errors import DataError, InputError, TrainingError
from generative.models import TrainingConfig
from generative.training import logs, precision, trainer
from generative.validation import check_choice

STATE = "training-state.npz"


@dataclass(frozen=True)
class TrainingRequest:
    """What to train; None stands for the model's own choice.

    Raises:
        InputError: unknown model or data set, or a number out of range.
    """

    model: str
    dataset: str
    epochs: int | None = None
    batch_size: int | None = None
    seed: int = 0
    limit: int | None = None
    variant: str = ""
    images: str | None = None

    def __post_init__(self) -> None:
        entry = models.MODELS[check_choice("model", self.model, models.MODELS)]
        check_choice(f"data set for {self.model}", self.dataset, entry.datasets)
        known = [name or "none, as it has no variants" for name in entry.variants]
        if self.variant not in entry.variants:
            check_choice(f"variant of {self.model}", self.variant, known)
        splits.check_limit(self.dataset, self.limit)
        if self.dataset == splits.PICTURES and self.images is None:
            raise InputError(
                f"The model {self.model} learns from your own labelled pictures: name their "
                "folder, or a data set of TensorFlow Datasets, with --images."
            )
        if self.dataset == splits.PHOTOS and self.images is None:
            raise InputError(
                f"The model {self.model} learns from your own photographs: name their folder with "
                "--images."
            )
        self.plan()

    @property
    def checkpoint(self) -> str:
        """The id of the checkpoint that the run makes."""
        return models.checkpoint_id(self.model, self.dataset, self.variant)

    @property
    def config(self) -> TrainingConfig:
        """How the model is trained, in the variant and on the data set asked for."""
        return models.module(self.model).TRAINING[self.variant].for_dataset(self.dataset)

    @property
    def command(self) -> str:
        """The command line that makes the same checkpoint again."""
        numbers = {"epochs": self.epochs, "batch-size": self.batch_size, "limit": self.limit}
        options = [f"--{name} {value}" for name, value in numbers.items() if value is not None]
        options += [f"--variant {self.variant}"] if self.variant else []
        source = "--images IMAGES" if self.images else f"--dataset {self.dataset}"
        words = [self.model, source, *options, f"--seed {self.seed}"]
        return " ".join(["python train.py", *words])

    def plan(self) -> trainer.Plan:
        """Return the plan of the run: the model's own, where nothing else was asked for."""
        config = self.config
        return trainer.Plan(
            epochs=config.epochs if self.epochs is None else self.epochs,
            batch_size=config.batch_size if self.batch_size is None else self.batch_size,
            learning_rate=config.learning_rate,
            optimizer=config.optimizer,
            seed=self.seed,
            precision=precision.fastest() if config.half_precision else precision.FLOAT32,
            annealing=config.annealing,
        )


class Run:
    """One request being carried out; iterate over `steps()` to do it.

    Args:
        request: what to train.
        output: folder of checkpoints.
        resume: continue from the last complete epoch, if one was saved.
        log_dir: folder for TensorBoard's logs, if any.
        strategy: how devices share a batch; that of the environment by default.

    Raises:
        DataError: the data set is not here, or cannot be learned from.
        TrainingError: nothing can be written to `output`, or the saved state does not fit.
    """

    def __init__(
        self,
        request: TrainingRequest,
        output: Path = SHIPPED,
        resume: bool = False,
        log_dir: Path | None = None,
        strategy: tf.distribute.Strategy | None = None,
    ) -> None:
        self.request = request
        self.output = output
        self._source = models.module(request.model)
        self._strategy = strategy or trainer.strategy()
        self.is_chief = trainer.is_chief(self._strategy)
        refuse_trial(request.limit, output)
        self._state = output / request.checkpoint / STATE
        if self.is_chief:
            for folder in filter(None, (self._state.parent, log_dir)):
                _require_writable(folder)
        self._log_dir = log_dir / request.checkpoint if log_dir and self.is_chief else None
        if self._log_dir is not None:
            logs.require_tensorboard()
        config = request.config
        split = splits.load(request.dataset, "train", request.limit, request.images)
        self._configuration = dict(config.configuration)
        if config.classes_from_data:
            _require_every_class(split, request)
            self._configuration["classes"] = len(split.classes)
        self._examples = (split.examples, split.labels) if config.labelled else split.examples
        if config.validate is not None:
            kept = splits.load(request.dataset, "validation", request.limit, request.images)
            self._held_out = kept.examples
        self.trainer = trainer.Trainer(
            build=lambda: self._source.build(**self._configuration),
            loss=self._source.loss,
            examples=self._examples,
            plan=request.plan(),
            inputs=config.inputs,
            strategy=self._strategy,
            targets=config.targets,
        )
        if resume:
            self._resume()

    def steps(self) -> Generator[trainer.Progress, None, None]:
        """Train, writing checkpoint and state after every epoch; the state goes at the end.

        Closing the generator stops within one step, and closes the log.
        """
        with logs.open_log(self._log_dir) as log:
            for step in self.trainer.run():
                ends = step.epoch_ends and self.is_chief
                progress = self._end_epoch(step) if ends else step
                if log is not None:
                    with log.as_default():
                        for name, figure in {"loss": step.loss, **progress.held_out}.items():
                            tf.summary.scalar(name, figure, step=step.step)
                yield progress
        if self.is_chief:
            self._state.unlink(missing_ok=True)

    def evaluate(self) -> Card:
        """Measure the written checkpoint on held-out data, note it on its card and return that."""
        request = self.request
        card = evaluation.measure(request.checkpoint, self.output, request.limit, request.images)
        checkpoints.rewrite_card(request.checkpoint, card, self.output)
        return card

    def _resume(self) -> None:
        """Go on from the saved state; there is nothing left to do where the run has ended.

        Raises:
            TrainingError: the state, or the checkpoint, is of a run with other settings.
        """
        checkpoint = self.request.checkpoint
        if self._state.exists():
            self.trainer.restore(self._state)
        elif checkpoint in checkpoints.available(self.output):
            if not self._is_finished():
                raise TrainingError(
                    f"The checkpoint {checkpoint} is of a finished run with other settings: "
                    "give those to keep it, or train without --resume to replace it."
                )
            self.trainer.epoch = self.trainer.plan.epochs

    def _end_epoch(self, progress: trainer.Progress) -> trainer.Progress:
        """Write the checkpoint and the state; return the progress with figures to watch."""
        if progress.epoch == self.trainer.plan.epochs:
            self._finish()
        self._write(progress.loss)
        validate = self.request.config.validate
        if validate is None:
            return progress
        return replace(progress, held_out=validate(self.trainer.network, self._held_out))

    def _finish(self) -> None:
        """Fit what the model wants fitted to its trained network."""
        config, seed = self.request.config, self.request.seed
        if config.finish is not None:
            inputs = self._examples
            if config.inputs is not None:
                inputs = config.inputs(inputs, seeds.stream(seed, seeds.CODES))
            config.finish(self.trainer.network, inputs, seed)

    def _is_finished(self) -> bool:
        """Tell whether the checkpoint that is there is what this run was asked to make.

        Nothing is left to do then, whatever scheme of seeds or precision it was made with.
        """
        plan = self.trainer.plan
        card = checkpoints.read_card(self.request.checkpoint, self.output)
        # Most of the included cards are from before there was annealing.
        record = {"annealing": 0.0, **card["training"]}
        wanted = {**asdict(plan), "limit": self.request.limit, "epochs_done": plan.epochs}
        del wanted["precision"]  # The processor's choice, not the caller's.
        return card["configuration"] == self._configuration and all(
            record.get(name) == value for name, value in wanted.items()
        )

    def _write(self, loss: float) -> None:
        checkpoints.write(
            self.request.checkpoint,
            {
                "model": self.request.model,
                "dataset": self.request.dataset,
                "configuration": self._configuration,
                "parameters": int(self.trainer.network.count_params()),
                "training": self._record(loss),
                "metrics": {},
            },
            models.weights(self.trainer.network),
            self.output,
        )
        self.trainer.save(self._state)

    def _record(self, loss: float) -> TrainingRecord:
        trainer = self.trainer
        record = {
            "command": self.request.command,
            **asdict(trainer.plan),
            "seeding": seeds.SCHEME,
            "limit": self.request.limit,
            "epochs_done": trainer.epoch,
            "seconds": round(trainer.seconds, 1),
            "last_loss": loss,
            "replicas": self._strategy.num_replicas_in_sync,
            **made_with(),
        }
        return cast("TrainingRecord", record)


def refuse_trial(limit: int | None, output: Path) -> None:
    """Keep a run on a part of the data from replacing a model of the program.

    Raises:
        TrainingError: there is a limit, and `output` is the program's own folder.
    """
    if limit is not None and output.resolve() == SHIPPED:
        raise TrainingError(
            "A run with --limit is a trial, and would replace a trained model of the program: "
            "choose another folder with --output."
        )


def made_with() -> TrainingRecord:
    """Return what a card says of the machine and the programs that made a checkpoint."""
    return {
        "machine": platform.machine(),
        "packages": {package.__name__: package.__version__ for package in (keras, np, tf)},
        "commit": _commit(),
    }


def _require_every_class(found: Split, request: TrainingRequest) -> None:
    """Refuse pictures from which a class could not be learned.

    Raises:
        DataError: a class has no picture, or there are more than a checkpoint may have.
    """
    count, known = len(found.classes), request.config.configuration
    if request.limit is not None and request.limit < count:
        raise DataError(
            f"A limit of {request.limit} leaves classes without a picture: expected at least one "
            f"for each of the {count} classes, so choose a limit of {count} or more."
        )
    counts = np.bincount(found.labels, minlength=count)
    missing = [name for name, number in zip(found.classes, counts, strict=True) if not number]
    if missing:
        raise DataError(
            f"There is no training picture of {', '.join(missing[:5])}: expected some of every "
            "class, so add them, or remove that class from the validation pictures."
        )
    if not models.fits({**known, "classes": count}, known):
        raise DataError(
            f"There are {count} classes of pictures: expected at most "
            f"{models.LARGEST * known['classes']}, so leave some out."
        )


def _require_writable(folder: Path) -> None:
    """Find out before the training, not after it, whether its result can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise unwritable(folder, error) from error


def _commit() -> str | None:
    """Return the code's version, "-dirty" appended if changed since; None where it is unknown."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=os.path.dirname(__file__),
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return described.stdout.strip()

"""The one training loop: a compiled gradient-tape step under a `tf.distribute.Strategy`.

One device, every GPU of a machine, or several machines run the same step. Every process draws the
same global batch, noise included, from (seed, epoch, step) and takes its own slices of it, so the
result does not depend on how many share the work, and an epoch can be repeated at will: the state
after an epoch and the seed are all that a resumed run needs.
"""

from __future__ import annotations

import io
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative import files, seeds
from generative.backend import keras, tf
from generative.checkpoints import MAX_BYTES, unwritable
from generative.errors import TrainingError
from generative.models import AnnealedLoss, Inputs, Loss, Optimizer, Targets
from generative.training import precision
from generative.training.muon import ConvolutionalMuon
from generative.validation import SEED, Range

EPOCHS = Range(1, 100_000, whole=True)
BATCH_SIZE = Range(1, 10_000, whole=True)
ANNEALING = Range(0, 1)
ANNEALED_FROM = 0.1
"""Without any of it, what it restrains runs away, and the training with it."""

WARM_UP = 0.05
"""Share of the run in which the learning rate rises to its peak; a cosine then takes it to 0."""

CLIP_NORM = 1.0
MAX_STATE_BYTES = 8 * MAX_BYTES
"""Of a saved state: its weights are twice as large as in a checkpoint, and an optimizer keeps at
most two more numbers for each."""

OPTIMIZERS = {"adam": keras.optimizers.Adam, "muon": ConvolutionalMuon}
"""Those whose learning rate follows the schedule; "sgd" keeps one rate."""

Examples = NDArray[Any] | tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Plan:
    """Everything that decides the result of a run, next to the model and the examples.

    Attributes:
        epochs: passes over the examples.
        batch_size: examples a step, of all devices together.
        learning_rate: the peak of the schedule.
        optimizer: "adam", "muon" or "sgd".
        seed: of weights, order and noise.
        precision: of the layers, one of `generative.training.precision`.
        annealing: share of the run in which a part of the loss comes in; 0 for a loss without such
            a part. It takes a fourth argument, a scalar that rises from `ANNEALED_FROM` to 1.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: Optimizer
    seed: int
    precision: str = precision.FLOAT32
    annealing: float = 0.0

    def __post_init__(self) -> None:
        EPOCHS.check("number of epochs", self.epochs)
        BATCH_SIZE.check("batch size", self.batch_size)
        SEED.check("seed", self.seed)
        ANNEALING.check("annealing", self.annealing)


@dataclass(frozen=True)
class Progress:
    """One step done.

    Attributes:
        step: steps done in the whole run, of `total_steps`.
        epoch: complete epochs.
        loss: mean over the batch.
        epoch_ends: whether this step was the last of its epoch.
        held_out: figures on examples that it is not trained on, by name; of an epoch's last step.
    """

    step: int
    total_steps: int
    epoch: int
    loss: float
    epoch_ends: bool
    held_out: Mapping[str, float] = field(default_factory=dict)


def strategy() -> tf.distribute.Strategy:
    """Return how to share the work: between machines, between GPUs, or not at all.

    With `TF_CONFIG` set this waits for the other machines, and must come before any other use of
    TensorFlow in the process.

    Raises:
        TrainingError: `TF_CONFIG` is not what TensorFlow expects.
    """
    if os.environ.get("TF_CONFIG"):
        try:
            return tf.distribute.MultiWorkerMirroredStrategy()
        except (ValueError, KeyError, TypeError, RuntimeError) as error:
            raise TrainingError(
                "TF_CONFIG could not be used. Expected the JSON of TensorFlow's multi-worker "
                "training, a cluster of workers and this task's type and index."
            ) from error
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Tell whether this process is the one that writes."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return True
    if "chief" in resolver.cluster_spec().jobs:
        return bool(resolver.task_type == "chief")
    return bool(resolver.task_type == "worker" and resolver.task_id == 0)


class Trainer:
    """A network, its optimizer, and where their training has got to.

    Args:
        build: makes the untrained network; called under the strategy, after seeding.
        loss: a `models.AnnealedLoss` where the plan says so.
        examples: (n, ...) float32, what the network is to give back; or a tuple of arrays of the
            same length; or what `targets` makes that of.
        plan: of the run.
        inputs: what the network is shown of a batch of targets; the batch itself by default.
        strategy: how devices share a batch; the current one by default.
        targets: what the network is to give back of a batch of examples; the batch by default.

    Raises:
        TrainingError: a batch size that the replicas cannot share evenly.
    """

    def __init__(
        self,
        build: Callable[[], keras.Model],
        loss: Loss | AnnealedLoss,
        examples: Examples,
        plan: Plan,
        inputs: Inputs | None = None,
        strategy: tf.distribute.Strategy | None = None,
        targets: Targets | None = None,
    ) -> None:
        self.plan = plan
        self.epoch = 0
        self.seconds = 0.0
        self._examples, self._targets, self._inputs = examples, targets, inputs
        self._count = len(keras.tree.flatten(examples)[0])
        self._strategy = strategy or tf.distribute.get_strategy()
        self.batch_size = min(plan.batch_size, self._count)
        self.steps_per_epoch = self._count // self.batch_size
        replicas = self._strategy.num_replicas_in_sync
        if self.batch_size % replicas:
            raise TrainingError(
                f"Invalid batch size {self.batch_size}. Expected a multiple of {replicas}, the "
                "number of devices that share a batch."
            )
        keras.utils.set_random_seed(plan.seed)
        with self._strategy.scope():
            with precision.layers_in(plan.precision):
                self.network = build()
            self._optimizer = _optimizer(plan, plan.epochs * self.steps_per_epoch)
            self._optimizer.build(self.network.trainable_variables)
        self._step = self._compile(loss)

    def run(self) -> Iterator[Progress]:
        """Train to the plan's last epoch, yielding after every step.

        Closing the generator stops within one step. `epoch`, `seconds` and `save` are up to date
        whenever `epoch_ends` is true.

        Raises:
            TrainingError: the loss is no longer a number.
        """
        while self.epoch < self.plan.epochs:
            begun, done = time.perf_counter(), self.epoch * self.steps_per_epoch
            for step, (inputs, targets) in enumerate(self.batches(self.epoch), start=1):
                mean = float(self._step(self._share(inputs), self._share(targets)))
                if not math.isfinite(mean):
                    raise TrainingError(
                        f"The training diverged in step {done + step}: the loss is no longer a "
                        "number. Choose a smaller learning rate, or another seed."
                    )
                ends = step == self.steps_per_epoch
                if ends:
                    self.epoch += 1
                    self.seconds += time.perf_counter() - begun
                total = self.plan.epochs * self.steps_per_epoch
                yield Progress(done + step, total, self.epoch, mean, ends)

    def save(self, path: Path) -> None:
        """Write the state after the last complete epoch, for `restore`.

        Raises:
            TrainingError: the file cannot be written.
        """
        about = {"settings": self._settings(), "epoch": self.epoch, "seconds": self.seconds}
        variables = {f"v{i}": v.numpy() for i, v in enumerate(self._state())}
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(about)), **variables)
        try:
            files.write_atomically(path, buffer.getvalue())
        except OSError as error:
            raise unwritable(path.parent, error) from error

    def restore(self, path: Path) -> None:
        """Continue from a saved state.

        Raises:
            TrainingError: the file is damaged, or of a run with another plan or scheme of seeds.
        """
        try:
            content = io.BytesIO(files.read(path, MAX_STATE_BYTES))
            with np.load(content, allow_pickle=False) as state:
                if sum(entry.file_size for entry in state.zip.infolist()) > MAX_STATE_BYTES:
                    raise files.TooLarge  # Of a few compressed bytes.
                about = json.loads(str(state["about"]))
                values = [state[f"v{i}"] for i in range(len(self._state()))]
            settings = dict(about["settings"])
            epoch, seconds = int(about["epoch"]), float(about["seconds"])
            shapes = [value.shape for value in values]
        except Exception as error:  # NumPy raises half a dozen kinds for a damaged archive.
            raise TrainingError(
                f"The saved state {path.name} is damaged: delete it and train without --resume."
            ) from error
        if settings.get("seeding", seeds.FORMER_SCHEME) != seeds.SCHEME:
            raise TrainingError(
                "The saved state is of another version of the program, which draws its random "
                "numbers in another way: finish it with that version, at the commit that its card "
                "names, or train without --resume."
            )
        fits = shapes == [tuple(variable.shape) for variable in self._state()]
        if settings != self._settings() or not fits or not 0 <= epoch <= self.plan.epochs:
            raise TrainingError(
                "The saved state is of a run with other settings "
                f"({', '.join(f'{name} {value}' for name, value in settings.items())}): resume "
                "with the same ones, or train without --resume."
            )
        for variable, value in zip(self._state(), values, strict=True):
            variable.assign(value)
        self.epoch, self.seconds = epoch, seconds

    def _settings(self) -> dict[str, object]:
        """Return what must be the same for a run to be continued.

        The precision need not be: it is the processor's choice, and the state float32 in any.
        """
        settings = {**asdict(self.plan), "examples": self._count, "seeding": seeds.SCHEME}
        del settings["precision"]
        return settings

    def _state(self) -> list[keras.Variable]:
        return [*self.network.weights, *self._optimizer.variables]

    def batches(self, epoch: int) -> Iterator[tuple[Examples, Examples]]:
        """Yield the epoch's global batches (inputs, targets); they depend on the seed alone."""
        order = seeds.stream(self.plan.seed, seeds.ORDER, epoch).permutation(self._count)
        for step in range(self.steps_per_epoch):
            rows = order[step * self.batch_size : (step + 1) * self.batch_size]
            targets = keras.tree.map_structure(itemgetter(rows), self._examples)
            rng = seeds.stream(self.plan.seed, seeds.NOISE, epoch, step)
            if self._targets is not None:
                targets = self._targets(targets, rng)
            yield targets if self._inputs is None else self._inputs(targets, rng), targets

    def _share(self, batch: Examples) -> tf.Tensor:
        """Give every replica of this process its slice of a global batch."""
        size = self.batch_size // self._strategy.num_replicas_in_sync

        def slice_of(context: tf.distribute.ReplicaContext) -> tf.Tensor:
            start = context.replica_id_in_sync_group * size
            return keras.tree.map_structure(
                lambda array: tf.convert_to_tensor(array[start : start + size]), batch
            )

        return self._strategy.experimental_distribute_values_from_function(slice_of)

    def _annealed(self) -> list[tf.Tensor]:
        """Return the further argument of a loss of which a part comes in little by little."""
        if not self.plan.annealing:
            return []
        steps = self.plan.annealing * self.plan.epochs * self.steps_per_epoch
        done = tf.minimum(tf.cast(self._optimizer.iterations, tf.float32) / steps, 1.0)
        return [ANNEALED_FROM + (1 - ANNEALED_FROM) * done]

    def _compile(self, loss: Loss | AnnealedLoss) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
        variables = self.network.trainable_variables

        def replica_step(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                losses = loss(self.network, inputs, targets, *self._annealed())
                share = tf.reduce_sum(losses) / self.batch_size
            gradients = tape.gradient(share, variables)
            context = tf.distribute.get_replica_context()
            summed = context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
            if self.plan.optimizer != "sgd":
                # The first steps on all-black pictures overshoot to the dead solution unclipped.
                summed, _ = tf.clip_by_global_norm(summed, CLIP_NORM)
            # Keras adds up over replicas once more when it applies them.
            share_of_each = 1 / self._strategy.num_replicas_in_sync
            self._optimizer.apply([share_of_each * g for g in summed], variables)
            return share

        @tf.function  # type: ignore[untyped-decorator]
        def step(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
            shares = self._strategy.run(replica_step, args=(inputs, targets))
            return self._strategy.reduce(tf.distribute.ReduceOp.SUM, shares, axis=None)

        return step  # type: ignore[no-any-return]


def _optimizer(plan: Plan, steps: int) -> keras.Optimizer:
    if plan.optimizer == "sgd":
        return keras.optimizers.SGD(plan.learning_rate)
    warm_up = max(1, int(WARM_UP * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=max(1, steps - warm_up),
        warmup_target=plan.learning_rate,
        warmup_steps=warm_up,
    )
    return OPTIMIZERS[plan.optimizer](schedule)

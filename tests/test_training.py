"""The training loop on a problem small enough for a test: four numbers through two and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from talk import ROOT, is_a_sentence

from generative import checkpoints
from generative.backend import keras, tf
from generative.errors import InputError, TrainingError
from generative.training.trainer import MAX_STATE_BYTES, Plan, Trainer, is_chief, strategy

PLAN = Plan(epochs=4, batch_size=8, learning_rate=0.02, optimizer="adam", seed=1)
EXAMPLES = (
    np.random.default_rng(0).normal(size=(32, 2)) @ np.random.default_rng(1).normal(size=(2, 4))
).astype(np.float32)


def build(normalised: bool = True) -> keras.Model:
    """Return a network of weights to train and of statistics that it keeps."""
    first, last = keras.layers.Dense(2, name="in"), keras.layers.Dense(4, name="out")
    between = [keras.layers.BatchNormalization(name="norm")] if normalised else []
    return keras.Sequential([keras.Input((4,)), first, *between, last])


def loss(network, inputs, targets):
    return tf.reduce_mean(tf.square(network(inputs, training=True) - targets), axis=1)


def corrupt(examples, rng):
    return examples + rng.normal(0, 0.1, examples.shape).astype(np.float32)


def make(plan: Plan = PLAN, examples: np.ndarray = EXAMPLES, inputs=corrupt) -> Trainer:
    return Trainer(build, loss, examples, plan, inputs)


def weights(trainer: Trainer) -> np.ndarray:
    return np.concatenate([variable.numpy().ravel() for variable in trainer.network.weights])


def trained(plan: Plan = PLAN) -> Trainer:
    trainer = make(plan)
    list(trainer.run())
    return trainer


@pytest.fixture(scope="module")
def uninterrupted():
    return trained()


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """The state after the second of four epochs."""
    path = tmp_path_factory.mktemp("state") / "training-state.npz"
    trainer = make()
    for progress in trainer.run():
        if progress.epoch == 2:
            trainer.save(path)
            break
    return path


# --- Progress and results --------------------------------------------------------------------


def test_the_loss_falls():
    progress = list(make(replace(PLAN, epochs=60)).run())
    assert progress[-1].loss < 0.1 * progress[0].loss


def one_weight():
    """Return a network of one weight, which is 0."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    return keras.Sequential([keras.Input((1,)), layer])


def test_gradient_descent_by_hand():
    # One weight w from 0, target 1, loss (w·1 − 1)²: every step at rate 0.25 halves the error.
    plan = Plan(epochs=3, batch_size=2, learning_rate=0.25, optimizer="sgd", seed=0)
    trainer = Trainer(one_weight, loss, np.ones((2, 1), np.float32), plan)
    assert [progress.loss for progress in trainer.run()] == [1, 0.25, 0.0625]
    assert weights(trainer) == [0.875]


def test_progress_counts_steps_and_epochs():
    progress = list(make(replace(PLAN, epochs=2)).run())
    assert [p.step for p in progress] == list(range(1, 9))
    assert {p.total_steps for p in progress} == {8}
    assert [p.epoch for p in progress] == [0, 0, 0, 1, 1, 1, 1, 2]
    assert [p.step for p in progress if p.epoch_ends] == [4, 8]


def test_the_same_seed_gives_the_same_weights_bit_for_bit(uninterrupted):
    np.testing.assert_array_equal(weights(trained()), weights(uninterrupted))


def test_another_seed_gives_others(uninterrupted):
    other = trained(replace(PLAN, seed=2))
    assert not np.array_equal(weights(other), weights(uninterrupted))


def test_a_batch_larger_than_the_data_is_the_data():
    trainer = make(replace(PLAN, batch_size=10_000, epochs=2))
    assert trainer.batch_size == 32
    assert trainer.steps_per_epoch == 1
    assert [progress.epoch for progress in trainer.run()] == [1, 2]


def test_an_incomplete_batch_is_left_out():
    trainer = make(replace(PLAN, batch_size=5, epochs=1))
    assert trainer.steps_per_epoch == 6
    assert len(list(trainer.run())) == 6


def test_an_epoch_is_a_permutation_of_the_examples():
    numbered = np.arange(32, dtype=np.float32)[:, None] * np.ones((1, 4), np.float32)
    shown = []

    def watch(examples, rng):
        shown.append(examples[:, 0].astype(int).tolist())
        return examples

    list(make(replace(PLAN, epochs=2), numbered, watch).run())
    assert [len(batch) for batch in shown] == [8] * 8
    first, second = (list(chain(*shown[i : i + 4])) for i in (0, 4))
    assert sorted(first) == sorted(second) == list(range(32))
    assert first != second
    assert first != sorted(first)


def test_noise_is_drawn_anew_for_every_batch():
    draws = []

    def watch(examples, rng):
        draws.append(rng.random())
        return examples

    list(make(replace(PLAN, epochs=2), inputs=watch).run())
    assert len(set(draws)) == 8


def test_the_noise_of_a_step_has_nothing_to_do_with_the_order_of_its_epoch():
    numbered = np.arange(32, dtype=np.float32)[:, None] * np.ones((1, 4), np.float32)
    shown, permutations = [], []

    def watch(examples, rng):
        shown.append(examples[:, 0].astype(int).tolist())
        permutations.append(rng.permutation(32).tolist())
        return examples

    list(make(replace(PLAN, epochs=2), numbered, watch).run())
    orders = [list(chain(*shown[i : i + 4])) for i in (0, 4)]
    assert len({tuple(each) for each in [*orders, *permutations]}) == 2 + 8


def test_the_order_has_nothing_to_do_with_examples_drawn_from_the_same_seed():
    numbered = np.arange(32, dtype=np.float32)[:, None] * np.ones((1, 4), np.float32)
    shown = []

    def watch(examples, rng):
        shown.extend(examples[:, 0].astype(int).tolist())
        return examples

    list(make(replace(PLAN, epochs=1), numbered, watch).run())
    assert shown != np.random.default_rng(PLAN.seed).permutation(32).tolist()


def test_examples_of_several_arrays_stay_together():
    labels = np.arange(32)
    pictures = (labels[:, None] * np.ones((1, 4))).astype(np.float32)
    shown = []

    def watch(batch, rng):
        shown.append(batch)
        return batch[0] / 32

    def of_the_pictures(network, inputs, targets):
        assert targets[1].dtype == tf.int64
        return loss(network, inputs, targets[0] / 32)

    trainer = Trainer(build, of_the_pictures, (pictures, labels), PLAN, watch)
    assert len(list(trainer.run())) == 16
    for of_pictures, of_labels in shown:
        np.testing.assert_array_equal(of_pictures[:, 0], of_labels)
    assert sorted(chain(*(of_labels for _, of_labels in shown[:4]))) == labels.tolist()


def test_inputs_of_several_arrays_by_hand():
    # One weight w from 0, input x + y = 3, target 3, loss (3w − 3)²: rate 1/36 halves the error.
    def of_the_sum(network, inputs, targets):
        return loss(network, inputs[0] + inputs[1], targets[0] * 3)

    ones = np.ones((2, 1), np.float32)
    plan = Plan(epochs=3, batch_size=2, learning_rate=1 / 36, optimizer="sgd", seed=0)
    trainer = Trainer(
        one_weight, of_the_sum, (ones, 2 * ones), plan, lambda batch, rng: (batch[0], batch[1])
    )
    np.testing.assert_allclose([p.loss for p in trainer.run()], [9, 2.25, 0.5625], rtol=1e-5)


def test_targets_are_drawn_anew_for_every_batch_and_inputs_made_of_them():
    shown = []

    def shift(examples, rng):
        return examples + rng.integers(1, 9)

    def watch(targets, rng):
        shown.append(targets)
        return 2 * targets

    trainer = Trainer(build, loss, np.zeros((32, 4), np.float32), PLAN, watch, targets=shift)
    batches = list(trainer.batches(0))
    assert len(shown) == 4
    for (inputs, targets), seen in zip(batches, shown, strict=True):
        np.testing.assert_array_equal(targets, seen)
        np.testing.assert_array_equal(inputs, 2 * targets)
        assert targets.min() > 0
    assert len({targets[0, 0] for _, targets in batches}) > 1
    again = [targets for _, targets in trainer.batches(0)]
    np.testing.assert_array_equal(again, [targets for _, targets in batches])


def share(network, inputs, targets, annealed):
    """A loss that is the annealed share itself, whatever the weights."""
    return annealed * tf.ones(8) + 0 * loss(network, inputs, targets)


@pytest.mark.parametrize("annealing", [0.5, 1.0])
def test_a_part_of_the_loss_comes_in_little_by_little(annealing):
    trainer = Trainer(build, share, EXAMPLES, replace(PLAN, annealing=annealing))
    found = [progress.loss for progress in trainer.run()]
    done = np.minimum(np.arange(16) / (16 * annealing), 1)
    np.testing.assert_allclose(found, 0.1 + 0.9 * done, rtol=1e-6)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, float("nan"), True, "0.4", None])
def test_a_wrong_share_is_refused(wrong):
    with pytest.raises(InputError, match=r"^Invalid annealing\. Expected a number from 0 to 1\."):
        replace(PLAN, annealing=wrong)


def test_the_precision_may_be_another_when_a_run_is_resumed(interrupted):
    trainer = make(replace(PLAN, precision="mixed_bfloat16"))
    trainer.restore(interrupted)
    assert trainer.epoch > 0


def test_a_resumed_run_anneals_on_from_where_it_was(tmp_path):
    plan = replace(PLAN, annealing=1.0)
    begun = Trainer(build, share, EXAMPLES, plan)
    next(progress for progress in begun.run() if progress.epoch_ends)
    begun.save(tmp_path / "state.npz")
    resumed = Trainer(build, share, EXAMPLES, plan)
    resumed.restore(tmp_path / "state.npz")
    assert next(resumed.run()).loss == pytest.approx(0.1 + 0.9 * 4 / 16)


def test_a_stopped_run_goes_no_further():
    trainer = make()
    steps = trainer.run()
    next(steps)
    before = weights(trainer)
    steps.close()
    np.testing.assert_array_equal(weights(trainer), before)
    assert trainer.epoch == 0


# --- Saving and resuming ---------------------------------------------------------------------


def test_a_resumed_run_ends_as_an_uninterrupted_one(interrupted, uninterrupted):
    trainer = make()
    trainer.restore(interrupted)
    assert trainer.epoch == 2
    assert trainer.seconds > 0
    progress = list(trainer.run())
    assert [p.step for p in progress] == list(range(9, 17))
    np.testing.assert_array_equal(weights(trainer), weights(uninterrupted))


def test_a_finished_run_has_nothing_left_to_do(uninterrupted, tmp_path):
    uninterrupted.save(tmp_path / "state.npz")
    trainer = make()
    trainer.restore(tmp_path / "state.npz")
    assert list(trainer.run()) == []
    np.testing.assert_array_equal(weights(trainer), weights(uninterrupted))


@pytest.mark.parametrize(
    "change",
    [{"epochs": 5}, {"batch_size": 4}, {"learning_rate": 0.1}, {"seed": 2}, {"annealing": 0.5}],
    ids=str,
)
def test_a_state_of_another_plan_is_refused(interrupted, change):
    trainer = make(replace(PLAN, **change))
    before = weights(trainer)
    with pytest.raises(TrainingError, match=r"other settings \(epochs 4, batch_size 8, "):
        trainer.restore(interrupted)
    np.testing.assert_array_equal(weights(trainer), before)


def test_a_state_of_a_run_on_other_examples_is_refused(interrupted):
    with pytest.raises(TrainingError, match="other settings"):
        make(examples=EXAMPLES[:16]).restore(interrupted)


def test_a_state_of_another_network_is_refused(interrupted):
    def wider():
        return keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(4, name="out")]
        )

    with pytest.raises(TrainingError, match="other settings"):
        Trainer(wider, loss, EXAMPLES, PLAN, corrupt).restore(interrupted)


@pytest.mark.parametrize(
    "damage",
    [
        lambda blob: b"",
        lambda blob: blob[: len(blob) // 2],
        lambda blob: b"not an archive at all",
        lambda blob: blob.replace(b"v0.npy", b"w0.npy"),
        lambda blob: blob.replace(b"about", b"tuoba"),
    ],
    ids=["empty", "truncated", "foreign", "a variable missing", "no settings"],
)
def test_a_damaged_state_is_refused(interrupted, tmp_path, damage):
    path = tmp_path / "training-state.npz"
    path.write_bytes(damage(interrupted.read_bytes()))
    with pytest.raises(TrainingError, match=r"state training-state\.npz is damaged: delete it"):
        make().restore(path)


@pytest.mark.parametrize("about", ["[]", "{}", '{"plan": 3}', "nonsense", '{"plan": {}}'])
def test_a_state_with_foreign_settings_is_refused(interrupted, tmp_path, about):
    path = tmp_path / "training-state.npz"
    with np.load(interrupted) as state:
        np.savez(path, **{**state, "about": np.array(about)})
    with pytest.raises(TrainingError, match=r"^The saved state "):
        make().restore(path)


def rewritten(state: Path, path: Path, change) -> Path:
    """Write a state again with other settings."""
    with np.load(state) as archive:
        arrays = dict(archive)
    about = json.loads(str(arrays["about"]))
    change(about["settings"])
    np.savez(path, **{**arrays, "about": np.array(json.dumps(about))})
    return path


@pytest.mark.parametrize(
    "change",
    [lambda settings: settings.pop("seeding"), lambda settings: settings.update(seeding="other")],
    ids=["before schemes had names", "another"],
)
def test_a_state_of_another_scheme_of_seeds_is_refused(interrupted, tmp_path, change):
    path = rewritten(interrupted, tmp_path / "state.npz", change)
    trainer = make()
    before = weights(trainer)
    with pytest.raises(TrainingError, match="draws its random numbers in another way") as caught:
        trainer.restore(path)
    assert is_a_sentence(str(caught.value))
    np.testing.assert_array_equal(weights(trainer), before)
    trainer.restore(interrupted)
    assert trainer.epoch == 2


def test_a_state_that_has_no_end_is_refused(tmp_path):
    (tmp_path / "training-state.npz").symlink_to("/dev/zero")
    with pytest.raises(TrainingError, match="is damaged"):
        make().restore(tmp_path / "training-state.npz")


def test_a_small_state_cannot_unpack_to_a_large_one(interrupted, tmp_path):
    path = tmp_path / "training-state.npz"
    with np.load(interrupted) as state:
        arrays = dict(state)
    zeros = np.zeros(MAX_STATE_BYTES // 4 + 1, np.float32)
    np.savez_compressed(path, **{**arrays, "v0": zeros})
    assert path.stat().st_size < 2**20
    trainer = make()
    tracemalloc.start()
    try:
        with pytest.raises(TrainingError, match="is damaged"):
            trainer.restore(path)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_the_largest_checkpoint_has_a_state_that_can_be_read():
    # Two bytes a weight there; here four, and as many for each of Adam's two moments.
    assert MAX_STATE_BYTES > (checkpoints.MAX_BYTES // 2) * 4 * 3 + 2**20


def test_a_state_with_pickled_objects_is_refused(interrupted, tmp_path):
    path = tmp_path / "training-state.npz"
    with np.load(interrupted) as state:
        np.savez(path, **{**state, "about": np.array([{"plan": 1}], dtype=object)})
    with pytest.raises(TrainingError, match="is damaged"):
        make().restore(path)


def test_a_state_that_cannot_be_written_is_one_sentence(uninterrupted, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match=r"^Could not write to .*: Not a directory; "):
        uninterrupted.save(tmp_path / "file" / "state.npz")


# --- Plans -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"epochs": 100_001},
        {"epochs": 1.5},
        {"batch_size": 0},
        {"batch_size": 10_001},
        {"seed": -1},
        {"seed": float("nan")},
    ],
    ids=str,
)
def test_a_plan_out_of_range_is_refused(change):
    with pytest.raises(InputError, match=r"^Invalid .*\. Expected a whole number from "):
        replace(PLAN, **change)


# --- Sharing the work ------------------------------------------------------------------------

TWO_DEVICES = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from generative.backend import tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import numpy as np
from functools import partial
from test_training import EXAMPLES, PLAN, Trainer, build, corrupt, loss, replace, weights

# The statistics of a batch are those of a half of it on each of two devices.
build = partial(build, normalised=False)

def run(plan, shared):
    trainer = Trainer(build, loss, EXAMPLES, plan, corrupt, shared)
    return trainer, [progress.loss for progress in trainer.run()]

two = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert two.num_replicas_in_sync == 2
# Adam hides a wrong scale of the gradients, plain descent does not.
for plan in (replace(PLAN, optimizer="sgd"), PLAN):
    one_trainer, one_losses = run(plan, tf.distribute.get_strategy())
    two_trainer, two_losses = run(plan, two)
    np.testing.assert_allclose(two_losses, one_losses, rtol=1e-5)
    np.testing.assert_allclose(weights(two_trainer), weights(one_trainer), rtol=1e-4, atol=1e-5)

path = Path(sys.argv[1])
two_trainer.save(path)
restored = Trainer(build, loss, EXAMPLES, PLAN, corrupt, two)
restored.restore(path)
np.testing.assert_array_equal(weights(restored), weights(two_trainer))
try:
    run(replace(PLAN, batch_size=7), two)
except Exception as error:
    print(f"{type(error).__name__}: {error}")
"""


def test_two_devices_share_a_batch_and_get_the_same_result(tmp_path):
    command = [sys.executable, "-c", TWO_DEVICES, str(tmp_path / "state.npz")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout == (
        "TrainingError: Invalid batch size 7. Expected a multiple of 2, the number of devices that "
        "share a batch.\n"
    )


@pytest.mark.parametrize(
    "config",
    [
        "nonsense",
        "3",
        '{"cluster": 3}',
        '{"cluster": {"worker": ["127.0.0.1:1"]}}',
        '{"cluster": {"worker": ["127.0.0.1:1"]}, "task": {"type": "worker", "index": 5}}',
    ],
)
def test_an_unusable_tf_config_is_one_sentence(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(TrainingError, match=r"^TF_CONFIG could not be used\. Expected "):
        strategy()


def test_without_tf_config_a_single_cpu_shares_nothing(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if len(tf.config.list_physical_devices("GPU")) > 1:
        pytest.skip("there are several GPUs here")
    assert strategy().num_replicas_in_sync == 1
    assert is_chief(strategy())
    assert "TF_CONFIG" not in os.environ


@pytest.mark.parametrize(
    ("jobs", "task", "index", "chief"),
    [
        (["worker"], "worker", 0, True),
        (["worker"], "worker", 1, False),
        (["chief", "worker"], "chief", 0, True),
        (["chief", "worker"], "worker", 0, False),
    ],
)
def test_one_process_writes(jobs, task, index, chief):
    cluster = tf.train.ClusterSpec({job: ["127.0.0.1:1", "127.0.0.1:2"] for job in jobs})
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        cluster, task_type=task, task_id=index
    )
    assert is_chief(SimpleNamespace(cluster_resolver=resolver)) is chief

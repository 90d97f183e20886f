"""Models that come in several variants, from the request to the checkpoint."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

import generative
from generative import checkpoints, models
from generative.errors import InputError
from generative.training.runs import STATE, Run, TrainingRequest
from generative.ui.latent_space.traverse import MOST_LATENTS

REQUEST = TrainingRequest("vae", "mnist", epochs=2, limit=256, seed=4, variant="z2")
VARIANTS = [(name, variant) for name, e in models.MODELS.items() for variant in e.variants]


@pytest.mark.parametrize(("model", "variant"), VARIANTS)
def test_every_variant_can_be_built(model, variant):
    source = models.module(model)
    network = source.build(**source.TRAINING[variant].configuration)
    assert network.count_params() * 2 < checkpoints.MAX_BYTES


@pytest.mark.parametrize("model", models.MODELS)
def test_the_variants_are_those_of_the_list_of_models(model):
    assert set(models.module(model).TRAINING) == set(models.MODELS[model].variants)


def test_every_latent_has_a_slider():
    for each in models.compared_in("latent space").values():
        training = models.module(each.model).TRAINING[each.variant]
        assert training.configuration["latent_size"] <= MOST_LATENTS


def test_a_checkpoint_is_named_after_its_variant():
    assert (
        TrainingRequest("vae", "fashion_mnist", variant="z32").checkpoint == "vae-fashion_mnist-z32"
    )
    assert TrainingRequest("cvae", "mnist", variant="z16").checkpoint == "cvae-mnist-z16"
    assert TrainingRequest("shallow", "mnist").checkpoint == "shallow-mnist"


def test_the_command_says_which_variant():
    assert REQUEST.command == (
        "python train.py vae --dataset mnist --epochs 2 --limit 256 --variant z2 --seed 4"
    )
    assert (
        TrainingRequest("shallow", "mnist").command
        == "python train.py shallow --dataset mnist --seed 0"
    )


def test_a_variant_is_trained_in_its_own_way():
    requests = {
        variant: TrainingRequest("vae", "mnist", variant=variant)
        for variant in ("z2", "z16", "z32")
    }
    sizes = {v: request.config.configuration["latent_size"] for v, request in requests.items()}
    assert sizes == {"z2": 2, "z16": 16, "z32": 32}


def test_training_may_be_another_on_another_data_set():
    digits, garments, flat = (
        TrainingRequest("vae", dataset, variant=variant).plan()
        for dataset, variant in (
            ("mnist", "z16"),
            ("fashion_mnist", "z16"),
            ("fashion_mnist", "z2"),
        )
    )
    assert (digits.epochs, digits.annealing) == (8, 0)
    assert (garments.epochs, garments.annealing) == (20, 0.4)
    assert (flat.epochs, flat.annealing) == (12, 0)
    assert replace(garments, epochs=8, annealing=0) == digits
    assert TrainingRequest("vae", "fashion_mnist", epochs=3, variant="z16").plan().epochs == 3


@pytest.mark.data
def test_a_loss_comes_in_little_by_little_where_the_model_says_so(tmp_path):
    run = Run(TrainingRequest("vae", "fashion_mnist", epochs=1, limit=256, variant="z16"), tmp_path)
    network, loss = run.trainer.network, models.module("vae").loss
    network.get_layer("encoder").get_layer("mean").bias.assign(np.ones(16))  # 8 nats of KL
    inputs, targets = next(run.trainer.batches(0))
    begins = loss(network, inputs, targets, 0.1).numpy().mean()
    assert loss(network, inputs, targets).numpy().mean() - begins == pytest.approx(7.2, abs=0.5)
    first, *others = run.steps()
    assert first.loss == pytest.approx(begins, rel=1e-4)
    assert all(np.isfinite(progress.loss) for progress in others)
    assert generative.load("vae-fashion_mnist-z16", tmp_path).card["training"]["annealing"] == 0.4


@pytest.mark.parametrize("variant", ["", "z3", "Z2", None, 2])
def test_an_unknown_variant_is_refused(variant):
    with pytest.raises(InputError, match=r"^Unknown variant of vae\. Expected one of: z16, z2, z"):
        TrainingRequest("vae", "mnist", variant=variant)


def test_a_variant_of_a_model_without_any_is_refused():
    with pytest.raises(InputError, match=r"^Unknown variant of shallow\. "):
        TrainingRequest("shallow", "mnist", variant="z2")


# --- Runs ------------------------------------------------------------------------------------


def weights(run: Run) -> dict[str, np.ndarray]:
    return dict(models.weights(run.trainer.network))


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """The folder of a run after its first epoch."""
    return tmp_path_factory.mktemp("interrupted")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, interrupted):
    """A run to the end, and its folder; `interrupted` gets what was there after an epoch."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    run = Run(REQUEST, folder)
    for progress in run.steps():
        if progress.epoch_ends and progress.epoch == 1:
            shutil.copytree(folder, interrupted, dirs_exist_ok=True)
    return run, folder


@pytest.mark.data
def test_a_finished_run_leaves_a_checkpoint_with_a_mixture(uninterrupted):
    run, folder = uninterrupted
    assert checkpoints.available(folder) == ["vae-mnist-z2"]
    assert not (folder / "vae-mnist-z2" / STATE).exists()
    model = generative.load("vae-mnist-z2", folder)
    assert model.latent_size == 2
    assert model.card["configuration"] == models.module("vae").TRAINING["z2"].configuration
    assert model.card["parameters"] == run.trainer.network.count_params()
    assert model.card["training"]["command"] == REQUEST.command
    assert model.mixture.weights.sum() == pytest.approx(1, abs=1e-2)
    assert model.sample(3, source="mixture").shape == (3, 28, 28, 1)


@pytest.mark.data
def test_the_mixture_lies_where_the_codes_do(uninterrupted):
    from generative import data

    model = generative.load("vae-mnist-z2", uninterrupted[1])
    means, log_variances = model.encode(data.load("mnist", "train")[0][:256])
    codes = means + np.exp(log_variances / 2) * np.random.default_rng(0).normal(size=means.shape)
    drawn = np.concatenate([model.draw(1000, seed=seed, source="mixture") for seed in range(5)])
    error = codes.std(axis=0) / np.sqrt(len(codes))
    assert (np.abs(drawn.mean(axis=0) - codes.mean(axis=0)) < 5 * error).all()
    np.testing.assert_allclose(drawn.std(axis=0), codes.std(axis=0), rtol=0.25)


@pytest.mark.data
def test_an_interrupted_run_has_no_mixture_yet(interrupted, uninterrupted):
    assert (interrupted / "vae-mnist-z2" / STATE).exists()
    model = generative.load("vae-mnist-z2", interrupted)
    assert model.card["training"]["epochs_done"] == 1
    assert model.mixture is None
    with pytest.raises(InputError, match="has no fitted mixture"):
        model.draw(1, source="mixture")
    assert model.sample(2).shape == (2, 28, 28, 1)


@pytest.mark.data
def test_a_resumed_run_ends_as_an_uninterrupted_one(interrupted, uninterrupted, tmp_path):
    shutil.copytree(interrupted, tmp_path, dirs_exist_ok=True)
    run = Run(REQUEST, tmp_path, resume=True)
    assert run.trainer.epoch == 1
    assert [progress.epoch for progress in run.steps()] == [1, 1, 1, 2]
    expected = weights(uninterrupted[0])
    assert any("density" in path and array.any() for path, array in expected.items())
    for path, array in weights(run).items():
        np.testing.assert_array_equal(array, expected[path])


@pytest.mark.data
def test_a_conditional_model_learns_from_labels(tmp_path):
    request = TrainingRequest("cvae", "fashion_mnist", epochs=1, limit=256, variant="z16")
    losses = [progress.loss for progress in Run(request, tmp_path).steps()]
    assert len(losses) == 4
    assert np.isfinite(losses).all()
    model = generative.load("cvae-fashion_mnist-z16", tmp_path)
    assert model.classes == 10
    assert model.mixture is not None
    assert model.sample(10, source="mixture", labels=np.arange(10)).shape == (10, 28, 28, 1)

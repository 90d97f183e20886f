"""The linear autoencoder finds what principal component analysis finds (Baldi & Hornik 1989)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA

import generative
from generative import checkpoints
from generative.data import splits
from generative.training.runs import Run, TrainingRequest

CHECKPOINT = "linear-plane"
TRAIN, TEST = (splits.load(splits.PLANE, half).examples for half in ("train", "test"))
EXACT = PCA(2).fit(TRAIN.astype(np.float64))
SHIPPED = [CHECKPOINT] if CHECKPOINT in checkpoints.available() else []


@pytest.fixture(scope="module", params=["trained here", *SHIPPED])
def model(request, tmp_path_factory):
    """The linear model, trained here as it should be, and the shipped one where there is one."""
    if request.param == CHECKPOINT:
        return generative.load(CHECKPOINT)
    folder = tmp_path_factory.mktemp("linear")
    for _ in Run(TrainingRequest("linear", "plane"), folder).steps():
        pass
    return generative.load(CHECKPOINT, folder)


def test_the_held_out_error_is_within_a_hundredth_of_exact_pca(model):
    error = np.square(model.reconstruct(TEST) - TEST).mean()
    best = np.square(EXACT.inverse_transform(EXACT.transform(TEST)) - TEST).mean()
    assert error <= 1.01 * best


def test_reconstructions_lie_in_the_plane_of_pca(model):
    reconstructions = model.reconstruct(TEST)
    _, spread, axes = np.linalg.svd(reconstructions, full_matrices=False)
    assert spread[2] < 1e-4 * spread[1]  # a plane, not a line and not the whole space
    assert np.rad2deg(subspace_angles(axes[:2].T, EXACT.components_.T)).max() < 3


def test_codes_are_a_linear_view_of_pcas(model):
    codes, exact = model.encode(TEST), EXACT.transform(TEST)
    exact = exact - exact.mean(axis=0)
    codes = codes - codes.mean(axis=0)
    view, *_ = np.linalg.lstsq(codes, exact, rcond=None)
    assert np.square(codes @ view - exact).sum() < 0.01 * np.square(exact).sum()


def test_training_again_gives_the_same_model(tmp_path):
    hashes = []
    for name in ("first", "second"):
        for _ in Run(TrainingRequest("linear", "plane", epochs=2), tmp_path / name).steps():
            pass
        hashes.append(checkpoints.read_card(CHECKPOINT, tmp_path / name)["weights_sha256"])
    assert hashes[0] == hashes[1]

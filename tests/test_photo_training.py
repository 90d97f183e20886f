"""Training the photo denoiser by the command line: figures to watch, checkpoint, resuming."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from painting import picture
from PIL import Image
from talk import is_a_sentence

import generative
import train
from generative import checkpoints
from generative.data import splits
from generative.denoising.photographs import denoiser, figures
from generative.errors import InputError
from generative.training import runs
from generative.training.trainer import Trainer

SIZES = {
    "width": 8,
    "blocks": 1,
    "middle_width": 8,
    "middle_blocks": 1,
    "deep_width": 8,
    "deep_blocks": 1,
}
NAME = "photo_denoiser-photos"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five photographs, one of which is kept out, and one to measure on."""
    root = tmp_path_factory.mktemp("photographs")
    for split, count in (("train", 5), ("test", 1)):
        (root / split).mkdir()
        for index in range(count):
            photo = picture(100, 192, seed=10 * index + (split == "test"))
            Image.fromarray(photo).save(root / split / f"{index}.png")
    return root


@pytest.fixture(scope="module")
def narrow():
    """Few channels instead of those of the program: the same code, in a second."""
    usual = denoiser.TRAINING[""]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(denoiser.TRAINING, "", replace(usual, configuration=SIZES))
        yield


def arguments(folder, output) -> list[str]:
    told = {"--images": folder, "--output": output, "--epochs": 2, "--batch-size": 4}
    return ["photo_denoiser", *(str(word) for pair in told.items() for word in pair)]


@pytest.fixture(scope="module")
def finished(folder, narrow, tmp_path_factory):
    """The folder of a run to the end."""
    output = tmp_path_factory.mktemp("finished")
    assert train.main(arguments(folder, output)) == 0
    return output


def test_figures_of_photographs_that_are_kept_out_follow_every_epoch(
    folder, narrow, tmp_path, capsys
):
    assert train.main(arguments(folder, tmp_path)) == 0
    said = capsys.readouterr()
    found = re.findall(
        r"epoch (\d), held out: psnr_15 [\d.]+, psnr_25 [\d.]+, psnr_50 [\d.]+$",
        said.err,
        re.MULTILINE,
    )
    assert found == ["1", "2"]
    assert said.out.splitlines()[1].split()[:2] == ["photo_denoiser", "photos"]


def test_the_card_says_how_to_do_it_again_and_what_it_reaches(finished):
    card = checkpoints.read_card(NAME, finished)
    assert card["configuration"] == SIZES
    assert card["training"]["command"] == (
        "python train.py photo_denoiser --images IMAGES --epochs 2 --batch-size 4 --seed 0"
    )
    levels = {"gaussian_15_of_255", "gaussian_25_of_255", "gaussian_50_of_255"}
    assert card["metrics"].keys() == {"test_images"} | levels
    assert card["metrics"]["test_images"] == 1
    assert card["metrics"]["gaussian_25_of_255"].keys() == {"psnr_db", "ssim"}


def test_its_name_alone_loads_it(folder, finished):
    model = generative.load("photo_denoiser", finished)
    assert model.card == checkpoints.read_card(NAME, finished)
    held_out = splits.load(splits.PHOTOS, "test", images=str(folder))
    assert figures.figures(model, held_out) == model.card["metrics"]


def test_a_run_that_was_stopped_ends_like_an_uninterrupted_one(
    folder, finished, tmp_path, monkeypatch
):
    def save_and_stop(trainer, path):
        save(trainer, path)
        raise KeyboardInterrupt

    save = Trainer.save
    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "save", save_and_stop)
        assert train.main(arguments(folder, tmp_path)) == 130
    assert checkpoints.read_card(NAME, tmp_path)["training"]["epochs_done"] == 1
    assert train.main([*arguments(folder, tmp_path), "--resume"]) == 0
    hashes = {checkpoints.read_card(NAME, each)["weights_sha256"] for each in (finished, tmp_path)}
    assert len(hashes) == 1


def test_photographs_have_to_be_named():
    with pytest.raises(InputError, match="learns from your own photographs") as caught:
        runs.TrainingRequest("photo_denoiser", splits.PHOTOS)
    assert is_a_sentence(str(caught.value))


def test_without_photographs_its_figures_stay(finished, capsys):
    card = checkpoints.read_card(NAME, finished)
    assert train.main(["evaluate", "--output", str(finished)]) == 0
    assert checkpoints.read_card(NAME, finished) == card


def test_of_all_models_those_are_trained_that_a_folder_is_for(folder, tmp_path):
    def models(images: str) -> set[str]:
        return {model for model, _, _ in train.trainings(train.parse(["all", "--images", images]))}

    (tmp_path / "train" / "cats").mkdir(parents=True)
    photographs, labelled = models(str(folder)), models(str(tmp_path))
    assert photographs - labelled == {"photo_denoiser"}
    assert labelled - photographs == {"features"}


def test_photographs_are_no_pictures_to_measure_another_model_on(folder, finished, capsys):
    assert train.main(["evaluate", "--images", str(folder), "--output", str(finished)]) == 0
    assert "test_images 1" in capsys.readouterr().out
    elsewhere = ["--images", "nowhere", "--output", str(finished)]
    assert train.main(["evaluate", *elsewhere]) == 0  # What cannot be measured there stays.
    assert train.main(["evaluate", "photo_denoiser", *elsewhere]) == 1
    assert "There are no photographs in nowhere/test" in capsys.readouterr().err


def test_the_middle_of_a_photograph_is_watched():
    photo = np.zeros((100, 301, 3), np.uint8)
    photo[2:98, 22:278] = 9
    watched = figures._middle(photo)
    assert watched.shape == (96, 256, 3)
    assert (watched == 9).all()

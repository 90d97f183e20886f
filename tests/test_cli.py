"""`python -m generative`: files and folders in, files out, a line on each."""

from __future__ import annotations

import json
import os

import numpy as np
import painting
import photo_models
import pytest
from PIL import Image
from talk import HALF_A_GREY, as_images, encoded, photo, stroke

import generative
from generative import cli, images
from generative.data import noise
from generative.images.icc_profiles import make_profile
from generative.style_transfer.settings import PaintingSettings

WIDE = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])
"""Primaries wider than sRGB's, those of Adobe RGB, in CIE XYZ under D50."""


@pytest.fixture
def folder(tmp_path):
    """Two pictures, one file that is none, and one that isn't even called a picture."""
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.png").write_bytes(encoded(stroke()))
    (inside / "b.jpg").write_bytes(photo())
    (inside / "broken.png").write_bytes(b"nothing")
    (inside / "notes.txt").write_text("notes")
    return inside


def run(capsys, *arguments):
    """Return status, records and what went to stderr."""
    status = cli.main([*map(str, arguments), "--json"])
    printed = capsys.readouterr()
    return status, [json.loads(line) for line in printed.out.splitlines()], printed.err


def grey(path):
    return np.asarray(Image.open(path), np.float32)[None, ..., None] / 255


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    printed = capsys.readouterr().out
    assert all(command in printed for command in cli.COMMANDS)


def test_a_folder_is_denoised_a_broken_file_reported_and_what_exists_skipped(
    capsys, folder, tmp_path
):
    out = tmp_path / "out"
    status, records, _ = run(capsys, "denoise", folder, "--output", out)
    assert status == 1
    assert [r["status"] for r in records] == ["done", "done", "failed"]
    assert "not a picture" in records[2]["error"]
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png"]
    expected = generative.load("denoiser-mnist").reconstruct(as_images(stroke()))
    np.testing.assert_allclose(grey(out / "a.png"), expected, atol=HALF_A_GREY)

    (out / "a.png").write_bytes(b"kept")
    status, records, _ = run(capsys, "denoise", folder / "a.png", "--output", out)
    assert (status, records[0]["status"]) == (0, "skipped")
    assert (out / "a.png").read_bytes() == b"kept"
    status, records, _ = run(capsys, "denoise", folder / "a.png", "--output", out, "--overwrite")
    assert (status, records[0]["status"]) == (0, "done")
    np.testing.assert_allclose(grey(out / "a.png"), expected, atol=HALF_A_GREY)


def test_noise_can_be_added_and_is_measured(capsys, folder, tmp_path):
    options = ["--add-noise", "gaussian", "--level", 0.4, "--seed", 3, "--output", tmp_path / "out"]
    status, [record], _ = run(capsys, "denoise", folder / "a.png", *options)
    assert status == 0
    clean = as_images(stroke())
    noisy = noise.add_noise(clean, "gaussian", 0.4, 3)
    mse = float(((noisy - clean) ** 2).mean())
    assert record["noisy_psnr_db"] == pytest.approx(-10 * np.log10(mse), abs=0.001)
    assert record["psnr_db"] > record["noisy_psnr_db"]


def test_a_pattern_stands_for_its_files_and_one_without_any_fails(capsys, folder, tmp_path):
    (folder / "deep").mkdir()
    (folder / "deep" / "c.png").write_bytes(encoded(stroke()))
    found = list(cli.sources.expand([f"{folder}/**/[abc].*", str(folder / "a.png"), "no*such"]))
    assert [each.name for each in found[:-1]] == ["a.png", "b.jpg", "c.png"]
    status, [record], _ = run(capsys, "denoise", f"{tmp_path}/no*such", "--output", tmp_path)
    assert status == 1
    assert record["error"].startswith("There is no picture")


def test_no_result_replaces_a_picture_or_another_result(capsys, folder, tmp_path):
    before = (folder / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(before)
    status, [record], _ = run(
        capsys, "denoise", folder / "a.png", "--output", folder, "--overwrite"
    )
    assert status == 1
    assert "would replace" in record["error"]
    assert (folder / "a.png").read_bytes() == before
    sources = [folder / "a.png", tmp_path / "a.png"]
    _, records, _ = run(capsys, "denoise", *sources, "--output", tmp_path / "out")
    assert [r["status"] for r in records] == ["done", "failed"]
    assert "already" in records[1]["error"]


def test_samples_are_those_of_the_library(capsys, tmp_path):
    options = ["--model", "cvae", "--class", "7", "--count", 2, "--seed", 5, "--output", tmp_path]
    status, records, _ = run(capsys, "sample", *options)
    assert status == 0
    assert [r["class"] for r in records] == ["7", "7"]
    expected = generative.load("cvae-mnist-z16").sample(2, seed=5, labels=7)
    for record, picture in zip(records, expected, strict=True):
        np.testing.assert_allclose(grey(record["result"])[0], picture, atol=HALF_A_GREY)
        assert len(record["latent"]) == 16


def test_a_film_goes_from_each_picture_to_the_next_and_back(capsys, folder, tmp_path):
    options = ["--steps", 5, "--output", tmp_path / "out"]
    status, records, _ = run(capsys, "interpolate", folder, *options)
    assert status == 1
    assert [r["status"] for r in records] == ["done", "failed"]
    with Image.open(tmp_path / "out" / "a-to-b.gif") as film:
        assert (film.size, film.n_frames) == ((140, 140), 8)
    assert np.shape(records[0]["latents"]) == (2, 16)


def test_a_painting_holds_its_settings(capsys, tmp_path):
    source = tmp_path / "photo.png"
    source.write_bytes(encoded(Image.effect_noise((90, 60), 60).convert("RGB")))
    options = ["--style", "oil", "--size", 72, "--steps", 4, "--output", tmp_path / "out"]
    status, [record], _ = run(capsys, "stylize", source, *options)
    assert status == 0
    assert record["steps"] == 4
    assert images.decode(record["result"]).shape == (48, 72, 3)
    kept = PaintingSettings.from_text(images.read_note(record["result"]))
    assert kept == PaintingSettings(style="oil", size=72, steps=4)


@pytest.fixture
def photographs(tmp_path):
    """A folder of a photograph with a profile, and one of a checkpoint with random weights."""
    photo_models.write(tmp_path / "checkpoints")
    (tmp_path / "in").mkdir()
    file = encoded(
        Image.fromarray(painting.picture(50, 70)), "PNG", icc_profile=make_profile(2.2, WIDE)
    )
    (tmp_path / "in" / "cat.png").write_bytes(file)
    return tmp_path / "in" / "cat.png", ["--checkpoints", tmp_path / "checkpoints"]


def test_a_photograph_is_denoised_in_its_own_colours(capsys, photographs, tmp_path):
    source, here = photographs
    status, [record], _ = run(
        capsys, "denoise-photo", source, *here, "--output", tmp_path / "out", "--colour", 0.5
    )
    assert status == 0
    assert record["result"] == str(tmp_path / "out" / "cat.png")
    assert record["noise_level"].keys() == {"total", "luminance", "colour"}
    made = images.read_in_own_colours(record["result"])
    assert made.profile == make_profile(2.2, WIDE)
    model = generative.load("photo_denoiser", tmp_path / "checkpoints")
    np.testing.assert_allclose(
        made.pixels, model.restore(painting.picture(50, 70), colour=0.5), atol=1
    )  # A rounding of the noise to half precision apart.


def test_at_strength_0_a_photograph_stays_as_it_is(capsys, photographs, tmp_path):
    source, here = photographs
    options = [*here, "--strength", 0, "--output", tmp_path / "out"]
    assert run(capsys, "denoise-photo", source, *options)[0] == 0
    made = images.read_in_own_colours(tmp_path / "out" / "cat.png")
    np.testing.assert_array_equal(made.pixels, painting.picture(50, 70))


def test_noise_added_to_a_photograph_is_measured(capsys, photographs, tmp_path):
    source, here = photographs
    options = [*here, "--add-noise", 25, "--format", "jpeg", "--output", tmp_path / "out"]
    status, [record], _ = run(capsys, "denoise-photo", source, *options)
    assert status == 0
    assert record["psnr_db_before"] == pytest.approx(20 * np.log10(255 / 25), abs=0.3)
    assert record.keys() >= {"psnr_db_after", "ssim_before", "ssim_after"}
    with Image.open(tmp_path / "out" / "cat.jpg") as made:
        assert made.format == "JPEG"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["denoise-photo", "a.png", "--strength", "1.5"], "strength"),
        (["denoise-photo", "a.png", "--add-noise", "80"], "noise level"),
        (["denoise-photo", "a.png", "--checkpoints", "nowhere"], "checkpoint"),
        (["denoise", "x.png", "--level", "nan"], "noise level"),
        (["sample", "--count", "1001"], "number of samples"),
        (["sample", "--class", "boot"], "class"),
        (["sample", "--class", "7"], "takes no class"),
        (["interpolate", "x.png", "y.png", "--steps", "33"], "number of steps"),
        (["interpolate", "x.png"], "at least two"),
        (["stylize", "x.png", "--style", "oil", "--size", "63"], "longest side"),
        (["stylize", "x.png", "--style", "nowhere.jpg"], "picture"),
        (["denoise", "a.png", "--checkpoints", "nowhere"], "checkpoint"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)
def test_what_cannot_work_for_any_file_is_one_sentence(
    command, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(encoded(stroke()))
    status, records, error = run(capsys, *command, "--output", "out")
    assert (status, records) == (1, [])
    assert error.startswith("generative: ")
    assert message in error
    assert error.count("\n") == 1
    assert not os.path.exists("out")


def test_a_wrong_option_is_one_sentence(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["sample", "--output", "out", "--count", "many"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_json_a_reader_gets_lines_and_a_summary(capsys, folder, tmp_path):
    assert cli.main(["denoise", str(folder), "--output", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    assert printed.out.count(" → ") == 2
    assert "broken.png: The file is not a picture" in printed.err
    assert printed.err.endswith("2 done, 0 skipped, 1 failed.\n")


def test_a_folder_that_cannot_be_written_to_is_reported(capsys, folder, tmp_path):
    (tmp_path / "out").write_text("a file")
    status, [record], _ = run(capsys, "denoise", folder / "a.png", "--output", tmp_path / "out")
    assert status == 1
    assert "cannot be written" in record["error"]

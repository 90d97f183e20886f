"""`python -m generative`: files and folders in, files out, a line on each."""

from __future__ import annotations

import json
import os

import numpy as np
import painting
import pytest
from PIL import Image
from talk import HALF_A_GREY, as_images, encoded, photo, stroke

import generative
from generative import cli, images
from generative.data import noise
from generative.style_transfer.settings import PaintingSettings


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


def test_drafts_blend_styles_skip_what_exists_and_report_what_is_broken(capsys, tmp_path):
    for name in ("a", "b"):
        Image.fromarray(painting.picture(48, 64, ord(name))).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"nothing")
    options = ["--style", "oil=2", "--style", "woodcut", "--output", tmp_path / "out"]
    status, records, _ = run(capsys, "draft", tmp_path, *options)
    assert status == 1
    assert [record["status"] for record in records] == ["done", "done", "failed"]
    assert images.decode(tmp_path / "out" / "a.png").shape == (48, 64, 3)
    _, records, _ = run(capsys, "draft", tmp_path, *options)
    assert [record["status"] for record in records] == ["skipped", "skipped", "failed"]
    larger = tmp_path / "larger"
    run(capsys, "draft", tmp_path / "a.png", "--style", "oil", "--size", 96, "--output", larger)
    assert images.decode(larger / "a.png").shape == (72, 96, 3)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["denoise", "x.png", "--level", "nan"], "noise level"),
        (["sample", "--count", "1001"], "number of samples"),
        (["sample", "--class", "boot"], "class"),
        (["sample", "--class", "7"], "takes no class"),
        (["interpolate", "x.png", "y.png", "--steps", "33"], "number of steps"),
        (["interpolate", "x.png"], "at least two"),
        (["stylize", "x.png", "--style", "oil", "--size", "63"], "longest side"),
        (["stylize", "x.png", "--style", "nowhere.jpg"], "picture"),
        (["draft", "x.png", "--style", "oil=much"], "weight of a style"),
        (["draft", "x.png", "--style", "oil", "--strength", "2"], "strength"),
        (["draft", "x.png", "--style", "oil", "--size", "63"], "size"),
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

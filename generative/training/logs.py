"""Logs for TensorBoard, which the app itself does not need."""

from __future__ import annotations

import importlib.util
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from generative.backend import tf
from generative.errors import TrainingError


def require_tensorboard() -> None:
    """Find out before the training whether logs can be written.

    Raises:
        TrainingError: it is not installed.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise TrainingError(
            "--log-dir needs TensorBoard, which is not installed: pip install tensorboard, or "
            "train without it."
        )


def open_log(folder: Path | None) -> AbstractContextManager[tf.summary.SummaryWriter | None]:
    """Return a writer of TensorBoard logs, to be closed; of None where there is no folder."""
    if folder is None:
        return nullcontext()
    return closing(tf.summary.create_file_writer(str(folder)))

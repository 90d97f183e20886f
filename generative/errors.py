"""Every error that the library raises on purpose.

    GenerativeError
    ├── InputError        a value from the caller is wrong: shape, dtype, range, NaN, picture
    ├── CheckpointError   a checkpoint is missing, damaged or not one of ours
    ├── DataError         a data set is not on this machine and could not be fetched
    ├── TrainingError     a training run cannot start, continue or be written
    ├── TransferError     a style transfer cannot go on
    ├── HubError          the Hugging Face Hub refuses, or cannot be reached
    └── ProcessError      the process of a long computation has ended

The message is one sentence for the person in front of the program: what was wrong, what was
expected, what to do. It never holds a traceback or a path that the person did not type.
"""


class GenerativeError(Exception):
    """Base of every error below; `str(error)` can be shown to a user as it is."""


class InputError(GenerativeError, ValueError):
    """A value given by the caller is not usable."""


class CheckpointError(GenerativeError):
    """A checkpoint is missing, truncated, altered or foreign."""


class DataError(GenerativeError):
    """A data set is not available here."""


class TrainingError(GenerativeError):
    """A training run cannot start, continue or be written."""


class TransferError(GenerativeError):
    """A style transfer cannot go on."""


class HubError(GenerativeError):
    """The Hugging Face Hub refuses what it was asked for, or cannot be reached."""


class ProcessError(GenerativeError):
    """The process that carries out a long computation has ended, or does not start."""

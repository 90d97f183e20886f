"""Every error that the library raises deliberately.

    GenerativeError
    ├── InputError        a value from the caller is invalid: shape, dtype, range, NaN, picture
    ├── CheckpointError   a checkpoint is missing, damaged or foreign
    ├── DataError         a data set is not on this machine and could not be downloaded
    ├── TrainingError     a training run cannot start, continue or be written
    ├── TransferError     a style transfer cannot continue
    ├── HubError          the Hugging Face Hub refuses a request, or cannot be reached
    ├── ProcessError      the worker process has ended, or did not start
    └── ClusterError      a Ray cluster cannot be reached, or cannot paint

The message is one sentence for the user: what was wrong, what was expected, what to do. It never
contains a traceback, or a path that the user did not type.
"""


class GenerativeError(Exception):
    """Base of every error below; `str(error)` can be shown to the user as it is."""


class InputError(GenerativeError, ValueError):
    """A value given by the caller is invalid."""


class CheckpointError(GenerativeError):
    """A checkpoint is missing, damaged or foreign."""


class DataError(GenerativeError):
    """A data set is not on this machine and could not be downloaded."""


class TrainingError(GenerativeError):
    """A training run cannot start, continue or be written."""


class TransferError(GenerativeError):
    """A style transfer cannot continue."""


class HubError(GenerativeError):
    """The Hugging Face Hub refuses a request, or cannot be reached."""


class ProcessError(GenerativeError):
    """The worker process has ended, or did not start."""


class ClusterError(GenerativeError):
    """A Ray cluster cannot be reached, or cannot paint."""

"""Errors of the Hub and of its client, each in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from httpx2 import HTTPError, TransportError
from huggingface_hub import errors

from generative.errors import GenerativeError, HubError

SIGN_IN = "sign in with `hf auth login`, or put a token into HF_TOKEN"

WRAPPED = (
    errors.LocalEntryNotFoundError,
    errors.RevisionResolutionError,
    RuntimeError,
    ValueError,
)
"""Errors that the client raises around another, which is the reason."""


@contextmanager
def readable_hub_errors(address: object) -> Iterator[None]:
    """Raise errors of the Hub and its client as `HubError`.

    Args:
        address: the repository, as the message names it.

    Raises:
        HubError: the Hub refused, could not be reached, or the transfer failed.
    """
    try:
        yield
    except GenerativeError:
        raise
    except (HTTPError, OSError, RuntimeError, ValueError, errors.RevisionResolutionError) as error:
        raise HubError(_sentence(_reason(error), str(address))) from error


def _reason(error: BaseException) -> BaseException:
    while isinstance(error, WRAPPED) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _sentence(error: BaseException, address: str) -> str:
    if isinstance(error, errors.OfflineModeIsEnabled | errors.LocalEntryNotFoundError):
        return (
            f"HF_HUB_OFFLINE is set, and there is no sound copy of {address} in the Hub's cache: "
            "unset it, and try again where there is a connection."
        )
    if isinstance(error, TransportError):
        return (
            f"The Hub cannot be reached for {address}: check the connection, and try again; what "
            "has been fetched before is used with HF_HUB_OFFLINE=1."
        )
    if isinstance(error, errors.GatedRepoError):
        return f"{address} is open to those its owner let in: ask for access on its page."
    if isinstance(error, errors.RevisionNotFoundError):
        return f"There is no {address} on the Hub: the repository has no such revision."
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"There is no {address} on the Hub, or it is private: check the name, or {SIGN_IN}, "
            "if it is yours to read."
        )
    if isinstance(error, errors.HfHubHTTPError):
        return _of_status(error.response.status_code, address)
    if isinstance(error, OSError) and error.strerror:
        return f"The Hub's cache cannot be used for {address}: {error.strerror}."
    return (
        f"The transfer of {address} failed ({type(error).__name__}): try again; what has arrived "
        "is not sent twice."
    )


def _of_status(status: int, address: str) -> str:
    known = {
        401: f"The Hub does not know you, and {address} is not for everybody: {SIGN_IN}.",
        402: f"The Hub asks for a paid account for {address}: see its prices, or use another.",
        403: f"Your token does not allow that with {address}: make one that does on the Hub.",
        409: f"{address} is being changed by somebody else: try again in a moment.",
        412: f"{address} was changed by somebody else meanwhile: try again.",
        429: (
            f"The Hub has had too many requests from here, the last for {address}: wait a few "
            "minutes, or use what has been fetched before with HF_HUB_OFFLINE=1."
        ),
    }
    if status >= 500:
        return f"The Hub is out of order (HTTP {status}), and {address} with it: try again later."
    return known.get(status, f"The Hub refused {address} (HTTP {status}): check what you sent.")

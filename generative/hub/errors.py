"""Errors of the Hub and of its client, each in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from httpx2 import HTTPError, TransportError  # what the Hub's client speaks HTTP with
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


OFFLINE = (
    errors.OfflineModeIsEnabled,
    errors.LocalEntryNotFoundError,
    errors.RevisionResolutionError,
)
"""Errors without another reason than that the client may not connect."""


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
    if isinstance(error, OFFLINE):
        return (
            f"HF_HUB_OFFLINE is set, and the Hub's cache has no complete copy of {address}: unset "
            "it and try again with a connection."
        )
    if isinstance(error, TransportError):
        return (
            f"The Hub cannot be reached for {address}: check the connection and try again, or use "
            "the cache alone with HF_HUB_OFFLINE=1."
        )
    if isinstance(error, errors.GatedRepoError):
        return f"{address} is open only to those its owner admits: ask for access on its page."
    if isinstance(error, errors.RevisionNotFoundError):
        return f"There is no {address} on the Hub: the repository has no such revision."
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"There is no {address} on the Hub, or it is private: check the name, or {SIGN_IN}, "
            "if you may see it."
        )
    if isinstance(error, errors.HfHubHTTPError):
        return _of_status(error.response.status_code, address)
    if isinstance(error, OSError) and error.strerror:
        return f"The Hub's cache cannot be used for {address}: {error.strerror}."
    return (
        f"The transfer of {address} failed ({type(error).__name__}): try again; files that have "
        "arrived are not sent twice."
    )


def _of_status(status: int, address: str) -> str:
    known = {
        401: f"The Hub requires a valid token for {address}: {SIGN_IN}.",
        402: f"The Hub requires a paid account for {address}: see its prices.",
        403: f"Your token does not allow this for {address}: create one that does on the Hub.",
        409: f"{address} is being changed by somebody else: try again in a moment.",
        412: f"{address} was changed by somebody else meanwhile: try again.",
        429: (
            f"The Hub got too many requests from here, the last for {address}: try again in a few "
            "minutes, or use the cache alone with HF_HUB_OFFLINE=1."
        ),
    }
    if status >= 500:
        return f"The Hub failed on a request for {address} (HTTP {status}): try again later."
    refused = f"The Hub refused a request for {address} (HTTP {status}): check the names."
    return known.get(status, refused)

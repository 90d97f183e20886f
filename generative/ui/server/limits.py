"""How many requests a queue holds: of all visitors, of one, and of one address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class QueueLimits:
    """How many requests a queue holds.

    Attributes:
        name: what the requests are, in the plural.
        max_waiting: how many may wait at a time.
        max_per_visitor: how many of one visitor's may wait or run.
        retry_after: when to try again, in words.
    """

    name: str
    max_waiting: int
    max_per_visitor: int
    retry_after: str

    @property
    def max_per_address(self) -> int:
        """How many requests from one address may wait or run.

        A client can invent sessions but not its address. A whole school may share one address, so
        it gets more than a visitor: half the queue, leaving the other half to everyone else.
        """
        return self.max_waiting // 2

    def refusal(self, waiting: int, of_visitor: int, of_address: int) -> str | None:
        """Return why one more request is refused; None if it is accepted.

        Args:
            waiting: requests that wait already.
            of_visitor: the visitor's that wait or run.
            of_address: the address's that wait or run.
        """
        if waiting >= self.max_waiting:
            return (
                f"The queue of {self.name} is full: {waiting} are waiting, so try again in "
                f"{self.retry_after}."
            )
        if of_visitor >= self.max_per_visitor:
            return (
                f"Your share of the queue of {self.name} is full: {of_visitor} of yours are "
                "waiting or running, so wait for one of them, or stop it."
            )
        if of_address >= self.max_per_address:
            return (
                f"Your address's share of the queue of {self.name} is full: {of_address} from "
                f"there are waiting or running, so try again in {self.retry_after}."
            )
        return None

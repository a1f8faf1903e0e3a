"""What a sale is to be like."""

import math
from dataclasses import dataclass
from typing import Literal

Curve = Literal["at-once", "ramp", "waves"]
Wish = Literal["pay", "decline", "abandon", "cancel"]

Shares = tuple[float, float, float, float]
"""Of each of `WISHES`; they need not add up to 1."""

WISHES: tuple[Wish, ...] = ("pay", "decline", "abandon", "cancel")

BUYERS_MAX = 100_000
TICKETS_MAX = 20_000
SECONDS_MAX = 3_600
SHARE_MAX = 1_000_000
THINK_MAX_S = 600
"""More than these nobody may ask for."""

ANSWERS_S = 120.0
"""How long a buyer's answers may take, all together."""

RARE = 7.0
"""Times to think are drawn exponentially: in one crowd of e^7, of a thousand, somebody takes longer than the mean times
log(buyers) + 7."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One sale; with the same seed the same buyers want the same things."""

    buyers: int
    tickets: int
    curve: Curve = "at-once"
    seconds: float = 10.0
    """How long the buyers take to arrive; nothing for `at-once`."""

    shares: Shares = (0.6, 0.1, 0.2, 0.1)
    """How many of those who get a ticket pay, have their card declined, leave, and cancel; see `WISHES`."""

    repeat: float = 0.05
    """Share of buyers who send their request once more under the same key."""

    think_s: float = 1.0
    """Seconds that buyers with a ticket think on average before they act."""

    connections: int = 256
    """Requests under way at once."""

    wait_expiry_s: float = 30.0
    """Seconds to wait for abandoned orders to expire, if that is enough for all of them."""

    seed: int = 1

    @property
    def limit_s(self) -> float:
        """Seconds after the last arrival by which everybody must be let in and done, also who thinks longest.

        Who is let in and not done by then has as long again: it may have been at the last moment.
        """
        return ANSWERS_S + self.think_s * (math.log(self.buyers) + RARE)

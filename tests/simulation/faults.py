"""What can go wrong: every kind of fault by name, how often each happens in a schedule, and how often it did."""

from collections import Counter
from collections.abc import Sequence

from .chance import Chance

WRITE_FAULTS = ("write fails before", "write fails after", "write lands late", "write slow")
READ_FAULTS = ("read fails", "read slow")
NETWORK_FAULTS = (
    "request lost",
    "reply lost",
    "delivered twice",
    "delivered late",
    "overloaded",
    "message slow",
)
STRIPE_FAULTS = (
    "stripe request lost",
    "stripe reply lost",
    "stripe request late",
    "stripe 500 before",
    "stripe 500 after",
    "stripe 409",
    "stripe 429",
)
WEBHOOK_FAULTS = ("webhook dropped", "webhook late", "webhook twice", "webhook at once")
REFUND_FAULTS = ("refund fails", "refund pending", "refund pending, then fails", "refund comes back")
LATE_MONEY = ("late money",)
BY_HAND = ("refunded by hand", "part refunded by hand")
LAPSES = ("page lapses",)
BANK_FAULTS = (*REFUND_FAULTS, *LATE_MONEY, *BY_HAND, *LAPSES)
PLACES = ("load", "commit", "remove", "clear", "send")
STEPS = tuple(f"{step} {when}" for step in PLACES for when in ("before", "after"))
CRASHES = ("killed at random", *(f"killed at {step}" for step in STEPS))
COPY_FAULTS = ("second copy", "paused")
CLIENT_FAULTS = ("client vanishes", "client repeats")

KINDS = (
    *WRITE_FAULTS,
    *READ_FAULTS,
    *NETWORK_FAULTS,
    *STRIPE_FAULTS,
    *WEBHOOK_FAULTS,
    *BANK_FAULTS,
    *CRASHES,
    *COPY_FAULTS,
    *CLIENT_FAULTS,
)
"""Every kind of fault there is."""

RATE_MIN, RATE_MAX = 0.01, 0.16
WEIGHTS = (
    dict.fromkeys(BANK_FAULTS, 5.0)
    | dict.fromkeys(REFUND_FAULTS, 8.0)
    | dict.fromkeys((*WEBHOOK_FAULTS, *COPY_FAULTS), 1.5)
)
"""What has few occasions must take more of them."""


class Faults:
    """The faults of one schedule: each schedule has its own mixture, so that rare combinations meet often enough."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.are_on = True
        self.counts: Counter[str] = Counter()
        self.rates = {kind: self._rate() * WEIGHTS.get(kind, 1.0) for kind in KINDS}

    def _rate(self) -> float:
        """Half of the kinds stay away; the others come seldom or often."""
        return RATE_MIN * (RATE_MAX / RATE_MIN) ** self._chance.fraction() if self._chance.hit(0.5) else 0.0

    def draw(self, kinds: Sequence[str], where: str = "") -> str | None:
        """At most one fault out of `kinds`, now; `where` is the step that it strikes."""
        if not self.are_on:
            return None
        left = self._chance.fraction()
        for kind in kinds:
            left -= self.rates[kind]
            if left < 0:
                self.counts[kind] += 1
                return kind
        return None

    def is_in_play(self, kind: str) -> bool:
        """Whether this schedule has this kind of fault at all."""
        return self.are_on and self.rates[kind] > 0

    def kills(self, kind: str, service: str) -> bool:
        """Whether a process dies at this step: here its fate was fixed when it started."""
        return False

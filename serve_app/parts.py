"""What the application is made of: everything that touches the world is passed in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pymongo.asynchronous.database import AsyncDatabase

from actors.config import Config
from actors.gateway.hints import Hints
from actors.runtime.caller import Caller
from actors.runtime.clock import Clock
from actors.runtime.codec import Document
from serve_app.live.live import Live


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts `build_app` puts together; tests pass their own."""

    caller: Caller
    """Carries commands and queries to the actors."""

    hints: Hints
    """Follows what Stripe hints at."""

    database: AsyncDatabase[Document]
    """Where snapshots are read; of a client made with `tz_aware=True` and short time-outs."""

    live: Live
    """Hears of changes; runs while the application does."""

    config: Config
    clock: Clock

    readiness: Callable[[], Awaitable[list[str]]]
    """Names what is missing before requests can be served; empty when all is there."""

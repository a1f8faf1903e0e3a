"""What the processes of one Box Office need to know to run: one frozen record, read from nowhere by itself."""

from dataclasses import dataclass, field
from typing import Literal

Placement = Literal["shared", "dedicated"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one Box Office, as its processes hand them to each other.

    `cluster.settings` makes it from the environment; tests make their own.
    """

    mongo_url: str = field(repr=False)
    """Connection string of a replica set (majority writes and change streams need one); may hold a password."""

    database: str = "boxoffice"
    """Name of the MongoDB database."""

    namespace: str = "boxoffice"
    """Ray namespace of the supervisors' names."""

    order_window_s: float = 900
    """Seconds a buyer has to pay before the ticket goes back on sale."""

    placement: Placement = "shared"
    """Where turns of tickets and orders run: in their supervisor's process or in a Ray actor each."""

    partitions: int = 1
    """Partitions (supervisors) per service; must agree with the map recorded in the database."""

    passivate_after_s: float = 60
    """Seconds without a message after which an idle actor leaves memory."""

    dedicated_max: int = 64
    """How many dedicated Ray actors may live at once, over all supervisors; each has one at least."""

    replicas: int = 2
    """Serve replicas of the HTTP application."""

    secure_cookies: bool = False
    """Mark session cookies `Secure`: set behind TLS."""

    access_log: bool = False
    """Let every replica write a line for each request it has served."""

    jwt_key: str = field(repr=False)
    """Secret that signs session tokens."""

    stripe_key: str = field(repr=False)
    """Secret API key of Stripe, or of the sandbox."""

    stripe_api_base: str | None = None
    """Base URL of the Stripe API; None is Stripe itself."""

    stripe_per_s: float | None = None
    """Requests a second that the payments services together send to Stripe at most; None is as many as come."""

    stripe_webhook_secret: str | None = field(default=None, repr=False)
    """Signing secret of webhooks."""

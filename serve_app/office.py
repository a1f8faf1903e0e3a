"""What handlers work with, made once from the parts."""

from dataclasses import dataclass

from actors.runtime.clock import Clock
from serve_app.attempts import Attempts
from serve_app.desk import Desk
from serve_app.errands import Errands
from serve_app.idempotency import Idempotency
from serve_app.ledger import Ledger
from serve_app.parts import Parts
from serve_app.passwords import Passwords
from serve_app.reads import Reads
from serve_app.sessions import Sessions


@dataclass(frozen=True, kw_only=True)
class Office:
    """One replica's view of the box office."""

    clock: Clock
    desk: Desk
    reads: Reads
    sessions: Sessions
    idempotency: Idempotency
    passwords: Passwords
    attempts: Attempts
    errands: Errands
    behind_tls: bool
    """People reach us over https, whatever the last hop speaks."""


def open_office(parts: Parts) -> Office:
    """Put the parts together."""
    errands = Errands()
    return Office(
        clock=parts.clock,
        desk=Desk(parts.caller),
        reads=Reads(parts.database),
        sessions=Sessions(parts.config.jwt_key, parts.clock, secure=parts.config.secure_cookies),
        idempotency=Idempotency(Ledger(parts.database, parts.clock), errands),
        passwords=Passwords(),
        attempts=Attempts(),
        errands=errands,
        behind_tls=parts.config.secure_cookies,
    )

"""What keeps a proof from being done."""

import errno
import sqlite3

import pytest
import stripe
from pymongo.errors import ServerSelectionTimeoutError

from cluster.audit.obstacles import explained
from cluster.audit.snapshots import ForeignDocument
from cluster.local.errors import ProofError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ServerSelectionTimeoutError("nobody there"), "MongoDB could not be read"),
        (stripe.AuthenticationError("no such key"), "Stripe could not be asked"),
        (stripe.RateLimitError("too many requests"), "it is asked too much"),
        (ForeignDocument("tickets/7"), "tickets/7 was not written by this Box Office"),
        (sqlite3.OperationalError("database or disk is full"), "disk is full"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
    ],
)
def test_an_obstacle_is_a_sentence_and_status_2(error: Exception, sentence: str) -> None:
    with pytest.raises(ProofError, match=sentence) as caught, explained():
        raise error
    assert caught.value.exit_status == 2
    assert caught.value.sentence.endswith(".") and caught.value.advice.endswith(".")


@pytest.mark.parametrize(
    ("error", "advice"),
    [(stripe.APIConnectionError("no route"), "STRIPE_API_BASE"), (stripe.PermissionError("not yours"), "STRIPE_KEY")],
)
def test_who_cannot_be_reached_is_looked_for_elsewhere_than_who_refuses(error: Exception, advice: str) -> None:
    with pytest.raises(ProofError, match="Stripe could not be asked") as caught, explained():
        raise error
    assert advice in caught.value.advice


def test_a_defect_of_ours_is_no_obstacle() -> None:
    with pytest.raises(ZeroDivisionError), explained():
        raise ZeroDivisionError

"""What is set for Locust."""

from types import SimpleNamespace

import pytest

from cluster.sale.locust_plan import mistake, plan_of
from cluster.sale.plan import Plan

URL = "http://localhost:8000"


def options(**changes: float) -> SimpleNamespace:
    given = {"tickets": 10, "pay": 0.6, "decline": 0.1, "abandon": 0.2, "cancel": 0.1, "repeat": 0.05, "think_s": 1.0}
    return SimpleNamespace(**given | changes)


def test_what_is_set_is_the_plan() -> None:
    assert mistake(options(), URL) == ""
    assert plan_of(options()) == Plan(buyers=1, tickets=10)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tickets": 0}, "--tickets is 0, and must be from 1 to 20,000."),
        ({"pay": -1.0}, "--pay is -1.0, and"),
        ({"cancel": float("inf")}, "--cancel is inf"),
        ({"repeat": float("nan")}, "--repeat is nan"),
        ({"think_s": -1.0}, "--think-s is -1.0"),
        ({"pay": 0.0, "decline": 0.0, "abandon": 0.0, "cancel": 0.0}, "are all 0: nobody would do anything."),
    ],
)
def test_what_makes_no_sense_is_one_sentence(changes: dict[str, float], words: str) -> None:
    assert words in mistake(options(**changes), URL)


def test_somewhere_it_must_be() -> None:
    assert "'' is no URL" in mistake(options(), "")

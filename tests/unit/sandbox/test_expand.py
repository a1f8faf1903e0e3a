"""What may be asked to be expanded, and what Stripe says to everything else."""

import re

import pytest

from cluster.sandbox import expand
from cluster.sandbox.errors import ParameterError


def test_a_path_names_what_is_an_id() -> None:
    assert expand.check("payment_intent", "latest_charge", listed=False) == ["latest_charge"]
    assert expand.check("refund", "payment_intent.latest_charge", listed=False) == ["payment_intent", "latest_charge"]


def test_in_a_list_it_begins_with_data() -> None:
    assert expand.check("payment_intent", "data.latest_charge", listed=True) == ["latest_charge"]
    assert expand.check("payment_intent", "data", listed=True) == []


@pytest.mark.parametrize(
    ("path", "listed", "said"),
    [
        ("nothing", False, "This property cannot be expanded (nothing)."),
        ("metadata", False, "This property cannot be expanded (metadata)."),
        ("latest_charge.nothing", False, "This property cannot be expanded (latest_charge.nothing)."),
        ("", False, "This property cannot be expanded ()."),
        ("data.latest_charge", False, "This property cannot be expanded (data)."),
        ("data.metadata", True, "This property cannot be expanded (metadata)."),
        (
            "latest_charge",
            True,
            "This property cannot be expanded (latest_charge). You may want to try expanding 'data.latest_charge' "
            "instead.",
        ),
    ],
)
def test_anything_else_is_refused(path: str, listed: bool, said: str) -> None:
    with pytest.raises(ParameterError, match=f"^{re.escape(said)}$"):
        expand.check("payment_intent", path, listed=listed)


def test_a_path_has_four_names_and_data_is_one_of_them() -> None:
    deepest = "latest_charge.payment_intent.latest_charge.payment_intent"
    assert len(expand.check("payment_intent", deepest, listed=False)) == 4
    with pytest.raises(ParameterError, match="cannot expand more than 4 levels"):
        expand.check("payment_intent", f"data.{deepest}", listed=True)

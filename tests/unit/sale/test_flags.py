"""What can be seen to be wrong in a flag before a sale begins."""

import pytest
import typer

from cluster.sale.flags import url_of


@pytest.mark.parametrize("target", [None, "http://localhost:8000", "https://tickets.example.com/", "http://[::1]:80"])
def test_a_target_is_a_url(target: str | None) -> None:
    assert url_of(target) == target


@pytest.mark.parametrize(
    "target", ["localhost:8000", "tickets.example.com", "http://localhost:99999", "http://[::1", "http://", "ftp://x"]
)
def test_what_is_no_url_is_said_to_be_none_and_not_another_machine(target: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"no URL such as http://localhost:8000"):
        url_of(target)

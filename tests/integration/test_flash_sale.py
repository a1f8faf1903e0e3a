"""A small flash sale on a live office: everything that happens in it is proven afterwards."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cluster.counted import counted
from cluster.sale.result import NOT_PROVEN
from tests.integration.office import JWT_KEY, ROOT, Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


def sale(office: Office, *flags: str, environ: dict[str, str]) -> tuple[int, str, str]:
    """`boxoffice flash-sale` on this office: its exit status and what it printed."""
    command = [sys.executable, "-m", "cluster", "flash-sale", "--data-dir", str(office.folder), *flags]
    answer = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, timeout=150, check=False, text=True, encoding="utf-8"
    )
    return answer.returncode, answer.stdout, answer.stderr


def test_sixty_buyers_ten_tickets(office: Office, tmp_path: Path) -> None:
    page = tmp_path / "sale.html"
    flags = ["--buyers", "60", "--tickets", "10", "--arrival", "waves", "--seconds", "2", "--think-s", "0.1"]
    shares = ["--pay", "2", "--decline", "1", "--abandon", "1", "--cancel", "1", "--repeat", "0.5"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
    status, out, err = sale(
        office, *flags, *shares, "--json", "--report", str(page), environ=environ | {"JWT_KEY": JWT_KEY}
    )

    assert status == 0, (out[-3000:], err[-2000:])
    found: dict[str, Any] = json.loads(out)
    totals = found["totals"]
    assert found["good"] is True
    assert (found["url"], found["name"].startswith("Flash sale "), found["troubles"]) == (office.url, True, [])
    assert found["audit"]["violations"] == found["journal"]["broken"] == []
    assert totals["reserved"] + totals["refused"] == 60
    assert 10 <= totals["reserved"] == found["journal"]["promises"]
    assert totals["reserved"] - totals["cancelled"] <= 10
    assert totals["failed"] == 0
    assert found["stock"][-1]["sold"] == totals["paid"]
    assert sum(found["per_second"]["reserved"]) == totals["reserved"]
    assert page.read_text(encoding="utf-8").count("<svg") == 4
    # A quarter of an hour is longer than it waits; what is left to expire then is said to be open.
    assert found["unexpired"] > 0
    left = counted(found["unexpired"], "order")
    assert found["not_proven"] == [f"Nobody waited for {left} left unpaid: that they expire."]


def test_a_place_without_a_database_is_proven_as_far_as_the_api_goes(office: Office, tmp_path: Path) -> None:
    flags = ["--target", office.url, "--data-dir", str(tmp_path), "--buyers", "20", "--tickets", "4", "--think-s", "0"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "MONGO_", "JWT_"))}
    status, _, err = sale(office, *flags, environ=environ)
    assert (status, "--api-only" in err) == (2, True), err[-2000:]

    status, out, err = sale(office, *flags, "--api-only", "--json", environ=environ)
    assert status == 0, (out[-3000:], err[-2000:])
    found: dict[str, Any] = json.loads(out)
    assert found["audit"] is None
    assert found["not_proven"][-len(NOT_PROVEN) :] == list(NOT_PROVEN)
    assert found["journal"]["broken"] == []
    assert found["journal"]["promises"] == found["totals"]["reserved"] >= 4


def test_another_machine_is_not_loaded_by_mistake(office: Office) -> None:
    status, _, err = sale(office, "--target", "http://192.0.2.1", environ=dict(os.environ))
    assert status == 2
    assert "--yes-really-this-host" in err

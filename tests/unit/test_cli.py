"""What the `boxoffice` command says and ends with when it cannot do what it was asked for."""

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cluster import cli
from cluster.local import ports
from cluster.local.errors import ServiceError
from cluster.local.processes import Identity
from cluster.local.record import RunRecord


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder of a copy that runs, without its Ray."""
    me = Identity.of(os.getpid())
    assert me is not None
    RunRecord(owner=me, ray_address=f"127.0.0.1:{ports.choose().gcs}").save(tmp_path / "run.json")
    return tmp_path


def reconcile(folder: Path) -> Result:
    return CliRunner().invoke(cli.app, ["reconcile", "--data-dir", str(folder)])


@pytest.mark.parametrize("verb", ["reconcile", "ray"])
def test_where_nothing_runs_it_says_so(tmp_path: Path, verb: str) -> None:
    ended = CliRunner().invoke(cli.app, [verb, "--data-dir", str(tmp_path)])
    assert (ended.exit_code, ended.stderr) == (cli.NOT_RUNNING, "Box Office does not run here.\n")


def test_while_ray_is_down_reconciling_is_refused_at_once(folder: Path) -> None:
    ended = reconcile(folder)
    assert isinstance(ended.exception, ServiceError)
    assert ended.exception.sentence == "Ray does not run just now."


@pytest.mark.parametrize(("failed", "status"), [(0, 0), (1, 1)])
def test_payments_that_could_not_be_told_are_an_exit_status(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failed: int, status: int
) -> None:
    def compared(*_: object) -> list[dict[str, Any]]:
        return [{"supervisor": "payments/0", "looked_at": 7, "told": 1, "failed": failed}]

    monkeypatch.setattr(cli, "compared", compared)
    ended = reconcile(folder)
    assert ended.exit_code == status
    assert f"{failed} could not be told" in ended.stdout


def test_a_defect_is_no_violation(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def defective(**_: object) -> None:
        raise ZeroDivisionError("a defect of ours")

    monkeypatch.setattr(cli, "app", defective)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == os.EX_SOFTWARE
    assert "a defect of ours" in capsys.readouterr().err

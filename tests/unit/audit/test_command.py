"""What the command takes for times, and what it ends with."""

import pytest
from typer.testing import CliRunner

from cluster import cli
from cluster.audit import command as command_module, run as run_module
from cluster.audit.report import Report
from cluster.audit.violation import Violation


@pytest.mark.parametrize("grace_s", ["inf", "1e12", "86401", "nan", "-1"])
def test_a_grace_that_is_no_time_is_wrong_usage(grace_s: str) -> None:
    ended = CliRunner().invoke(cli.app, ["audit", "--grace-s", grace_s], env={"COLUMNS": "200"})
    assert ended.exit_code == 2
    assert "Invalid value for '--grace-s'" in ended.output


@pytest.mark.parametrize(("violations", "status"), [([], 0), ([Violation("oversold", "Two have it.", ())], 1)])
def test_its_status_tells_the_proof_also_where_nobody_takes_what_it_prints(
    violations: list[Violation], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_module, "sources", lambda *_: None)
    monkeypatch.setattr(run_module, "audit", lambda *_, **__: Report(violations=violations))
    monkeypatch.setattr("sys.argv", ["boxoffice", "audit"])
    for name in ("no_proxy", "NO_PROXY"):  # the command makes some, which must not outlive the test
        monkeypatch.setenv(name, "")
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code == status

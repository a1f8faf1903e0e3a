"""What the command takes for times."""

import pytest
from typer.testing import CliRunner

from cluster import cli


@pytest.mark.parametrize("grace_s", ["inf", "1e12", "86401", "nan", "-1"])
def test_a_grace_that_is_no_time_is_wrong_usage(grace_s: str) -> None:
    ended = CliRunner().invoke(cli.app, ["audit", "--grace-s", grace_s], env={"COLUMNS": "200"})
    assert ended.exit_code == 2
    assert "Invalid value for '--grace-s'" in ended.output

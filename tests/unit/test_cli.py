"""What the `boxoffice` command says and ends with when it cannot do what it was asked for."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cluster import cli
from cluster.local import ports, services
from cluster.local.console import UNPRINTED
from cluster.local.errors import FolderError, ServiceError
from cluster.local.processes import Identity
from cluster.local.record import RunRecord


@pytest.fixture(autouse=True)
def no_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    """From proxies; the command makes some, which must not outlive the test."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder of a copy that runs, without its Ray."""
    me = Identity.of(os.getpid())
    assert me is not None
    RunRecord(owner=me, ray_address=f"127.0.0.1:{ports.choose().gcs}").save(tmp_path / "run.json")
    return tmp_path


def reconcile(folder: Path) -> Result:
    return CliRunner().invoke(cli.app, ["reconcile", "--data-dir", str(folder)])


@pytest.mark.parametrize("words", [["reconcile"], ["ray", "list", "actors"], ["ray", "list", "--help"]])
def test_where_nothing_runs_it_says_so(tmp_path: Path, words: list[str]) -> None:
    ended = CliRunner().invoke(cli.app, [*words, "--data-dir", str(tmp_path)])
    assert (ended.exit_code, ended.stderr) == (cli.NOT_RUNNING, "Box Office does not run here.\n")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_about_ray_needs_no_running_copy(tmp_path: Path, words: list[str]) -> None:
    ended = CliRunner().invoke(cli.app, ["ray", "--data-dir", str(tmp_path), *words])
    assert ended.exit_code == 0
    assert "boxoffice ray list actors" in ended.stdout
    assert "Exit status 3" in ended.stdout


def test_every_setting_says_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = CliRunner().invoke(cli.app, ["up", "--help"]).stdout
    for default in ("8000", "127.0.0.1", ".boxoffice", "900", "shared", "1", "60", "64", "2", "false", "boxoffice"):
        assert f"(default: {default})" in shown


@pytest.mark.parametrize("verb", ["status", "down", "reconcile"])
def test_another_users_copy_is_not_called_absent(folder: Path, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    # The tests may run as root, who may read everything.
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    ended = CliRunner().invoke(cli.app, [verb, "--data-dir", str(folder)])
    assert isinstance(ended.exception, FolderError)
    assert ended.exception.sentence == f"The data folder {folder} belongs to another user."


@pytest.mark.parametrize("verb", ["status", "down", "reconcile"])
def test_a_data_folder_that_is_a_file_is_a_mistake(tmp_path: Path, verb: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    ended = CliRunner().invoke(cli.app, [verb, "--data-dir", str(file)])
    assert isinstance(ended.exception, FolderError)
    assert ended.exception.sentence == f"{file} is not a folder."


def test_who_watches_into_a_full_disk_is_told_by_the_exit_status(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cluster", "status", "--watch", "--json", "--data-dir", str(tmp_path)]
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (ended.returncode, ended.stderr.decode().strip()) == (cli.NOT_RUNNING, UNPRINTED)


@pytest.mark.parametrize("words", [["up"], ["repartition", "2"]])
def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "run.new")

    monkeypatch.setattr(cli.Up, "run", full)
    monkeypatch.setattr(cli, "change", full)
    ended = CliRunner().invoke(cli.app, [*words, "--data-dir", str(tmp_path)])
    assert isinstance(ended.exception, FolderError)
    assert ended.exception.sentence == "This machine cannot write to run.new (No space left on device)."


def test_what_is_asked_on_this_machine_goes_past_every_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "corp.example")
    monkeypatch.setattr(cli, "app", lambda **_: None)
    cli.main()
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == "corp.example,127.0.0.1,localhost,::1"
    assert services.base_env()["NO_PROXY"] == os.environ["NO_PROXY"]


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


def test_partitions_that_nobody_compared_are_named_beside_those_that_were(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [{"supervisor": "payments/1", "looked_at": 7, "told": 1, "failed": 0}]
    monkeypatch.setattr(cli, "compared", lambda *_: found)
    monkeypatch.setattr(cli, "partitions_of", lambda _: 3)
    ended = reconcile(folder)
    assert "payments/1: looked at 7 objects" in ended.stdout
    assert isinstance(ended.exception, ServiceError)
    assert "by payments/0, payments/2: no such supervisor runs" in ended.exception.sentence


def test_a_defect_is_no_violation(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def defective(**_: object) -> None:
        raise ZeroDivisionError("a defect of ours")

    monkeypatch.setattr(cli, "app", defective)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == os.EX_SOFTWARE
    assert "a defect of ours" in capsys.readouterr().err

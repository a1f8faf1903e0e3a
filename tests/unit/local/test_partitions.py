"""The partition map and its MongoDB: what keeps it from being read or changed is a sentence."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Never

import pytest
from pymongo.errors import OperationFailure

from actors.runtime.partition_record import NoOffice
from cluster.local import mongo_url, mongod, partitions
from cluster.local.child import Child
from cluster.local.errors import DatabaseError, FolderError, ServiceError
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord
from cluster.settings import Settings, load

GONE = Identity(pid=2**22 + 1, started=0.0)
GIVEN = {"MONGO_URL": "mongodb://user:hush@127.0.0.1:1/"}
EMBEDDED: dict[str, str] = {}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.names() & set(os.environ):
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    folder = DataFolder(tmp_path / "data")
    yield folder
    assert not folder.run.exists(), "a refusal left a trace"


def settings_of(folder: DataFolder, given: dict[str, str]) -> Settings:
    return load({"BOXOFFICE_DATA_DIR": str(folder.path), **given})


def test_a_user_who_may_not_read_is_told_so(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> Never:
        raise OperationFailure("not authorized on boxoffice to execute command { find: 'office' }", 13)

    monkeypatch.setattr(partitions, "agree", refuse)
    with pytest.raises(DatabaseError, match=r"mongodb://127\.0\.0\.1:1/ does not let this user in \(code 13\)"):
        partitions.demand_agreement(settings_of(folder, GIVEN))


def test_a_database_that_never_answers_is_not_waited_for(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(partitions, "agree", hang)
    monkeypatch.setattr(partitions, "WORK_S", 0)
    with pytest.raises(DatabaseError, match="does not answer"):
        partitions.demand_agreement(settings_of(folder, GIVEN))


@pytest.mark.parametrize("given", [GIVEN, EMBEDDED], ids=["given", "embedded"])
def test_what_a_killed_run_left_behind_is_ended_first(folder: DataFolder, given: dict[str, str]) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as left:
        who = Identity.of(left.pid)
        assert who is not None
        folder.mongo.mkdir(parents=True)
        RunRecord(owner=GONE, children={"ray": who}).save(folder.record)
        with pytest.raises(FolderError, match="Processes of a killed run are still there") as caught:
            partitions.change(settings_of(folder, given), folder, 4)
        left.kill()
    assert "boxoffice down" in caught.value.advice


@pytest.mark.parametrize("given", [GIVEN, EMBEDDED], ids=["given", "embedded"])
def test_a_folder_that_another_has_claimed_is_left_alone(folder: DataFolder, given: dict[str, str]) -> None:
    owner = DataFolder(folder.path)
    owner.claim()
    with pytest.raises(FolderError, match="is in use by a running copy"):
        partitions.change(settings_of(folder, given), folder, 4)
    owner.release()


def test_a_mongod_that_ends_at_once_is_not_waited_for(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(folder: DataFolder, _port: int, _program: Path, env: dict[str, str], _cache_mib: int) -> Child:
        command = [sys.executable, "-c", "raise SystemExit('No space left on device')"]
        return Child("mongod", command, log=folder.logs / "mongod.log", env=env)

    monkeypatch.setattr(mongod, "binary", lambda: Path("mongod"))
    monkeypatch.setattr(mongod, "start", start)
    monkeypatch.setattr(mongod, "try_primary", lambda _port: False)
    folder.mongo.mkdir(parents=True)
    with pytest.raises(ServiceError, match=r"MongoDB did not start: it ended with status 1.*\n.*No space left"):
        partitions.change(settings_of(folder, EMBEDDED), folder, 4)


def test_no_database_is_made_only_to_say_that_it_is_empty(folder: DataFolder) -> None:
    with pytest.raises(FolderError, match="No Box Office with a database of its own ever ran in"):
        partitions.change(settings_of(folder, EMBEDDED), folder, 4)
    assert not folder.path.exists()


def test_a_given_database_is_divided_anew(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    async def repartition(database: Any, number: int) -> tuple[str, int]:
        return database.name, number

    monkeypatch.setattr(mongo_url, "demand_replica_set", lambda _url: None)
    monkeypatch.setattr(partitions, "repartition", repartition)
    assert partitions.change(settings_of(folder, GIVEN), folder, 4) == ("boxoffice", 4)


def test_where_no_office_is_there_is_nothing_to_divide(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    async def repartition(*_: object) -> Never:
        raise NoOffice

    monkeypatch.setattr(mongo_url, "demand_replica_set", lambda _url: None)
    monkeypatch.setattr(partitions, "repartition", repartition)
    with pytest.raises(DatabaseError, match=r"^The database boxofice holds no office\.$") as caught:
        partitions.change(settings_of(folder, GIVEN | {"BOXOFFICE_DATABASE": "boxofice"}), folder, 4)
    assert "BOXOFFICE_DATABASE" in caught.value.advice

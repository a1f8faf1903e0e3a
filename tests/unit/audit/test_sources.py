"""Where the audit reads from."""

import os
from pathlib import Path

import pytest

from cluster.audit.sources import folder_of, sources
from cluster.local.errors import ProofError
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord

GONE = Identity(pid=2**22 + 1, started=0.0)
ME = Identity.of(os.getpid())


def recorded(path: Path, owner: Identity, database: str = "shop") -> DataFolder:
    record = RunRecord(owner=owner, mongo_url="mongodb://here", database=database, sandbox_url="http://sandbox")
    record.save(path / "run.json")
    return DataFolder(path)


def test_the_copy_that_runs_here_is_found(tmp_path: Path) -> None:
    found = sources(recorded(tmp_path, ME), None, None, {})
    assert (found.mongo_url, found.database) == ("mongodb://here", "shop")
    assert (found.stripe_key, found.stripe_api_base) == ("sk_test_boxoffice_sandbox", "http://sandbox")


def test_a_record_without_a_name_means_the_usual_one_unless_a_flag_says_another(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ME, database="")
    assert sources(folder, None, None, {}).database == "boxoffice"
    assert sources(folder, None, "shop", {}).stripe_api_base == "http://sandbox"


def test_the_sandbox_here_knows_the_money_of_no_other_database(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ME)
    for url, database in (("mongodb://there", None), (None, "other")):
        with pytest.raises(ProofError, match="Stripe account"):
            sources(folder, url, database, {})
    with_password = sources(folder, "mongodb://user:password@here/?replicaSet=rs", None, {})
    assert (with_password.database, with_password.stripe_api_base) == ("shop", "http://sandbox")


def test_flags_and_environment_win(tmp_path: Path) -> None:
    environ = {"STRIPE_KEY": "sk_test_mine", "MONGO_URL": "mongodb://given", "BOXOFFICE_DATABASE": "given"}
    folder = recorded(tmp_path, ME)
    found = sources(folder, None, None, environ)
    assert (found.mongo_url, found.database, found.stripe_key) == ("mongodb://given", "given", "sk_test_mine")
    assert found.stripe_api_base is None
    flagged = sources(folder, "mongodb://flag", "flag", environ)
    assert (flagged.mongo_url, flagged.database) == ("mongodb://flag", "flag")


def test_a_slash_at_the_end_of_a_stripe_api_is_none_of_its_paths(tmp_path: Path) -> None:
    environ = {"STRIPE_KEY": "sk_test_mine", "STRIPE_API_BASE": "http://stripe:12111/"}
    assert sources(DataFolder(tmp_path), "mongodb://there", None, environ).stripe_api_base == "http://stripe:12111"


def test_a_copy_that_is_gone_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="which database") as caught:
        sources(recorded(tmp_path, GONE), None, None, {"STRIPE_KEY": "sk_test_mine"})
    assert caught.value.exit_status == 2


def test_without_a_stripe_account_there_is_no_proof(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="Stripe account"):
        sources(DataFolder(tmp_path), "mongodb://there", None, {})


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    found = sources(DataFolder(tmp_path), "mongodb://user:password@there", None, {"STRIPE_KEY": "sk_test_mine"})
    assert "password" not in repr(found)
    assert "sk_test_mine" not in repr(found)


def test_the_data_folder_comes_by_flag_or_environment(tmp_path: Path) -> None:
    assert folder_of(str(tmp_path), {"BOXOFFICE_DATA_DIR": "other"}).path == tmp_path.resolve()
    assert folder_of(None, {"BOXOFFICE_DATA_DIR": str(tmp_path)}).path == tmp_path.resolve()

"""A whole sale with the parts left out: what is checked before it, and what is told when something fails after it."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cluster.audit.sources import Sources
from cluster.local.errors import ProofError
from cluster.sale import run as run_module
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.run import run
from cluster.sale.sale import Sale

PLAN = Plan(buyers=1, tickets=1)
MARKET = Place(url="http://127.0.0.1:9", is_own=False, jwt_key=None)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The sales that were held; each of them is over at once."""
    sales: list[Plan] = []

    async def hold(sale: Sale, *_: Any) -> None:
        sales.append(sale.plan)
        sale.unexpired = 2

    monkeypatch.setattr(run_module, "hold", hold)
    return sales


@pytest.mark.parametrize("name", ["no-folder/sale.html", "", "file/sale.html"])
def test_a_page_that_has_no_place_stops_the_sale_before_it_begins(tmp_path: Path, held: list[Plan], name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProofError, match="cannot be written") as caught:
        run(PLAN, MARKET, as_json=True, page_file=tmp_path / name)
    assert caught.value.exit_status == 2
    assert held == []


def test_a_database_without_an_office_stops_the_sale_before_it_begins(
    held: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(where: Sources) -> None:
        raise ProofError(f"No Box Office ever ran in the database {where.database}.", "Look at its name.")

    monkeypatch.setattr(run_module, "demand_office", nobody)
    books = Sources(mongo_url="mongodb://127.0.0.1:9", database="shpo", stripe_key="", stripe_api_base=None)
    with pytest.raises(ProofError, match="shpo"):
        run(PLAN, replace(MARKET, books=books), as_json=True, page_file=None)
    assert held == []


def test_a_page_that_cannot_be_written_after_all_hides_no_result(
    tmp_path: Path, held: list[Plan], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ProofError, match="No space left") as caught:
        run(PLAN, MARKET, as_json=True, page_file=tmp_path / "sale.html")
    assert caught.value.exit_status == 2
    assert json.loads(capsys.readouterr().out)["good"] is True
    assert held == [PLAN]


def test_a_result_that_nobody_takes_costs_neither_the_page_nor_the_verdict(
    tmp_path: Path, held: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert run(PLAN, MARKET, as_json=True, page_file=tmp_path / "sale.html") is True
    assert "<svg" in (tmp_path / "sale.html").read_text()


def test_an_audit_that_cannot_be_done_hides_no_result(
    tmp_path: Path, held: list[Plan], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise ProofError("Stripe could not be asked (APIConnectionError).", "Look whether STRIPE_KEY is the key.")

    monkeypatch.setattr(run_module, "demand_office", lambda _: None)
    monkeypatch.setattr(run_module, "audit", silent)
    books = Sources(mongo_url="mongodb://127.0.0.1:9", database="shop", stripe_key="", stripe_api_base=None)
    with pytest.raises(ProofError, match="Stripe could not be asked") as caught:
        run(PLAN, replace(MARKET, books=books), as_json=True, page_file=tmp_path / "sale.html")
    assert caught.value.exit_status == 2
    shown = json.loads(capsys.readouterr().out)
    assert (shown["good"], shown["audit"], shown["unexpired"]) == (False, None, 2)
    assert "The proof could not be done" in shown["not_proven"][0]
    assert not any("MongoDB was not read" in each for each in shown["not_proven"])
    assert "The proof could not be done" in (tmp_path / "sale.html").read_text()


def test_a_result_says_where_it_comes_from_and_keeps_the_password(
    tmp_path: Path, held: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    run(PLAN, replace(MARKET, url="http://me:secret@127.0.0.1:9"), as_json=True, page_file=tmp_path / "sale.html")
    assert json.loads(out := capsys.readouterr().out)["url"] == "http://127.0.0.1:9"
    page = (tmp_path / "sale.html").read_text()
    assert ("http://127.0.0.1:9" in page, "secret" in page + out) == (True, False)


def test_more_connections_than_files_stop_the_sale_before_it_begins(
    held: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (256, 256))
    with pytest.raises(ProofError, match="open files"):
        run(PLAN, MARKET, as_json=True, page_file=None)
    assert held == []


def test_a_machine_that_gives_out_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hold(*_: Any) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(run_module, "hold", hold)
    with pytest.raises(ProofError, match="Too many open files"):
        run(PLAN, MARKET, as_json=True, page_file=None)


def test_people_read_what_is_not_proven(held: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PLAN, MARKET, as_json=False, page_file=None)
    assert "Not proven: Nobody waited for 2 orders" in capsys.readouterr().out


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """It works, also where the tests run in the background of a shell, which lets them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupting(*, is_open: bool, by: signal.Signals = signal.SIGINT) -> Any:
    """A sale that is interrupted after or before the doors open."""

    async def hold(sale: Sale, *_: Any) -> None:
        sale.is_open, sale.seconds = is_open, 99.0
        if is_open:
            sale.took_s = 4.0
        sale.figures.count("reserved", 1.0, times=7)
        os.kill(os.getpid(), by)
        await asyncio.sleep(60)

    return hold


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sale_tells_what_it_showed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], by: signal.Signals
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(run_module, "hold", interrupting(is_open=True, by=by))
    with pytest.raises(ProofError, match="interrupted, and not audited") as caught:
        run(PLAN, MARKET, as_json=True, page_file=tmp_path / "sale.html")
    assert caught.value.exit_status == 130
    found = json.loads(capsys.readouterr().out)
    assert (found["interrupted"], found["good"], found["seconds"]) == (True, False, 4.0)
    assert found["totals"]["reserved"] == 7
    assert "interrupted, and not audited" in (tmp_path / "sale.html").read_text()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == (signal.default_int_handler, before)


@pytest.fixture
def in_the_background() -> Iterator[None]:
    """Ctrl-C is ignored, as by whatever a shell runs in its background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_background")
def test_what_runs_in_the_background_is_ended_by_sigterm_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_module, "hold", interrupting(is_open=True, by=signal.SIGTERM))
    with pytest.raises(ProofError, match="interrupted, and not audited"):
        run(PLAN, MARKET, as_json=True, page_file=None)
    assert json.loads(capsys.readouterr().out)["interrupted"] is True


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("again", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_twice_gets_the_result_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], again: signal.Signals
) -> None:
    def pressed(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), again)

    monkeypatch.setattr(run_module, "hold", interrupting(is_open=True))
    monkeypatch.setattr(Path, "write_text", pressed)
    with pytest.raises(ProofError, match="interrupted, and not audited"):
        run(PLAN, MARKET, as_json=True, page_file=tmp_path / "sale.html")
    assert json.loads(capsys.readouterr().out)["interrupted"] is True


def test_a_folder_that_vanishes_while_the_sale_goes_on_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()

    async def hold(*_: Any) -> None:
        folder.rmdir()

    monkeypatch.setattr(run_module, "hold", hold)
    with pytest.raises(ProofError, match=r"sale\.html could not be written \(No such file or directory\)") as caught:
        run(PLAN, MARKET, as_json=True, page_file=folder / "sale.html")
    assert (caught.value.exit_status, "--json" in caught.value.advice) == (2, True)
    assert json.loads(capsys.readouterr().out)["good"] is True


def test_an_audit_that_is_interrupted_hides_no_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def hold(sale: Sale, *_: Any) -> None:
        sale.is_open = True

    def cut(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "hold", hold)
    monkeypatch.setattr(run_module, "demand_office", lambda _: None)
    monkeypatch.setattr(run_module, "audit", cut)
    books = Sources(mongo_url="mongodb://127.0.0.1:9", database="shop", stripe_key="", stripe_api_base=None)
    with pytest.raises(ProofError, match="interrupted, and not audited"):
        run(PLAN, replace(MARKET, books=books), as_json=True, page_file=None)
    assert json.loads(capsys.readouterr().out)["interrupted"] is True


@pytest.mark.usefixtures("ctrl_c")
def test_a_sale_that_is_interrupted_before_it_begins_has_nothing_to_show(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_module, "hold", interrupting(is_open=False))
    with pytest.raises(ProofError, match="before the doors opened") as caught:
        run(PLAN, MARKET, as_json=True, page_file=None)
    assert (caught.value.exit_status, capsys.readouterr().out) == (130, "")


@pytest.mark.parametrize("what", ["disproven", "interrupted"])
def test_what_else_went_wrong_decides_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()

    async def hold(sale: Sale, *_: Any) -> None:
        folder.rmdir()
        sale.is_open = True
        if what == "interrupted":
            raise KeyboardInterrupt
        sale.unfinished = 1

    monkeypatch.setattr(run_module, "hold", hold)
    if what == "interrupted":
        with pytest.raises(ProofError, match="interrupted"):
            run(PLAN, MARKET, as_json=True, page_file=folder / "sale.html")
    else:
        assert run(PLAN, MARKET, as_json=True, page_file=folder / "sale.html") is False
    assert "could not be written" in " ".join(capsys.readouterr().err.split())

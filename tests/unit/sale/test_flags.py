"""What can be seen to be wrong in a flag before a sale begins."""

import pytest
import typer
from typer.testing import CliRunner

from cluster import cli
from cluster.sale import command as command_module, run as run_module
from cluster.sale.flags import url_of
from cluster.sale.plan import Plan


@pytest.mark.parametrize(
    "target",
    [
        None,
        "http://localhost:8000",
        "https://tickets.example.com/",
        "http://[::1]:80",
        "https://x.example/shop",
        "http://bücher.example",
    ],
)
def test_a_target_is_a_url(target: str | None) -> None:
    assert url_of(target) == target


@pytest.mark.parametrize(
    "target",
    [
        *("localhost:8000", "tickets.example.com", "http://localhost:99999", "http://[::1", "http://", "ftp://x", ""),
        *("http://a..b:80", f"http://{'a' * 64}.example", "http://local host", "http://localhost/a b"),
        *("http://127.0.0.1:8223?x=1", "http://localhost?", "http://localhost:80/#top"),
    ],
)
def test_what_is_no_url_is_said_to_be_none_and_not_another_machine(target: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"no URL such as http://localhost:8000"):
        url_of(target)


@pytest.mark.parametrize(
    "words",
    [
        *(["--pay", value] for value in ("inf", "nan", "1e308", "-1")),
        ["--pay", "1e308", "--abandon", "1e308"],
        ["--pay", "0", "--decline", "0", "--abandon", "0", "--cancel", "0"],
        *([name, "nan"] for name in ("--decline", "--abandon", "--cancel", "--repeat", "--think-s")),
        *([name, "nan"] for name in ("--seconds", "--wait-expiry-s")),
        ["--think-s", "-1"],
        ["--tickets", "0"],
        ["--seconds", "30"],
        ["--api-only", "--mongo-url", "mongodb://127.0.0.1:9"],
        ["--api-only", "--database", "boxoffice"],
        ["--target", ""],
        ["--target", "http://a..b:80", "--yes-really-this-host"],
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_asked(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        pytest.fail("a marketplace was looked for")

    monkeypatch.setattr(command_module, "place", asked)
    ended = CliRunner().invoke(cli.app, ["flash-sale", *words])
    assert ended.exit_code == 2
    assert words[0] in ended.stderr


@pytest.mark.parametrize(
    ("words", "seconds"),
    [([], 0.0), (["--arrival", "waves"], 10.0), (["--arrival", "ramp", "--seconds", "30"], 30.0)],
)
def test_a_curve_lasts_as_long_as_somebody_says_or_ten_seconds(
    words: list[str], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Plan] = []

    def hold(plan: Plan, *_: object, **__: object) -> bool:
        held.append(plan)
        return True

    monkeypatch.setattr(command_module, "place", lambda *_, **__: None)
    monkeypatch.setattr(run_module, "run", hold)
    ended = CliRunner().invoke(cli.app, ["flash-sale", "--api-only", *words])
    assert (ended.exit_code, [each.seconds for each in held]) == (0, [seconds])

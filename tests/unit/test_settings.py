"""Settings: read from environment and flags, every mistake named at once, secrets never shown."""

import os
from pathlib import Path

import pytest

from cluster.local.errors import SettingsError
from cluster.settings import Settings, load

KEY = "k" * 32


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("BOXOFFICE_") or name in Settings.names():
            monkeypatch.delenv(name)


def mistakes_of(flags: dict[str, str | None] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(flags)
    return [line.strip() for line in caught.value.sentence.splitlines()[1:]]


def test_defaults_are_those_of_the_documentation() -> None:
    settings = load()
    assert (settings.port, settings.host, settings.data_dir) == (8000, "127.0.0.1", Path(".boxoffice"))
    assert (settings.order_window_s, settings.placement, settings.partitions) == (900, "shared", 1)
    assert (settings.replicas, settings.stripe_key, settings.mongo_url) == (2, None, None)
    assert settings.mongo_cache_mib == 256


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXOFFICE_PORT", "8001")
    monkeypatch.setenv("BOXOFFICE_REPLICAS", "3")
    settings = load({"BOXOFFICE_PORT": "8002", "BOXOFFICE_REPLICAS": None})
    assert (settings.port, settings.replicas) == (8002, 3)


def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXOFFICE_PORT", "")
    monkeypatch.setenv("STRIPE_KEY", "")
    assert load().port == 8000
    assert load().stripe_key is None


def test_an_empty_flag_is_an_absent_one() -> None:
    assert load({"BOXOFFICE_DATA_DIR": "", "BOXOFFICE_PORT": ""}) == load()


def test_every_mistake_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXOFFICE_PORT", "abc")
    monkeypatch.setenv("BOXOFFICE_PLACEMENT", "sharde")
    monkeypatch.setenv("BOXOFFICE_PROT", "8000")
    monkeypatch.setenv("STRIPE_API_BASE", "ftp://stripe")
    assert mistakes_of({"BOXOFFICE_REPLICAS": "0"}) == [
        "BOXOFFICE_PROT: no such setting",
        "BOXOFFICE_PORT: got 'abc', expected a whole number",
        "BOXOFFICE_PLACEMENT: got 'sharde', expected 'shared' or 'dedicated'",
        "BOXOFFICE_REPLICAS: got '0', expected at least 1",
        "STRIPE_API_BASE: got 'ftp://stripe', expected a URL that begins with http:// or https://",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOXOFFICE_PORT", "0"),
        ("BOXOFFICE_PORT", "65536"),
        ("BOXOFFICE_ORDER_WINDOW_S", "0"),
        ("BOXOFFICE_ORDER_WINDOW_S", "nan"),
        ("BOXOFFICE_ORDER_WINDOW_S", "inf"),
        ("BOXOFFICE_PARTITIONS", "1.5"),
        ("BOXOFFICE_PASSIVATE_AFTER_S", "-1"),
        ("BOXOFFICE_DEDICATED_MAX", "0"),
        ("BOXOFFICE_MONGO_CACHE_MIB", "255"),
        ("BOXOFFICE_SECURE_COOKIES", "perhaps"),
        ("BOXOFFICE_DATABASE", "a.b"),
        ("BOXOFFICE_APPLICATION", "no colon"),
    ],
)
def test_a_value_out_of_bounds_is_a_mistake(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    (mistake,) = mistakes_of()
    assert mistake.startswith(f"{name}: got {value!r}, expected ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_KEY", "too-short"),
        ("MONGO_URL", "http://u:hush@host"),
        ("STRIPE_KEY", "pk_live_hush"),
        ("STRIPE_KEY", "sk_live_hush\n"),
        ("STRIPE_KEY", "sk_live_hush # of the shop"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_hush"),
    ],
)
def test_a_wrong_secret_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    (mistake,) = mistakes_of()
    assert mistake.startswith(f"{name}: got a value that is not shown, expected ")
    assert value not in mistake


def test_what_is_said_of_stripe_without_a_key_is_not_silently_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_BASE", "https://stripe.example")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_hush")
    monkeypatch.setenv("BOXOFFICE_PORT", "0")
    beside = "expected STRIPE_KEY beside it: without a key the sandbox is used"
    assert mistakes_of() == [
        "BOXOFFICE_PORT: got '0', expected at least 1",
        f"STRIPE_API_BASE: got 'https://stripe.example', {beside}",
        f"STRIPE_WEBHOOK_SECRET: got a value that is not shown, {beside}",
    ]


def test_a_wrong_key_is_one_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_KEY", "pk_live_hush")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_hush")
    (mistake,) = mistakes_of()
    assert mistake.endswith("expected a secret key of Stripe: it begins with sk_ or rk_, and no white space is in it")


@pytest.mark.parametrize("key", ["sk_test_x", "sk_live_x", "rk_live_x", "sk_test_boxoffice_sandbox"])
def test_secret_and_restricted_keys_are_taken(key: str) -> None:
    given = {"STRIPE_KEY": key, "STRIPE_API_BASE": "http://127.0.0.1:1", "STRIPE_WEBHOOK_SECRET": "whsec_x"}
    assert load(given).secret("STRIPE_KEY") == key


def test_secrets_do_not_show_in_the_settings_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_KEY", KEY)
    monkeypatch.setenv("MONGO_URL", "mongodb://u:hush@host/")
    monkeypatch.setenv("STRIPE_KEY", "sk_live_hush")
    assert "hush" not in repr(load())


def test_config_needs_what_only_up_can_make_up() -> None:
    with pytest.raises(SettingsError) as caught:
        load().config()
    assert all(name in caught.value.sentence for name in ("MONGO_URL", "JWT_KEY", "STRIPE_KEY"))


@pytest.mark.parametrize(
    ("given", "per_s"),
    [
        ({"STRIPE_KEY": "sk_live_x"}, 80),
        ({"STRIPE_KEY": "rk_test_x"}, 20),
        ({"STRIPE_KEY": "sk_test_x", "STRIPE_API_BASE": "http://127.0.0.1:1"}, None),
        ({"STRIPE_KEY": "sk_live_x", "BOXOFFICE_STRIPE_PER_S": "400"}, 400),
    ],
)
def test_stripe_is_asked_no_faster_than_it_lets_an_account_ask(given: dict[str, str], per_s: float | None) -> None:
    assert load({"MONGO_URL": "mongodb://host", "JWT_KEY": KEY, **given}).config().stripe_per_s == per_s


def test_a_child_sees_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "BOXOFFICE_ORDER_WINDOW_S": "1.5",
        "BOXOFFICE_SECURE_COOKIES": "true",
        "BOXOFFICE_ACCESS_LOG": "true",
        "MONGO_URL": "mongodb://host/?replicaSet=x",
        "JWT_KEY": KEY,
        "STRIPE_KEY": "sk_test_x",
        "STRIPE_API_BASE": "http://127.0.0.1:1234",
    }
    parent = load(given)
    for name, value in parent.variables().items():
        monkeypatch.setenv(name, value)
    assert load() == parent
    config = load().config()
    assert (config.order_window_s, config.secure_cookies, config.access_log) == (1.5, True, True)
    assert config.stripe_api_base == "http://127.0.0.1:1234"
    assert config.jwt_key == KEY

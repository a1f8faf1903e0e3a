"""The settings of a Box Office: read from the environment and the command's flags, checked before anything starts."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from actors.config import Config
from cluster.local.errors import SettingsError
from cluster.local.folder import DATABASE
from cluster.local.mongod import CACHE_MIB

T = TypeVar("T")

PREFIX = "BOXOFFICE_"
SECRETS = frozenset({"JWT_KEY", "STRIPE_KEY", "STRIPE_WEBHOOK_SECRET", "MONGO_URL"})
"""Never shown, not even when wrong. A MongoDB URL may hold a password."""


class Settings(BaseSettings):
    """Every setting, under the name of its environment variable."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, case_sensitive=True
    )

    port: Annotated[int, Field(ge=1, le=65535, alias="BOXOFFICE_PORT")] = 8000
    """Port of the marketplace."""

    host: Annotated[str, Field(min_length=1, alias="BOXOFFICE_HOST")] = "127.0.0.1"
    """Address it listens on; 0.0.0.0 is every interface."""

    data_dir: Annotated[Path, Field(alias="BOXOFFICE_DATA_DIR")] = Path(".boxoffice")
    """Folder that keeps everything."""

    order_window_s: Annotated[float, Field(gt=0, le=86400, alias="BOXOFFICE_ORDER_WINDOW_S", allow_inf_nan=False)] = 900
    """Seconds a buyer has to pay."""

    placement: Annotated[Literal["shared", "dedicated"], Field(alias="BOXOFFICE_PLACEMENT")] = "shared"
    """Where turns of tickets and orders run."""

    partitions: Annotated[int, Field(ge=1, le=4096, alias="BOXOFFICE_PARTITIONS")] = 1
    """Supervisors per service."""

    passivate_after_s: Annotated[
        float, Field(gt=0, le=86400, alias="BOXOFFICE_PASSIVATE_AFTER_S", allow_inf_nan=False)
    ] = 60
    """Seconds without a message after which an idle actor leaves memory."""

    dedicated_max: Annotated[int, Field(ge=1, le=100_000, alias="BOXOFFICE_DEDICATED_MAX")] = 64
    """Dedicated Ray actors alive at once."""

    replicas: Annotated[int, Field(ge=1, le=64, alias="BOXOFFICE_REPLICAS")] = 2
    """Serve replicas."""

    secure_cookies: Annotated[bool, Field(alias="BOXOFFICE_SECURE_COOKIES")] = False
    """Mark session cookies `Secure`."""

    access_log: Annotated[bool, Field(alias="BOXOFFICE_ACCESS_LOG")] = False
    """Write a line for every request."""

    mongo_cache_mib: Annotated[int, Field(ge=CACHE_MIB, le=1_048_576, alias="BOXOFFICE_MONGO_CACHE_MIB")] = CACHE_MIB
    """MiB that the embedded MongoDB keeps of what is stored in memory."""

    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,38}$", alias="BOXOFFICE_DATABASE")] = DATABASE
    """Name of the MongoDB database."""

    application: Annotated[str, Field(pattern=r"^[\w.]+:\w+$", alias="BOXOFFICE_APPLICATION")] = (
        "cluster.application:application"
    )
    """Import path of the Serve application; tests name a smaller one."""

    mongo_url: Annotated[SecretStr | None, Field(alias="MONGO_URL")] = None
    """MongoDB to use instead of the embedded one: a replica set."""

    jwt_key: Annotated[SecretStr | None, Field(min_length=32, alias="JWT_KEY")] = None
    """Secret that signs session tokens."""

    stripe_key: Annotated[SecretStr | None, Field(alias="STRIPE_KEY")] = None
    """Secret API key of Stripe; without one the sandbox is used."""

    stripe_api_base: Annotated[AnyHttpUrl | None, Field(alias="STRIPE_API_BASE")] = None
    """Base URL of the Stripe API."""

    stripe_per_s: Annotated[float | None, Field(gt=0, le=10_000, alias="BOXOFFICE_STRIPE_PER_S")] = None
    """Requests a second to Stripe at most, by all payments services; None is what Stripe lets an account ask."""

    stripe_webhook_secret: Annotated[SecretStr | None, Field(alias="STRIPE_WEBHOOK_SECRET")] = None
    """Signing secret of webhooks."""

    @field_validator("mongo_url")
    @classmethod
    def _is_mongo_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("a URL that begins with mongodb:// or mongodb+srv://")
        return value

    @field_validator("stripe_key")
    @classmethod
    def _is_stripe_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"(sk|rk)_\S+", value.get_secret_value()):
            raise ValueError("a secret key of Stripe: it begins with sk_ or rk_, and no white space is in it")
        return value

    @field_validator("stripe_api_base", "stripe_webhook_secret")
    @classmethod
    def _has_a_key(cls, value: T, info: ValidationInfo) -> T:
        """Without a key the sandbox would be used, whatever else is said of Stripe. A wrong key is told of itself."""
        if value is not None and info.data.get("stripe_key", "wrong") is None:
            raise ValueError("STRIPE_KEY beside it: without a key the sandbox is used")
        return value

    def config(self) -> Config:
        """What the actors need. Raises `SettingsError` when a part is missing that only `boxoffice up` can make up."""
        missing = [name for name in ("MONGO_URL", "JWT_KEY", "STRIPE_KEY") if self.secret(name) is None]
        if missing:
            raise _error([f"{name}: not given, expected a value" for name in missing])
        return Config(
            mongo_url=self.secret("MONGO_URL") or "",
            database=self.database,
            order_window_s=self.order_window_s,
            placement=self.placement,
            partitions=self.partitions,
            passivate_after_s=self.passivate_after_s,
            dedicated_max=self.dedicated_max,
            replicas=self.replicas,
            secure_cookies=self.secure_cookies,
            access_log=self.access_log,
            jwt_key=self.secret("JWT_KEY") or "",
            stripe_key=self.secret("STRIPE_KEY") or "",
            stripe_api_base=self.variables().get("STRIPE_API_BASE"),
            stripe_per_s=self.stripe_per_s or self._stripe_lets(),
            stripe_webhook_secret=self.secret("STRIPE_WEBHOOK_SECRET"),
        )

    def _stripe_lets(self) -> float | None:
        """Four fifths of what Stripe itself lets an account ask each second, for payments are not alone in asking.

        Source: https://docs.stripe.com/rate-limits
        """
        if self.stripe_api_base is not None:
            return None
        return 20.0 if "_test_" in (self.secret("STRIPE_KEY") or "") else 80.0

    @classmethod
    def names(cls) -> frozenset[str]:
        """The environment variables that are settings."""
        return frozenset(str(field.alias) for field in cls.model_fields.values())

    def secret(self, name: str) -> str | None:
        """The secret that the variable `name` holds, in clear."""
        value: SecretStr | None = getattr(self, name.lower())
        return value.get_secret_value() if value else None

    def variables(self) -> dict[str, str]:
        """The environment that makes a child process see these very settings."""
        environ = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value is not None:
                clear = value.get_secret_value() if isinstance(value, SecretStr) else value
                environ[str(field.alias)] = str(clear).rstrip("/") if name == "stripe_api_base" else str(clear)
        return environ


def load(flags: Mapping[str, str | None] | None = None) -> Settings:
    """The settings from the environment, overridden by `flags` (by variable name; None or empty is not given).

    Raises `SettingsError` that names every mistake at once.
    """
    given = {name: value for name, value in (flags or {}).items() if value}
    mistakes = [f"{name}: no such setting" for name in sorted(os.environ) if _is_unknown(name)]
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        mistakes += [_mistake(detail, given) for detail in error.errors()]
        raise _error(mistakes) from None
    if mistakes:
        raise _error(mistakes)
    return settings


def _is_unknown(name: str) -> bool:
    return name.startswith(PREFIX) and name not in Settings.names()


def _mistake(detail: ErrorDetails, given: Mapping[str, str]) -> str:
    name = str(detail["loc"][0])
    value = "a value that is not shown" if name in SECRETS else repr(given.get(name, os.environ.get(name)))
    return f"{name}: got {value}, expected {_expected(detail)}"


EXPECTED = {
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_parsing": "true or false",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "too_short": "at least {min_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_pattern_mismatch": "something that matches {pattern}",
    "url_parsing": "a URL such as https://api.stripe.com",
    "url_scheme": "a URL that begins with http:// or https://",
}
"""What a person should have given, by pydantic's name of the mistake."""


def _expected(detail: ErrorDetails) -> str:
    template = EXPECTED.get(detail["type"])
    return template.format(**detail.get("ctx", {})) if template else detail["msg"].removeprefix("Value error, ")


def _error(mistakes: list[str]) -> SettingsError:
    count = "One setting is" if len(mistakes) == 1 else f"{len(mistakes)} settings are"
    return SettingsError(
        "\n".join([f"{count} wrong:", *(f"  {mistake}" for mistake in mistakes)]),
        "`boxoffice up --help` lists every setting.",
    )

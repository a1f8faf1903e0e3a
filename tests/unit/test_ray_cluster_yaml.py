"""The cluster file is one that Ray itself accepts, and it starts the same application."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

FILE = Path(__file__).parents[2] / "ray-cluster.yaml"


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


def test_rays_own_schema_and_preparation_accept_it(config: dict[str, Any]) -> None:
    # Given the file as it is, when Ray prepares it as `ray up` does, then its schema finds nothing wrong,
    validate_config(prepare_config(config))


def test_rays_schema_would_have_found_a_mistake(config: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="no_such_key"):
        validate_config(prepare_config(config | {"no_such_key": 1}))


def test_every_worker_counts(config: dict[str, Any]) -> None:
    prepared = prepare_config(config)
    assert prepared["max_workers"] == len(config["provider"]["worker_ips"])


def test_it_starts_what_a_laptop_starts(config: dict[str, Any]) -> None:
    head, worker = config["head_start_ray_commands"][-1], config["worker_start_ray_commands"][-1]
    assert "python -m cluster.deploy" in head
    for command in (head, worker):
        assert "RAY_SERVE_ENABLE_HA_PROXY=1" in command
        assert ". /etc/boxoffice.env" in command, "secrets come from the environment"

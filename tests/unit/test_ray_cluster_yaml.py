"""The cluster file is one that Ray itself accepts, and it starts the same application."""

import re
import subprocess
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


def test_it_deploys_once_every_machine_has_joined(config: dict[str, Any]) -> None:
    head = config["head_start_ray_commands"][-1]
    assert f"python -m cluster.deploy --nodes {1 + len(config['provider']['worker_ips'])}" in head


def test_a_shell_reads_the_environment_file_of_its_comment_as_it_is_meant(tmp_path: Path) -> None:
    # Given the file /etc/boxoffice.env as the comment shows it,
    shown = re.findall(r"^# +([A-Z_]+=(?:'[^']*'|\S+))", FILE.read_text(), re.MULTILINE)
    (tmp_path / "boxoffice.env").write_text("\n".join(shown))
    # when a machine reads it as the start commands do,
    reading = ["sh", "-c", "set -a && . ./boxoffice.env && set +a && env"]
    read = subprocess.run(reading, cwd=tmp_path, capture_output=True, check=True, encoding="utf-8", env={})
    # then the whole URL arrives, with every option in it.
    assert "MONGO_URL=mongodb://…/?replicaSet=…&authSource=admin" in read.stdout.splitlines()
    assert len(shown) > 4


def test_it_starts_what_a_laptop_starts(config: dict[str, Any]) -> None:
    head, worker = config["head_start_ray_commands"][-1], config["worker_start_ray_commands"][-1]
    assert "python -m cluster.deploy" in head
    for command in (head, worker):
        assert "RAY_SERVE_ENABLE_HA_PROXY=1" in command
        assert ". /etc/boxoffice.env" in command, "secrets come from the environment"

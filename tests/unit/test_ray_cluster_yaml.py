"""The cluster file is one that Ray itself accepts, and its commands start the same application on every machine."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import yaml
from ray.autoscaler._private.autoscaler import StandardAutoscaler
from ray.autoscaler._private.command_runner import _with_interactive
from ray.autoscaler._private.load_metrics import LoadMetrics
from ray.autoscaler._private.util import prepare_config, validate_config, with_envs

ROOT = Path(__file__).parents[2]
FILE = ROOT / "ray-cluster.yaml"

CALLED = """\
#!/bin/sh
echo "${0##*/} $*" "v2=$RAY_enable_autoscaler_v2" "key=$STRIPE_KEY"
"""
"""A program that only says how it was called."""


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of a machine that is set up."""
    programs = tmp_path / "boxoffice" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "ray"):
        (programs / name).write_text(CALLED)
        (programs / name).chmod(0o700)
    (tmp_path / "boxoffice.env").write_text("STRIPE_KEY='sk_&'")
    return tmp_path


def run(command: str, home: Path) -> list[str]:
    """What a machine says to a command; in a session of its own, for an interactive bash would take the terminal."""
    here = command.replace("/etc/boxoffice.env", str(home / "boxoffice.env"))
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "RAY_HEAD_IP": "10.0.0.10"}
    ran = subprocess.run(
        ["bash", "-c", here], capture_output=True, check=True, encoding="utf-8", env=env, start_new_session=True
    )
    return ran.stdout.splitlines()


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


def test_mistakes_are_said_while_the_office_still_runs(config: dict[str, Any], home: Path) -> None:
    checks, ends, *_ = config["head_start_ray_commands"]
    assert run(checks, home) == ["python -m cluster.deploy --check v2= key=sk_&"]
    assert run(ends, home) == ["ray stop v2= key="]


def test_ray_and_the_deployment_run_as_on_a_laptop(config: dict[str, Any], home: Path) -> None:
    # What `cluster.environment` tells them is told to a laptop's too.
    [ray, deployment] = run(config["head_start_ray_commands"][-1], home)
    [worker] = run(config["worker_start_ray_commands"][-1], home)
    assert ray.startswith("python -m cluster.environment .venv/bin/ray start --head ")
    assert deployment.startswith("python -m cluster.environment .venv/bin/python -m cluster.deploy --nodes 3 ")
    assert worker.startswith("python -m cluster.environment .venv/bin/ray start --address=10.0.0.10:6379 ")
    assert all(said.endswith("key=sk_&") for said in (ray, deployment, worker)), "secrets come from the environment"


def test_the_head_is_where_the_workers_look_for_it(config: dict[str, Any]) -> None:
    # Otherwise Ray takes the address by which the head reaches the internet.
    head = config["head_start_ray_commands"][-1]
    assert f" --node-ip-address={config['provider']['head_ip']} " in head


def test_rays_second_autoscaler_is_declined(config: dict[str, Any], home: Path) -> None:
    # Given what `ray up` puts before each command: version 2 takes the head for one of the workers,
    asked = with_envs(config["head_start_ray_commands"], {"RAY_enable_autoscaler_v2": "1"})
    # when the head is started, then Ray is told otherwise.
    [ray, _] = run(asked[-1], home)
    assert "v2=0" in ray


def test_rays_first_autoscaler_starts_every_machine(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given Ray's own autoscaler on the head, which starts machines without asking them,
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    (tmp_path / "key.pem").touch()
    config["auth"]["ssh_private_key"] = str(tmp_path / "key.pem")
    config["provider"] |= {"disable_node_updaters": True, "foreground_node_launch": True}
    prepared = prepare_config(config)
    load = LoadMetrics()
    autoscaler = StandardAutoscaler(
        lambda: prepared, load, MagicMock(), max_launch_batch=5, max_concurrent_launches=5, update_interval_s=0
    )
    # when the head has reported,
    load.update(config["provider"]["head_ip"], b"head", {"CPU": 4}, {"CPU": 4}, 0)
    autoscaler.update()
    # then all workers run beside it.
    machines = {config["provider"]["head_ip"], *config["provider"]["worker_ips"]}
    assert set(autoscaler.provider.non_terminated_nodes({})) == machines


def test_ray_down_finds_ray(config: dict[str, Any], home: Path) -> None:
    # Given a machine that was set up twice, when Ray asks its shell to stop, as `ray down` does,
    set_up = config["setup_commands"][-1]
    run(f"{set_up}; {set_up}", home)
    assert run(" ".join(_with_interactive("ray stop")), home) == ["ray stop v2= key="]
    assert len((home / ".bashrc").read_text().splitlines()) == 1


@pytest.mark.parametrize("commands", ["head_start_ray_commands", "worker_start_ray_commands"])
def test_an_orphan_of_haproxy_is_ended_and_the_shell_that_does_it_is_not(config: dict[str, Any], commands: str) -> None:
    *_, stop, end, _ = config[commands]
    assert stop.endswith("ray stop")
    found = re.search("-f '(.*)'", end)
    assert found
    assert re.search(found[1], "/venv/bin/haproxy -db -f /tmp/haproxy-serve/haproxy.cfg -sf 7")
    assert not re.search(found[1], "haproxy -f /etc/haproxy/haproxy.cfg")
    assert not re.search(found[1], f"bash --login -c -i {end}")


def test_what_sets_a_machine_up_is_sent_there_and_nothing_else_is_read(config: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = [name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]]
    needed = {"Makefile", "pyproject.toml", "requirements.lock", project["project"]["readme"], *packages}
    assert config["file_mounts"] == {f"~/boxoffice/{name}": name for name in needed}

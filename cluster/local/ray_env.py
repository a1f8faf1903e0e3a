"""The environment of Ray and Ray Serve: one copy on loopback, light, beside other copies."""

from pathlib import Path

from cluster import environment
from cluster.local.folder import DataFolder
from cluster.local.ports import Ports

ROOT = Path(__file__).resolve().parents[2]
"""Where the packages `actors`, `serve_app` and `cluster` are: Ray's workers must find them too."""


def client_env(folder: DataFolder) -> dict[str, str]:
    """What any process needs to talk to this copy's Ray."""
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(folder.ray_token),
        # Despite its name: off means that this node is 127.0.0.1, so nothing of Ray listens to the network.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_DISABLE_IMPORT_WARNING": "1",
    }


def head_env(folder: DataFolder, ports: Ports) -> dict[str, str]:
    """What the head, and through it every worker, needs."""
    mine = {**client_env(folder), **_light(), **_haproxy(folder, ports), **_port_env(ports)}
    return environment.variables() | mine


def _light() -> dict[str, str]:
    return {
        # Figures come from the supervisors themselves; Ray's own cost memory in every process.
        "RAY_enable_metrics_collection": "0",
        # Nor is every call written down for `ray list tasks`: each would cost three processes time.
        "RAY_task_events_report_interval_ms": "0",
        # One process per logical CPU is started ahead otherwise, and CPUs are only logical here.
        "RAY_enable_worker_prestart": "0",
        "RAY_prestart_worker_first_driver": "0",
        "RAY_idle_worker_killing_time_threshold_ms": "1000",
        "RAY_num_workers_soft_limit": "0",
    }


def _haproxy(folder: DataFolder, ports: Ports) -> dict[str, str]:
    home = folder.run / "h"
    return {
        "RAY_SERVE_HAPROXY_NBTHREAD": "2",
        "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(home / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(home / "s"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(home / "m"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(home),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(home / "server-state"),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(ports.haproxy_metrics),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(ports.haproxy_stats),
    }


def _port_env(ports: Ports) -> dict[str, str]:
    first, last = ports.replicas
    return {
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(ports.fallback_http),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(ports.fallback_grpc),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(last),
        "RAY_SERVE_DIRECT_INGRESS_MIN_GRPC_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_GRPC_PORT": str(last),
        "DASHBOARD_METRIC_PORT": str(ports.dashboard_metrics),
    }

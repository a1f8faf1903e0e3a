"""Whether a target is a URL that can be asked. Pure."""

import re
from urllib.parse import urlsplit

HOST = re.compile(r"[\w.:%-]+")


def is_url(target: str) -> bool:
    """Whether it names a web server, and at most a folder there: paths are appended to it."""
    try:
        found = urlsplit(target)
        host = found.hostname or ""
        host.encode("idna")
        known = found.scheme in ("http", "https") and bool(HOST.fullmatch(host)) and found.port != 0
    except ValueError:  # a port above 65535, half an IPv6 address, or an empty or endless part of a name
        return False
    return known and not re.search(r"[?#\s]", target)

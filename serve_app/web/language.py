"""Which language a reader gets: the one they chose, else the first of their browser's that we speak."""

import re

from starlette.requests import Request

from serve_app.web.texts import LANGUAGES

COOKIE = "language"
KEPT_S = 365 * 24 * 3600
_ENTRIES_MAX = 20

_ENTRY = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*[Qq]=([01](?:\.[0-9]{0,3})?)\s*)?")
"""One entry of an `Accept-Language` header, as RFC 9110 has it: a language, perhaps its country, and its weight."""


def language_of(request: Request) -> str:
    """The code of a language in `LANGUAGES`."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    preferred = _preferred(request.headers.get("accept-language", ""))
    return next((each for each in preferred if each in LANGUAGES), next(iter(LANGUAGES)))


def _preferred(header: str) -> list[str]:
    """The languages of an `Accept-Language` header in lower case and without countries, the most wanted first."""
    entries = (_ENTRY.fullmatch(entry) for entry in header.split(",")[:_ENTRIES_MAX])
    wanted = [(float(entry[2] or 1), entry[1].lower()) for entry in entries if entry]
    wanted.sort(key=lambda each: -each[0])
    return [name for weight, name in wanted if weight > 0]

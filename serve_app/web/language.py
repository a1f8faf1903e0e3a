"""Which language a reader gets: the one they chose, else the first of their browser's that we speak."""

from babel import negotiate_locale
from starlette.requests import Request

from serve_app.web.texts import LANGUAGES

COOKIE = "language"
KEPT_S = 365 * 24 * 3600
_ENTRIES_MAX = 20


def language_of(request: Request) -> str:
    """The code of a language in `LANGUAGES`."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    preferred = _preferred(request.headers.get("accept-language", ""))
    return negotiate_locale(preferred, list(LANGUAGES), sep="-") or next(iter(LANGUAGES))


def _preferred(header: str) -> list[str]:
    """The languages of an `Accept-Language` header, the most wanted first."""
    wanted = []
    for entry in header.split(",")[:_ENTRIES_MAX]:
        name, _, weight = entry.strip().partition(";q=")
        wanted.append((_weight(weight), name.strip()))
    wanted.sort(key=lambda each: -each[0])
    return [name for weight, name in wanted if weight > 0 and name]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0

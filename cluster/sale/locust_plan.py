"""The sale as it was set in Locust's web UI or on its command line. Pure."""

from typing import Any

from cluster.sale.plan import SHARE_MAX, THINK_MAX_S, TICKETS_MAX, WISHES, Plan
from cluster.sale.urls import is_url

SHARE = (0, SHARE_MAX)
BOUNDS = {
    "tickets": (1, TICKETS_MAX),
    "pay": SHARE,
    "decline": SHARE,
    "abandon": SHARE,
    "cancel": SHARE,
    "repeat": (0, 1),
    "think_s": (0, THINK_MAX_S),
}


def plan_of(options: Any) -> Plan:  # noqa: ANN401 - Locust's own
    """The sale as it was set; how many buyers come, and when, is Locust's business."""
    shares = (options.pay, options.decline, options.abandon, options.cancel)
    return Plan(buyers=1, tickets=options.tickets, shares=shares, repeat=options.repeat, think_s=options.think_s)


def mistake(options: Any, url: str) -> str:  # noqa: ANN401 - Locust's own
    """Why there can be no such sale, in one sentence; empty where there can."""
    if not is_url(url):
        return f"{url!r} is no URL such as http://localhost:8000: start Box Office with `boxoffice up`, or give --host."
    for name, (least, most) in BOUNDS.items():
        if not least <= (value := getattr(options, name)) <= most:  # `nan` is in no bounds, asked like this
            return f"--{name.replace('_', '-')} is {value}, and must be from {least:,} to {most:,}."
    if not any(getattr(options, name) for name in WISHES):
        return f"--{', --'.join(WISHES)} are all 0: nobody would do anything."
    return ""

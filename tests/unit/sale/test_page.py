"""The sale as table, JSON and page."""

import json
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from html import unescape as html_unescape
from xml.etree import ElementTree as ET

from rich.console import Console

from cluster.audit.report import Report
from cluster.audit.violation import Violation
from cluster.local.errors import ProofError
from cluster.sale.figures import Figures
from cluster.sale.interrupted import interrupted
from cluster.sale.meter import Limits
from cluster.sale.page import page
from cluster.sale.plan import Plan
from cluster.sale.result import as_json, is_good
from cluster.sale.sale import Sale
from cluster.sale.stock import Stock
from cluster.sale.table import live, render

LIMITS = Limits(cpu=0.4, machine_cpu=0.5, lag_ms_p99=3.0, wait_ms_p99=1.0)


def sale() -> Sale:
    figures = Figures()
    for n in range(40):
        figures.count("reserved" if n % 4 == 0 else "refused", n / 10)
        figures.timed("reserve", n / 10, float(n))
    figures.count("cancelled", 3.5)
    stock = [Stock(0.0, free=10), Stock(3.0, held=8, sold=2)]
    return Sale(
        plan=Plan(buyers=40, tickets=10),
        url="http://shop",
        figures=figures,
        stock=stock,
        seconds=4.0,
        is_open=True,
        limits=LIMITS,
        promises=10,
        is_compared=True,
    )


def report(*violations: Violation) -> Report:
    return Report(tickets=10, orders=Counter(created=10), violations=list(violations))


LOST = Violation("acknowledged_lost", "It <is> gone.", ("orders/1",))


def test_a_sale_is_good_when_it_is_proven_and_everybody_was_answered() -> None:
    assert is_good(sale(), report())
    assert not is_good(sale(), report(LOST))
    for flaw in ({"unfinished": 1}, {"broken": [LOST]}):
        flawed = sale()
        vars(flawed).update(flaw)
        assert not is_good(flawed, report())
    failed = sale()
    failed.figures.count("failed", 1)
    assert not is_good(failed, report())


def test_machines_get_everything() -> None:
    found = json.loads(json.dumps(as_json(sale(), report())))
    assert found["good"] is True
    assert (found["answers"], found["answers_in_peak_second"]) == (40, 10)
    assert found["per_second_first_to_last"]["refused"] == 7.7
    assert found["interrupted"] is False
    assert (found["totals"]["reserved"], found["totals"]["refused"], found["totals"]["paid"]) == (10, 30, 0)
    assert found["generator"]["bottleneck"] == "none"
    assert found["latency_ms"]["p99"] == 39


def test_the_page_needs_nothing_but_itself_and_shows_text_as_text() -> None:
    flawed = sale()
    flawed.broken = [LOST]
    words = page(flawed, report())
    assert not re.search(r"(src|href)=|<script|@import|url\(", words)
    assert "It &lt;is&gt; gone." in words
    assert "Not good" in words
    plots = re.findall(r"<svg.*?</svg>", words, re.S)
    kinds = [{mark.tag for mark in ET.fromstring(each).iter()} for each in plots]
    for found, expected in zip(kinds, ("rect", "rect", "polyline", "polygon"), strict=True):
        assert expected in found


def test_an_empty_sale_can_be_shown() -> None:
    empty = Sale(plan=Plan(buyers=1, tickets=1), url="http://shop")
    assert "<svg" in page(empty, Report())
    assert as_json(empty, Report())["answers_in_peak_second"] == 0
    Console(file=None, quiet=True).print(live(empty), render(empty, Report()))


def test_the_table_keeps_refusals_and_sales_apart_and_names_the_bottleneck() -> None:
    console = Console(width=160)
    busy = sale()
    busy.limits = Limits(cpu=0.97, machine_cpu=0.9, lag_ms_p99=300.0, wait_ms_p99=1.0)
    with console.capture() as capture:
        console.print(live(busy), render(busy, report()))
    words = capture.get()
    assert "8 held, 2 sold" in words
    assert re.search(r"refused\W+30\W+7\.7\W+8\b", words)
    assert "The generator was the bottleneck" in words
    assert "Nothing that was acknowledged is lost." in words


def shown(found: Sale, *, audited: bool = True, width: int = 200) -> str:
    """The table of a sale, as text."""
    console = Console(width=width)
    with console.capture() as capture:
        console.print(render(found, report() if audited else None))
    return capture.get()


def test_a_broken_promise_is_named_with_ids_that_stay_whole() -> None:
    flawed, name = sale(), f"orders/{'a' * 24}"
    flawed.broken = [Violation("acknowledged_lost", "It was acknowledged with 201 and does not exist.", (name,))]
    assert name in {line.strip() for line in shown(flawed, width=80).splitlines()}


def test_who_was_not_let_in_is_no_failure_and_no_secret() -> None:
    late = sale()
    late.not_let_in = 212
    for words in (shown(late), html_unescape(page(late, report())), " ".join(as_json(late, report())["not_proven"])):
        assert "212 buyers not let in by this generator in time (see --connections)" in words
    assert as_json(late, report())["not_let_in"] == 212
    assert is_good(late, report())
    assert "some buyers got no answer" not in shown(late)


def test_table_and_page_give_the_same_reasons_and_hide_nothing() -> None:
    flawed = sale()
    flawed.broken, flawed.unfinished, flawed.unexpired, flawed.figures.repeats = [LOST], 1, 2, 3
    found = report(LOST)
    console = Console(width=200)
    with console.capture() as capture:
        console.print(render(flawed, found))
    why = "Not good: the audit found violations, promises were broken, some buyers got no answer."
    for words in (capture.get(), html_unescape(page(flawed, found))):
        assert why in words
        assert "3 times, under the same key" in words
        assert "1 buyer not done in time" in words
        assert "2 orders left unpaid" in words


def test_where_nobody_looked_nothing_is_drawn() -> None:
    blind = sale()
    blind.stock = [Stock(float(at_s), free=10, is_after_gap=at_s in (9, 20)) for at_s in (0, 1, 2, 9, 10, 20)]
    [curves] = [each for each in re.findall(r"<svg.*?</svg>", page(blind, report()), re.S) if "polygon" in each]
    shapes = [each.attrib["points"].split() for each in ET.fromstring(curves).iter() if each.tag == "polygon"]
    assert [len(each) for each in shapes] == [6, 4, 4] * 3, "three looks, then two, then one; sold, held and free"
    assert all(len({corner.split(",")[0] for corner in each}) > 1 for each in shapes), "none is without a width"
    assert "For 17 s nobody saw the tickets" in page(blind, report())
    assert "nobody saw" not in page(sale(), report())


def test_the_plot_with_all_failures_says_so() -> None:
    assert "Asking for a ticket, and all failures" in page(sale(), report())


def test_what_is_left_out_is_counted() -> None:
    flawed = sale()
    flawed.broken = [LOST] * 260
    assert "and 210 more: see --json" in shown(flawed)
    assert "and 60 more: see --json" in page(flawed, report())


def test_how_long_buyers_waited_until_they_were_sent_is_on_the_page_and_in_the_table() -> None:
    waiting = sale()
    waiting.limits = Limits(cpu=0.4, machine_cpu=0.5, lag_ms_p99=3.0, wait_ms_p99=4_321.0)
    for words in (shown(waiting), page(waiting, report())):
        assert "from when they were due until they were sent: 4,321 ms (p99)" in words
        assert "Buyers waited for one" in words


def test_rates_do_not_tell_how_long_buyers_think() -> None:
    # Given the same rush in two sales, in one of which somebody thinks for three minutes,
    quick, slow = sale(), sale()
    slow.seconds = 180.0
    slow.figures.count("paid", 179.9)
    # then it was as fast in the one as in the other, and everywhere it is said which seconds are meant.
    for found in (quick, slow):
        words = shown(found)
        assert re.search(r"refused\W+30\W+7\.7\W+8\b", words)
        assert "<small>7.7/s</small><small>peak 8/s</small>" in page(found, report())
        assert as_json(found, report())["per_second_first_to_last"]["refused"] == 7.7
        for told in (words, page(found, report())):
            assert "from the first of its kind to the last" in told
            assert "pauses to think included; 10 in the busiest second" in told


def test_an_audit_that_failed_is_not_called_a_sale_that_only_asked_the_api() -> None:
    failed = sale()
    failed.has_books, failed.failure = True, ProofError("Stripe could not be asked.", "Look.")
    for words in (shown(failed, audited=False), html_unescape(page(failed, None))):
        assert "No audit was done" in words
        for wrong in ("Only the API", "MongoDB was not read", "Clocks were compared"):
            assert wrong not in words
    assert not is_good(failed, None)


def test_books_that_nobody_audited_prove_nothing() -> None:
    unread = sale()
    unread.has_books = True
    assert not is_good(unread, None)


def test_what_nobody_compared_is_not_called_kept() -> None:
    cut = sale()
    cut.has_books, cut.is_compared, cut.failure = True, False, interrupted(is_open=True)
    for words in (shown(cut, audited=False), html_unescape(page(cut, None))):
        assert "10 orders acknowledged, not compared with what is stored" in words
        assert "0 promises broken" not in words
        assert "Not good: it was interrupted." in words
    assert (as_json(cut, None)["interrupted"], as_json(cut, None)["journal"]["compared"]) == (True, False)


def test_where_only_the_api_was_asked_everything_says_so() -> None:
    kept = sale()
    assert is_good(kept, None)
    assert as_json(kept, None)["audit"] is None
    console = Console(width=200)
    with console.capture() as capture:
        console.print(render(kept, None))
    for words in (capture.get(), page(kept, None)):
        assert all(html_unescape(each) in html_unescape(words) for each in as_json(kept, None)["not_proven"])
    kept.broken = [LOST]
    assert not is_good(kept, None)


def test_on_a_phone_nothing_is_wider_than_its_screen() -> None:
    flawed = sale()
    flawed.broken = [LOST]
    words = page(flawed, report())
    assert "acknowledged_<wbr>lost" in words
    assert "td { overflow-wrap: anywhere; }" in words
    assert '<table class="rows"><caption>Violations' in words
    assert "minmax(min(22rem, 100%), 1fr)" in words


def test_why_requests_were_sent_again_or_failed_is_told() -> None:
    troubled = sale()
    assert "troubles" not in shown(troubled)
    troubled.figures.troubles[("reserve", "500")] = 134
    troubled.figures.troubles[("pay", "TimeoutError")] = 1
    for words in (shown(troubled), page(troubled, report())):
        assert "reserve 500 (134 times), pay TimeoutError (1 time)" in words
    found = json.loads(json.dumps(as_json(troubled, report())))["troubles"]
    assert found[0] == {"step": "reserve", "cause": "500", "times": 134}
    troubled.figures.troubles.update({("pay", str(status)): 1 for status in range(500, 520)})
    assert "and 14 more: see --json" in shown(troubled)


def test_which_sale_it_was_and_by_which_plan() -> None:
    held = sale()
    held.name, held.started_at = "Flash sale 1", datetime(2030, 1, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    held.plan = Plan(buyers=40, tickets=10, curve="ramp", seconds=20.0, shares=(6, 1, 2, 1), seed=7)
    words = page(held, report())
    for told in (shown(held), words):
        assert "Flash sale 1 at http://shop, 2030-01-01 12:00:00 UTC" in told
    assert "Ever more of them for 20 s. Of those with a ticket 60% pay, 10% have their card declined" in words
    assert "5% ask twice. 256 connections, up to 30 s for expiries, seed 7" in words
    found = json.loads(json.dumps(as_json(held, report())))
    assert (found["name"], found["url"]) == ("Flash sale 1", "http://shop")
    assert (found["started_at"], found["plan"]["seed"]) == ("2030-01-01T13:00:00+01:00", 7)


def test_the_page_shows_what_the_audit_did_not_judge() -> None:
    found = report()
    found.payments, found.foreign, found.uncounted = 12, 5, 3
    found.pending["refund_under_way"] = 4
    words = html_unescape(page(sale(), found))
    for row in ("12: 5 name no order and were not judged", "3: have orders of an earlier version", "4: neither proven"):
        assert row in words


def test_the_plots_say_how_wide_their_bars_are() -> None:
    assert "per second, in bars of 0.1 s" in page(sale(), report())


def test_table_and_page_show_the_busiest_second_wherever_it_begins() -> None:
    rush = sale()
    rush.figures.count("paid", 1.9, 5)
    rush.figures.count("paid", 2.1, 5)
    assert re.search(r"paid\W+10\W+10\.0\W+10\b", shown(rush))
    assert "<small>10.0/s</small><small>peak 10/s</small>" in page(rush, report())

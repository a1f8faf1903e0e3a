"""The longer questions to the file, in SQL."""

LEDGER = """
SELECT i.body,
    (SELECT s.id FROM objects s WHERE s.intent = i.id AND s.kind = 'checkout.session'),
    (SELECT coalesce(sum(json_extract(c.body, '$.amount_captured')), 0) FROM objects c
     WHERE c.intent = i.id AND c.kind = 'charge'),
    (SELECT coalesce(sum(json_extract(r.body, '$.amount')), 0) FROM objects r
     WHERE r.intent = i.id AND r.kind = 'refund' AND json_extract(r.body, '$.status') = 'succeeded'),
    (SELECT coalesce(sum(json_extract(r.body, '$.amount')), 0) FROM objects r
     WHERE r.intent = i.id AND r.kind = 'refund' AND json_extract(r.body, '$.status') = 'pending')
FROM objects i WHERE i.kind = 'payment_intent' ORDER BY i.seq
"""
"""Every intent, its Checkout Session, and the sums of its charges and refunds, oldest first."""

OVERDUE = """
SELECT body FROM objects INDEXED BY sessions_open
WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open'
    AND json_extract(body, '$.expires_at') <= ? ORDER BY json_extract(body, '$.expires_at') LIMIT ?
"""
"""Open Checkout Sessions whose time has come."""

OLD_EVENTS = "DELETE FROM objects INDEXED BY events_by_age WHERE kind = 'event' AND created < ?"
"""Drops the events from before a moment."""

SURPLUS_EVENTS = """
DELETE FROM objects WHERE kind = 'event' AND seq <=
    (SELECT seq FROM objects WHERE kind = 'event' ORDER BY seq DESC LIMIT 1 OFFSET ?)
"""
"""Drops all but the newest events."""

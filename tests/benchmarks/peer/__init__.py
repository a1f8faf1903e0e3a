"""What a good engineer would write instead: FastAPI, async PyMongo, uvicorn. Written to win.

Its order is worth less. A crash between its two writes leaves a ticket held for ever by an order that does not
exist. There are no events, so nobody else learns of anything; no timer, so an order never expires; no payment; no
idempotency key, so who repeats a request for a ticket of his own is told that somebody has it.
"""

"""The rules of the ticket office, one module per behaviour: every state it can be in, every message it can get."""

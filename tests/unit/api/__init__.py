"""The HTTP API over an office in memory."""

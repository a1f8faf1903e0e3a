"""The web pages, on an office in memory."""

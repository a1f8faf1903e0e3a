"""What the clients of these tests pass to httpx as `verify`.

Each makes a context of its own otherwise, which takes 40 ms of processor time, though nothing here speaks TLS.
"""

import httpx

TLS = httpx.create_ssl_context()

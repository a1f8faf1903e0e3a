"""The Stripe sandbox as a child process: used when no STRIPE_KEY is given."""

import sys

from cluster.local.child import Child
from cluster.local.folder import DataFolder

KEY = "sk_test_boxoffice_sandbox"
"""The sandbox's API key: no secret, it opens nothing but the sandbox."""


def url(port: int) -> str:
    """Base URL of its API."""
    return f"http://127.0.0.1:{port}"


def start(folder: DataFolder, port: int, webhook_url: str, env: dict[str, str]) -> Child:
    """Start it; its `/health` says whether it works. What it sends to `webhook_url` is signed with `env`'s secret."""
    command = [sys.executable, "-m", "cluster.sandbox", "--port", str(port), "--data", str(folder.sandbox)]
    command += ["--webhook-url", webhook_url]
    return Child("sandbox", command, log=folder.logs / "sandbox.log", env=env)

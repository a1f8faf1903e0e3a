"""One sandbox process on a free port, and clients for it."""

import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import stripe

from tests.integration.office import ROOT

KEY = "sk_test_box_office"
START_S = 20.0


class Sandbox:
    """One sandbox process on a free port, and clients for it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=START_S)
        self.process = self.start()

    def start(self) -> "subprocess.Popen[str]":
        command = [
            sys.executable,
            "-m",
            "cluster.sandbox",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], START_S)
        assert readable, f"no start line from the sandbox within {START_S} s"
        self.line = self.process.stdout.readline()
        return self.process

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(timeout=START_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def client(self, key: str = KEY, **given: Any) -> stripe.StripeClient:
        http = stripe.HTTPXClient(allow_sync_methods=True)
        return stripe.StripeClient(
            key, base_addresses={"api": self.url}, http_client=http, max_network_retries=0, **given
        )

    def raw(self, method: str, path: str, **given: Any) -> httpx.Response:
        given.setdefault("headers", {})
        given["headers"].setdefault("Authorization", f"Bearer {KEY}")
        return self.http.request(method, path, **given)

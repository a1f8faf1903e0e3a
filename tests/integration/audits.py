"""The proof as an operator runs it."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.integration.office import ROOT, Office


def audit(office: Office, status: int, look_again_s: str = "15") -> dict[str, Any]:
    """`boxoffice audit --json`, which must end with this status."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")} | office.settings
    command = [sys.executable, "-m", "cluster", "audit", "--json", "--data-dir", str(office.folder)]
    answer = subprocess.run(
        [*command, "--look-again-s", look_again_s], cwd=ROOT, env=environ, capture_output=True, timeout=90, check=False
    )
    assert answer.returncode == status, (answer.stdout[-2000:], answer.stderr[-2000:])
    found: dict[str, Any] = json.loads(answer.stdout)
    return found

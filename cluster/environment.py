"""What Ray, Serve and its HAProxy are told wherever an office runs: by `boxoffice up`, and on a cluster by this module.

`python -m cluster.environment ray start …` runs that command, as `env` would, with these variables and files enough for
all that it starts.
"""

import os
import sys

from cluster import haproxy, open_files

CONNECTIONS_MAX = 16_000
"""How many connections HAProxy keeps on one machine: more than the replicas there let streams and requests in."""

FILES_EACH = 3
"""What a connection takes of HAProxy's open files: its two ends, its part of a pipe, and something beside."""


def variables() -> dict[str, str]:
    """The environment of every process of Ray and Serve."""
    return {
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        haproxy.PROGRAM: haproxy.command(),
        # The controller looks ten times a second otherwise, which costs a twentieth of a core for ever.
        "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.3",
        # A killed HAProxy is given up after three checks: 30 seconds of refused connections otherwise.
        "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",
        # Once all are taken everybody hangs: 4,096 otherwise. HAProxy does not start where it lacks files for them.
        "RAY_SERVE_HAPROXY_MAXCONN": str(min(CONNECTIONS_MAX, open_files.most() // FILES_EACH)),
        # An hour otherwise for who says nothing and reads nothing. A live stream beats every 15 seconds.
        "RAY_SERVE_HAPROXY_TIMEOUT_CLIENT_S": "60",
        # Workers are niced otherwise, and here they are the service itself.
        "RAY_worker_niceness": "0",
        "RAY_ROTATION_MAX_BYTES": str(8 * 2**20),
        "RAY_ROTATION_BACKUP_COUNT": "1",
    }


def main() -> None:
    """Become the command that is given; what its environment says already wins."""
    _, program, *arguments = sys.argv
    open_files.ask_for(open_files.PLENTY)
    os.execvpe(program, [program, *arguments], variables() | os.environ)


if __name__ == "__main__":
    main()

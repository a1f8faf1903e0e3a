"""`boxoffice reconcile` on the copy that runs here: what was found at Stripe, or in one sentence why nothing was."""

import os
from typing import Any

from cluster.local import ports, ray_env
from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.record import RunRecord


def compared(folder: DataFolder, known: RunRecord) -> list[dict[str, Any]]:
    """What each payments supervisor has found at Stripe.

    Raises `ServiceError`: Ray, a supervisor, or Stripe through it, did not answer.
    """
    host, _, port = known.ray_address.partition(":")
    # Ray itself asks for minutes where nobody listens.
    if ports.is_free(host, int(port)):
        raise ServiceError("Ray does not run just now.", "`boxoffice status` says when it does again.")
    # It reads these once, when it is imported: so that comes after them, and not above.
    os.environ.update(ray_env.client_env(folder))
    from ray.exceptions import RayError  # noqa: PLC0415

    from cluster.reconcile import reconcile  # noqa: PLC0415

    try:
        return reconcile(known.ray_address, known.namespace)
    except (RayError, OSError, RuntimeError, ValueError) as error:
        reason = type(getattr(error, "cause", error)).__name__
        raise ServiceError(
            f"The payments could not be compared with Stripe ({reason}).",
            "Nothing is lost: `boxoffice status` says what does not answer, and the office tries again by itself.",
        ) from error

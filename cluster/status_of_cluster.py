"""What a cluster is doing: asked of the Ray that this machine is part of. Imported only by who asks: it imports Ray."""

import os

import ray

from cluster import own_mongo, ray_view
from cluster.deploy import joined
from cluster.local import web
from cluster.local.mongo_url import without_password
from cluster.local.services import local_url
from cluster.settings import Settings
from cluster.status import Status


def collect(settings: Settings) -> Status:
    """Look at the office of these settings; `running` is false where this machine is part of no Ray, or it has none."""
    address, config = os.environ.get("RAY_ADDRESS", "auto"), settings.config()
    serve, services = ray_view.look(address, None, config.namespace)
    if not services:
        return Status(running=False)
    url = local_url(settings)
    ready = web.answers(f"{url}/api/ready")
    return Status(
        running=True,
        state="ready" if ready else f"{url}/api/ready says what is missing",
        ready=ready,
        url=url,
        machines=sorted(joined()),
        mongodb={"url": without_password(config.mongo_url), "embedded": False} | own_mongo.hello(config.mongo_url),
        stripe={"sandbox": False},
        ray={"address": ray.get_runtime_context().gcs_address, "answers": True},
        serve=serve,
        services=services,
    )

"""A Serve application of one route: the lifecycle of `boxoffice up` needs no more."""

from fastapi import FastAPI
from ray import serve

web = FastAPI()


@serve.deployment(num_replicas=1, ray_actor_options={"num_cpus": 0.1})
@serve.ingress(web)
class Tiny:
    """Answers that it is ready."""

    @web.get("/api/ready")
    async def ready(self) -> dict[str, bool]:
        return {"ready": True}


application = Tiny.bind()  # type: ignore[attr-defined] # the decorator above adds it

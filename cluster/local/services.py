"""Which parts one copy consists of, and what each is told: the wiring of the embedded services."""

import os

from cluster import haproxy
from cluster.local import leftovers, mongod, ray_env, ray_node, sandbox, web
from cluster.local.child import Child
from cluster.local.folder import DataFolder
from cluster.local.parts import Part
from cluster.local.ports import Ports
from cluster.settings import Settings

ANSWER_S = 5.0
"""How long a part may take to answer before that counts as silence, which has it started again: the busy are slow."""

MISNAMED = ("STRIPE_SECRET_KEY", "STRIPE_API_KEY")
"""What Stripe's own tools call the key."""


def complete(settings: Settings, folder: DataFolder, ports: Ports) -> Settings:
    """The settings with everything the embedded services supply filled in."""
    given = settings.variables()
    given["BOXOFFICE_DATA_DIR"] = str(folder.path)
    given.setdefault("MONGO_URL", mongod.url(ports.mongod))
    given.setdefault("JWT_KEY", folder.secret("jwt-key"))
    if "STRIPE_KEY" not in given:
        given |= {"STRIPE_KEY": sandbox.KEY, "STRIPE_API_BASE": sandbox.url(ports.sandbox)}
        given["STRIPE_WEBHOOK_SECRET"] = f"whsec_{folder.secret('webhook-secret')}"
    return Settings.model_validate(given)


def parts(settings: Settings, folder: DataFolder, ports: Ports) -> list[Part]:
    """The parts in the order they are started; they end in the opposite order.

    `settings` as the operator gave them. Raises `DatabaseError` and `ServiceError` for what cannot be started.
    """
    chosen = []
    if settings.mongo_url is None:
        chosen.append(mongodb(settings, folder, ports))
    if settings.stripe_key is None:
        chosen.append(_sandbox(complete(settings, folder, ports), folder, ports))
    return [*chosen, _ray(complete(settings, folder, ports), folder, ports)]


def mongodb(settings: Settings, folder: DataFolder, ports: Ports) -> Part:
    """The embedded MongoDB. Raises `DatabaseError` where none runs on this machine."""
    program = mongod.binary()
    return Part(
        name="mongod",
        title="MongoDB",
        doing="Starting MongoDB",
        launch=lambda: mongod.start(folder, ports.mongod, program, base_env(), settings.mongo_cache_mib),
        works=lambda: mongod.try_primary(ports.mongod),
        answers=lambda: mongod.answers(ports.mongod, timeout_s=ANSWER_S),
        start_s=60,
        stop_s=mongod.STOP_S,
    )


def _sandbox(settings: Settings, folder: DataFolder, ports: Ports) -> Part:
    env = base_env() | {"STRIPE_WEBHOOK_SECRET": settings.secret("STRIPE_WEBHOOK_SECRET") or ""}
    webhook_url = f"{local_url(settings)}/api/payments/webhook"
    health = f"{sandbox.url(ports.sandbox)}/health"
    return Part(
        name="sandbox",
        title="The Stripe sandbox",
        doing="Starting the Stripe sandbox",
        launch=lambda: sandbox.start(folder, ports.sandbox, webhook_url, env),
        works=lambda: web.answers(health),
        answers=lambda: web.answers(health, timeout_s=ANSWER_S),
        start_s=30,
        stop_s=5,
    )


def _ray(settings: Settings, folder: DataFolder, ports: Ports) -> Part:
    folder.secret("ray-token")
    hosts = {"BOXOFFICE_HOST": haproxy.SERVE_HOST, haproxy.FRONT_HOST: settings.host}
    env = base_env() | settings.variables() | ray_env.head_env(folder, ports) | hosts
    ready = f"{local_url(settings)}/api/ready"
    # Silence is told by this and not by readiness: /api/ready says 503 while MongoDB is away, and replicas that start
    # meanwhile say nothing at all. HAProxy answers this itself, however busy the replicas are: that one of them works,
    # or Serve's own proxy. Which of those does not is Serve's to start again.
    healthy = f"{local_url(settings)}/-/healthz"

    def launch() -> Child:
        # HAProxy outlives the worker that started it when that worker is killed, and would keep the port.
        leftovers.end(leftovers.of_ray(folder), grace_s=2)
        haproxy.binary()
        return ray_node.start(folder, ports, env)

    return Part(
        name="ray",
        title="Ray",
        doing="Starting Ray, the supervisors and the web application",
        launch=launch,
        works=lambda: ray_node.stage(folder) == "deployed" and web.answers(ready),
        answers=lambda: web.answers(healthy, timeout_s=ANSWER_S),
        start_s=180,
        stop_s=15,
    )


def base_env() -> dict[str, str]:
    """The environment of every child: this one's, without what belongs to the settings, and the packages' place."""
    kept = {name: value for name, value in os.environ.items() if name not in Settings.names()}
    path = [str(ray_env.ROOT), kept.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, path)), "PYTHONUNBUFFERED": "1"}


def local_url(settings: Settings) -> str:
    """Where this machine reaches the marketplace."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    host = everywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def remarks(settings: Settings) -> list[str]:
    """What an operator, who gave these settings, should know about the sandbox."""
    if settings.stripe_key is not None:
        return []
    found = [f"{name} is not read: STRIPE_KEY chooses Stripe." for name in MISNAMED if name in os.environ]
    if not web.is_loopback(settings.host):
        found.append("The sandbox's checkout pages open on this machine only.")
    return found

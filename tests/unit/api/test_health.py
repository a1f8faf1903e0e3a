"""serve_app.api.health: what those who watch over the office hear."""

import asyncio

from serve_app.api.health import ANSWER_KEPT_S, Health
from tests.unit.api.fakes import FakeOffice
from tests.unit.runtime.fakes import virtually


async def test_an_office_that_is_open() -> None:
    async with FakeOffice().client() as client:
        answer = await client.get("/api/ready")
    assert answer.json() == {"ready": True}
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_missing_is_said() -> None:
    office = FakeOffice()
    office.missing = ["tickets/0 does not answer", "MongoDB does not answer"]
    async with office.client() as client:
        health = await client.get("/api/health")
        answer = await client.get("/api/ready")
    assert (health.status_code, health.headers["cache-control"]) == (200, "no-store")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "ready": False,
        "missing": office.missing,
        "errors": [
            {
                "code": "not_ready",
                "message": "The box office is not open yet: tickets/0 does not answer, MongoDB does not answer",
            }
        ],
    }


@virtually
async def test_many_who_ask_share_one_answer() -> None:
    # Given an office that takes a while to look round,
    questions = 0

    async def readiness() -> list[str]:
        nonlocal questions
        questions += 1
        await asyncio.sleep(2)
        return [f"answer {questions}"]

    health = Health(readiness)

    async def asked() -> str:
        answer = await health.ready(None)  # type: ignore[arg-type]  # it looks at nothing of the request
        return bytes(answer.body).decode()

    # when many ask, some of whom leave before they hear, then it looks once,
    leaving = asyncio.ensure_future(asked())
    many = [asyncio.ensure_future(asked()) for _ in range(100)]
    await asyncio.sleep(1)
    leaving.cancel()
    assert all("answer 1" in each for each in await asyncio.gather(*many))

    # also for those who come a moment later; and anew for those who come after that.
    assert "answer 1" in await asked()
    await asyncio.sleep(ANSWER_KEPT_S)
    assert "answer 2" in await asked()

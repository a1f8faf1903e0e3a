"""What an operator sees of an office that runs."""

from actors.contract import SERVICES
from tests.integration.office import Office


def test_who_looks_at_a_cluster_sees_every_supervisor_and_its_machine(office: Office) -> None:
    """As on a machine that has joined: by Ray's address and token, and the settings of the office."""
    status = office.status_of_cluster()
    assert (status["ready"], status["machines"]) == (True, ["127.0.0.1"])
    seen = {(each["service"], each["partition"], each["machine"]) for each in status["services"]}
    assert seen == {(service, 0, "127.0.0.1") for service in SERVICES}

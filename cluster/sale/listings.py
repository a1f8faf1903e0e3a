"""What a seller was told: a ticket that was listed must stay."""

from bson import ObjectId

from cluster.audit.violation import Violation, ticket as ticket_name


def lost_listing(ticket_id: ObjectId) -> Violation:
    """A ticket that its seller was told of and that is not there."""
    return Violation("acknowledged_lost", "It was listed with 201 and does not exist.", (ticket_name(ticket_id),))

"""The rules of an account: one per e-mail address, however many sign-ups race for it."""

from datetime import datetime

from msgspec import field

from actors.contract import AUTH, EMAIL_IN_USE, Decision, Id, Message, SignedUp, SignUp, State, refuse


class User(State, frozen=True, kw_only=True):
    """One account. Its key is the normalised address; the ObjectId is fixed by the first who signs up."""

    email: str = field(name="_id")
    user_id: Id | None = None
    password_hash: str = ""
    created_at: datetime | None = None


class UserBehaviour:
    """Decides who gets an account."""

    service = AUTH
    state_type = User

    def empty(self, key: str) -> User:
        """The address nobody has signed up with."""
        return User(email=key)

    def due(self, state: User) -> datetime | None:
        """Accounts wait for nothing."""
        return None

    def decide(self, state: User, message: Message, now: datetime) -> Decision[User]:
        """Answer one message."""
        match message:
            case SignUp():
                return sign_up(state, message, now)
        raise TypeError(f"an account does not understand {type(message).__name__}")


def sign_up(state: User, wish: SignUp, now: datetime) -> Decision[User]:
    """The first who asks owns the address; repeating one's own wish is fine."""
    if state.user_id not in (None, wish.user_id):
        return refuse(state, EMAIL_IN_USE)
    welcome = SignedUp(user_id=wish.user_id, email=state.email)
    if state.exists:
        return Decision(state, welcome)
    return Decision(state.next(user_id=wish.user_id, password_hash=wish.password_hash, created_at=now), welcome)

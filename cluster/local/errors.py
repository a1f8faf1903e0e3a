"""What an operator can put right: one tree of errors, each one sentence and what to do about it."""


class OperatorError(Exception):
    """The command cannot go on, and the person at the keyboard can change that.

    `cluster.cli` turns it into two lines on standard error and an exit status, in one place.
    """

    exit_status = 1

    def __init__(self, sentence: str, advice: str) -> None:
        """`sentence` says what is wrong, `advice` what to do; both end with a full stop."""
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice


class SettingsError(OperatorError):
    """Some settings are wrong; the sentence lists every one of them."""


class PortError(OperatorError):
    """A port that is needed is taken."""


class FolderError(OperatorError):
    """The data folder cannot be used: not writable, another user's, or a living copy owns it."""


class DatabaseError(OperatorError):
    """MongoDB does not fit this machine, does not answer, lets us not in, or is not a replica set."""


class ServiceError(OperatorError):
    """An embedded service did not start or did not become ready."""


class ProofError(OperatorError):
    """An audit or a sale could not be done; status 1 means that it was done and found something."""

    exit_status = 2

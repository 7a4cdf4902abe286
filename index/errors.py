"""The few errors that a person can repair, each carrying its one sentence."""


class BylineError(Exception):
    """Something a person can repair; ``str(error)`` is the whole message, one sentence."""


class UnusableInput(BylineError):
    """What was given (a path, a question, a date, a setting) cannot be used as it is."""


class NoSnapshot(BylineError):
    """A store holds no snapshot to answer from."""


class DamagedSnapshot(BylineError):
    """A snapshot's files are not what its manifest says, or another program made them."""

"""The answer that a store cannot be had on this machine."""


class NotFoundHereError(Exception):
    """This way to a store is not open here; the message says why."""

"""The two sides an error can be on: the participant's and the organiser's."""


class Refused(Exception):
    """What was sent cannot be taken; nothing was recorded, and whoever sent it can mend it."""


class OrganiserError(Exception):
    """The competition cannot go on as it is; the organiser can mend it."""

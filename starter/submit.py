"""`from starter.submit import submit`: send a submission from a notebook where Podium is installed.

A kit's own notebook needs no Podium: its check.pyz holds the same function, as `submissions.client.submit`.
"""

from submissions.client import submit

__all__ = ["submit"]

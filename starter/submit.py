"""`from starter.submit import submit`: send a submission from a notebook where Podium is installed.

A kit's own notebook needs no Podium: its check.pyz holds the same function, as `submissions.sending.client.submit`.
"""

from submissions.sending.client import submit

__all__ = ["submit"]

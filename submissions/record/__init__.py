"""The ledger: the append-only record of a competition, and the databases it lies in."""

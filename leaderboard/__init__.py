"""From the ledger's entries to ranked standings and a static site."""

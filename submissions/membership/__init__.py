"""Who may come in by the web desk: accounts, members, join codes and tokens."""

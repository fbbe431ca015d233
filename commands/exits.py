"""What the exit codes of podium mean."""

DONE = 0
REFUSED = 1
USAGE = 2
ORGANISER = 3  # a fault that the organiser mends
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

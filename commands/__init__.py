"""The commands of podium, one module for each noun they work on."""

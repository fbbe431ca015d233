"""How fast Podium is, as ratios to a peer measured in the same run: machines are shared and noisy."""

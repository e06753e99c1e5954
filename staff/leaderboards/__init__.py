"""What verifies the entries of leaderboards: hidden data, clocks, references. Never released."""

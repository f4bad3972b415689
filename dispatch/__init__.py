"""Who goes where, and why. Pure; see README.md."""

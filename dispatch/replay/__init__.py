"""A past day played against a policy: what would have been done, how late, at how many kilometres. Pure; see ../README.md."""

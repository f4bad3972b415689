"""Named reads. Each takes the session to read with, so that a service sees its own transaction."""

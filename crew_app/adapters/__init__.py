"""The world outside: small ports. Each has a suite in tests/contracts that every implementation passes."""

"""Reconciles offline work. Pure; see README.md."""

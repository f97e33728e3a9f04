"""Asking the bank over HTTP: one exchange, its limits, when to try again."""

"""Asking the bank over HTTP: what may come back, awaited in threads and in tasks."""

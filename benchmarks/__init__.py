"""Measures kzt_rates beside other libraries and beside what the machine needs at least."""

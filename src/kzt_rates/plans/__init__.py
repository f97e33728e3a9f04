"""Every use case once, as a generator that asks for what it needs and returns the answer.

A plan yields steps (`steps.py`) and gets their results back; who drives it does the waiting.
"""

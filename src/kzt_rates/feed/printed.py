"""A figure as the bank prints it in any of its feeds: patterns to build a feed's own from."""

# Plain ASCII and of a bounded size: the longest value on record has 8 characters, the longest
# nominal 5.
NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,10})?"
_ABOVE_ZERO = r"(?=[0.]*[1-9])"
VALUE = f"{_ABOVE_ZERO}{NUMBER}"
NOMINAL = f"{_ABOVE_ZERO}[0-9]{{1,9}}"

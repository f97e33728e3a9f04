"""A series or a sheet as tables of other libraries, and as files.

The rule, for both: in memory a figure is a float64, the nearest to the `Decimal` of the series
or sheet, and with `exact=True` a decimal of the same digits. In a file its digits are exact. A
figure that a decimal of 38 digits does not hold is a `ValueError`; nothing is rounded to fit.
"""

"""The bank's documents, printed as the bank prints them: what `feed` reads, the other way round.

`xml` prints the daily feed and the RSS, `workbook` the range export.
"""

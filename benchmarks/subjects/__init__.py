"""What is measured: a module for each library, and one for the limits.

A public function of a subject that is named in the table of `benchmarks.cases` prepares a case
and returns it; it runs in the subject's own environment.
"""

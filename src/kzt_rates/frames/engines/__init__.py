"""Frames that stay where they are: a conversion as a join in the words of each engine."""

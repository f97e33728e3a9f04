"""Pictures of a series: on matplotlib's axes, in a file, and as a line of blocks in a terminal."""

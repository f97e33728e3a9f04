"""What the bank said, kept by date: the packaged archive and the user's cache."""

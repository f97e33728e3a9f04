"""What the bank said, remembered by date: the packaged archive and the user's cache."""

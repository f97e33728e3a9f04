"""The bank's feeds, one module each: what to ask for, and bytes into figures or `FeedError`."""

"""Charts and words to printable HTML."""

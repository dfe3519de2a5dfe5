"""Results to sentences: all prose about numbers."""

"""Charts and words to printable HTML, and to files to hand on."""

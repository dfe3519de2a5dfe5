"""The demo company: a seeded simulator that writes real exports and imports them."""

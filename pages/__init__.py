"""One script a page, named like the address it answers to; `ui` holds what they share."""

"""From a file to typed rows: dialect, source, columns, findings."""

"""Results to Altair charts: no fetching, no arithmetic."""

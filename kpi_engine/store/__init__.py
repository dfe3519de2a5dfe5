"""The only SQL: tables, the clock of batches, facts, events, rollups."""

"""Influence links: how much an outcome moves with its drivers, estimated from their series."""

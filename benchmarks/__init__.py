"""How fast Plumbline is, as ratios measured in one run; `python -m benchmarks`."""

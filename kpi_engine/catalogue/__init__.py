"""What is declared: metrics, links, targets, assumptions, recipes, as frozen models."""

"""From driver to outcome: counted effects, identities, money, coverage."""

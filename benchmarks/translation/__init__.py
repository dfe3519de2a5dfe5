"""How honest the estimator of influences is, on series of which the truth is known."""

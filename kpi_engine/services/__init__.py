"""Use cases, one module per page: fetch, compute, return frozen results."""

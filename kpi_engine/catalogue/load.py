"""Definitions from YAML files into one frozen catalogue."""

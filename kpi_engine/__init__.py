"""The engine behind Plumbline: facts in, readings and translations out, no user interface."""

"""Removing noise: two networks, the classical methods, and who does it best."""

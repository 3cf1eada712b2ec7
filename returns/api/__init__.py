"""The REST operations on returns, shipments, photos, policies and the log."""

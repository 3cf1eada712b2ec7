"""Pages of the refunds app, by door."""

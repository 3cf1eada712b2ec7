"""Pages of the notifications app, by door."""

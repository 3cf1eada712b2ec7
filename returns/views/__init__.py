"""Pages of the returns app, by door."""

"""Things that stand in for the outside world, as processes of their own; nothing of the product is imported here."""

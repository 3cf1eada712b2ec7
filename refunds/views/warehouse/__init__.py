"""What the bench sees of money."""

"""The dock and the bench."""

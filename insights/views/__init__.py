"""Doors to what the past tells."""

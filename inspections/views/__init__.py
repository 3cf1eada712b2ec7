"""The doors of the dock and the bench."""

"""The warehouse's door: scan, receive, park and match, inspect."""

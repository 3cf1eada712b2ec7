"""The desk's pages and panels of what the past tells."""

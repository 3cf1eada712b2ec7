"""Launchers and settings."""

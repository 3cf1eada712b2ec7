"""Settings per environment: dev (no server needed), test, production."""

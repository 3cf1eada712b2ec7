"""Many rows for measurements: a few orders and returns live through the actions, PostgreSQL copies them."""

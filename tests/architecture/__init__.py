"""The house rules as failing tests; each rule also has a test that shows it can fail."""

"""Money in the customer's hands."""

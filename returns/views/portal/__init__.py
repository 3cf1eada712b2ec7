"""The customer's door: find an order, ask for a return, follow it."""

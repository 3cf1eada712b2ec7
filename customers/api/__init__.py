"""The REST operations on orders, products and jobs."""

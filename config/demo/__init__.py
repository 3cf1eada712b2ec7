"""The demo shop: a week of returns that really happened, only not to anybody."""

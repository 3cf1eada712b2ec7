"""The agents' door: what needs doing, a return on one page, and every command on it."""

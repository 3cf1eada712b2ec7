"""The OpenAPI document: what drf-spectacular reads from the doors, completed to what they really answer."""

"""The door of her phone: /api/v1, JSON, described by /api/v1/openapi.json."""

"""The cast, the instruments and the tests."""

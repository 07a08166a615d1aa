"""The media core, with real peers."""

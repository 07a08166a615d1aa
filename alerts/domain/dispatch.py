"""Wakes a worker. Losing a wake-up loses nothing: the sweeper finds what is due."""

from uuid import UUID


def wake(alert_id: UUID) -> None:
    """Ask a worker to look at this alert's due deliveries at once."""
    del alert_id

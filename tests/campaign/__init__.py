"""A campaign: clicks from many victims while processes are killed and networks misbehave; then logs are compared.

What the telephones acknowledged stands in their own log, what the networks took in theirs; nothing of what the service
says about itself is believed. `scripts/campaign` runs the long one, `tests/journeys/test_kill.py` short ones.
"""

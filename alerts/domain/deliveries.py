"""One message to one contact by one channel: claimed with a lease, sent with no transaction open, recorded."""

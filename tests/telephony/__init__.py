"""A small Twilio of our own, part by part; tests ask for it through `tests.twilio`."""

"""Sound that a court can weigh: sealed, chained, signed, stamped. Bytes in, bytes out; no rows, no Django.

A recording is a folder: chunks, each encrypted (age, X25519) to the recording's own key; that key, encrypted to those
who may read; a journal of signed lines, each holding the hash of the one before; time stamps (RFC 3161) of the journal.
What is acknowledged is on the disk. What the whole proves, and what not, is told in docs/evidence-for-experts.md.
"""

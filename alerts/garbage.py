"""Python's collector of garbage, kept from stopping a click.

A full collection walks over everything that was ever loaded: a tenth of a second, during which a process of ours
neither answers nor sends. What is loaded at the start stays for as long as the process lives, so nobody need look at
it again.
"""

import gc

from django.urls import get_resolver


def set_aside() -> None:
    """Call it once everything is loaded; loads the doors first, which Django would do with the first request."""
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()

"""Garbage collection for long-lived processes."""

import gc

# Reference counting frees nearly everything; with the default of 700 new objects the collector walks over some
# thousand short-lived ones, and often over all that Django loaded, hundreds of times a second.
NEW_OBJECTS = 50_000


def settle() -> None:
    """Once everything is loaded: what is there stays for good, and the collector comes rarely for the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)

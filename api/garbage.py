"""How Python collects garbage while a thousand clients are served."""

import gc

# A collection of everything, with 1,000 clients 300,000 objects, stopped all of them for 200 ms; it came
# every nine seconds, and found nothing. Now it comes after a million objects more.
OBJECTS_BETWEEN_COLLECTIONS = 10_000


def collect_seldom() -> None:
    """Leave what is there now alone for good, because it lasts, and look through the rest seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])

"""What else this machine does: figures of a busy one are printed, but not to be quoted."""

import os


def busy_note() -> str | None:
    """A sentence when more wants to run than there are cores, else None.

    The load is of the last minute and holds the benchmark itself, which keeps about two threads running.
    """
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load <= cores + 2:
        return None
    return f"the machine is busy (load {load:.1f} on {cores} cores): figures of now are not to be quoted"

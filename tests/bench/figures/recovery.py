"""1,000 operations in flight, kill -9, and the time from the restart until every one of them is claimed again.

Their guests never become ready, so that the operations are still under way when the process dies. Whether an operation
is claimed is read from the database: a claim raises its epoch. A process that comes back inherits its own leases, so
the goal allows for none.
"""
import sqlite3
import time

import packages
from figure import entry
from server import Broken, Server, at_once

OPERATIONS, RUNS, LIMIT_S = 1000, 3, 30
LIST = "/vnflcm/v2/vnf_instances"
ACTIVE = "SELECT id, epoch FROM operation WHERE state IN ('STARTING', 'PROCESSING', 'ROLLING_BACK')"


def measure(folder):
    seconds, at_work = [], []
    for run in range(RUNS):
        place = folder / str(run)
        at_work.append(begin(place))
        before = operations(place)
        if len(before) < OPERATIONS:
            raise Broken(f"only {len(before)} operations are under way")
        began = time.monotonic()
        with Server(place) as server:
            seconds.append(claimed(place, before) - began)
            server.kill()
    return [
        entry("recovery_of_1000_operations", "s", seconds, goal=3),
        entry("operations_at_work_when_killed", "1", at_work, goal=None, better="higher"),
    ]


def begin(place):
    """Starts the operations and kills the server; how many it was at work on."""
    with Server(place) as server:
        server.onboard(packages.vnf("waiting", metadata="windlass.readiness: 'console:never seen', "
                                                        "windlass.readiness_timeout: 3600 s"))
        server.site("here", 16)
        server.hosts_answer(16)

        def start(_):
            vnf = server.post(LIST, {"vnfdId": packages.ident("waiting")})[0]["id"]
            server.post(f"{LIST}/{vnf}/instantiate", {"flavourId": "default"})

        at_once(4, start, range(OPERATIONS))
        settle(place)
        server.kill()
    return sum(epoch > 0 for epoch in operations(place).values())


def settle(place):
    """Waits until no further operation is claimed for a second."""
    seen = None
    for _ in range(LIMIT_S):
        now = operations(place)
        if now == seen:
            return
        seen = now
        time.sleep(1)


def operations(place):
    """The operations under way, each with its epoch."""
    with sqlite3.connect(f"file:{place}/data/vnfm.db?mode=ro", uri=True) as database:
        return dict(database.execute(ACTIVE))


def claimed(place, before):
    """When each of these is claimed again; one that is not at work any more has not survived the restart."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        now = operations(place)
        if lost := before.keys() - now.keys():
            raise Broken(f"{len(lost)} of {len(before)} operations came to an end at the restart")
        waiting = sum(now[one] == epoch for one, epoch in before.items())
        if not waiting:
            return time.monotonic()
        time.sleep(0.02)
    raise Broken(f"after {LIMIT_S} s {waiting} of {len(before)} operations are not claimed")

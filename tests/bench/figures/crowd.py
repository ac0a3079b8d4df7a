"""10,000 VNFs on 1,024 simulated VIMs, beside a system that has one VIM and no VNF.

The operation is the life of a VNF of one machine, ten at a time; both systems take turns in one run, so that whatever
else the machine does meets both.
"""
import time

import packages
from figure import entry, percentile
from server import Server, at_once

VIMS, VNFS = 1024, 10_000
# Ten of these fill a host, so that the VNFs must spread over all VIMs.
MACHINE = {"vcpus": 6, "memory_mib": 24 * 1024}
PARALLEL, ROUNDS, LIVES = 10, 5, 100
LIST = "/vnflcm/v2/vnf_instances"


def measure(folder):
    with Server(folder / "full") as full, Server(folder / "empty") as empty:
        for server, vims in ((empty, 1), (full, VIMS)):
            server.onboard(packages.vnf("big", **MACHINE))
            at_once(4, lambda number: server.site(f"vim-{number:04}", 1), range(vims))
            server.hosts_answer(vims)
        at_once(PARALLEL, lambda _: instantiate(full), range(VNFS))
        took = {server: [] for server in (empty, full)}
        for _ in range(ROUNDS):
            for server, samples in took.items():
                samples.append(at_once(PARALLEL, lambda _: life(server), range(LIVES)))
        memory = [full.memory_mib() for _ in range(5) if time.sleep(1) is None]
    p95 = {server: [1000 * percentile(some, 0.95) for some in samples] for server, samples in took.items()}
    ratios = [one / other for one, other in zip(p95[full], p95[empty])]
    return [
        entry("memory_of_10000_vnfs", "MB", [1.048576 * one for one in memory], goal=1000),
        entry("operation_p95_of_10000_vnfs_over_empty", "ratio", ratios, goal=1.2),
        entry("operation_p95_empty", "ms", p95[empty], goal=None),
        entry("operation_p95_of_10000_vnfs", "ms", p95[full], goal=None),
    ]


def instantiate(server):
    vnf = f"{LIST}/{server.post(LIST, {'vnfdId': packages.ident('big')})[0]['id']}"
    return vnf, server.operation_s(f"{vnf}/instantiate", {"flavourId": "default"}, 0.01)


def life(server):
    """Seconds that a VNF's instantiation takes; it is gone afterwards."""
    vnf, seconds = instantiate(server)
    server.operation_s(f"{vnf}/terminate", {"terminationType": "FORCEFUL"}, 0.01)
    server.delete(vnf)
    return seconds

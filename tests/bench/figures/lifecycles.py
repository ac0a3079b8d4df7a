"""Complete lives of network services on the simulator: five VNFs of twelve machines, from create to delete."""
import time

import packages
from figure import entry
from server import Server, at_once

VNFS, MACHINES = 5, 12
PARALLEL, LIVES, RUNS = 16, 64, 3
ALONE = 10
# How long a client waits between two looks: the looks of sixteen must not be what is measured.
PAUSE_S = 0.05
NS = "/nslcm/v2/ns_instances"


def measure(folder):
    with Server(folder) as server:
        nsd = prepare(server)
        live(server, nsd, "warm-up")
        alone = [live(server, nsd, f"alone-{number}", 0.002) for number in range(ALONE)]
        rates, seconds = [], []
        for run in range(RUNS):
            began = time.monotonic()
            at_once(PARALLEL, lambda number: live(server, nsd, f"{run}-{number}"), range(LIVES))
            seconds.append(time.monotonic() - began)
            rates.append(LIVES / seconds[-1])
    return [
        entry("ns_lifecycles_per_second", "1/s", rates, goal=20, better="higher"),
        entry("ns_instantiate_60_machines_alone", "ms", [1000 * one for one, _ in alone], goal=None),
        entry("ns_terminate_60_machines_alone", "ms", [1000 * two for _, two in alone], goal=None),
    ]


def prepare(server, hosts=24):
    """A simulated site and the service; the id of its NSD."""
    names = [f"part-{number}" for number in range(VNFS)]
    for name in names:
        server.onboard(packages.vnf(name, vms=MACHINES, port=True, metadata="windlass.readiness: guest-agent"))
    server.onboard(packages.service("sixty", names), "ns")
    server.site("here", hosts)
    server.hosts_answer(hosts)
    return packages.ident("sixty")


def live(server, nsd, name, pause_s=PAUSE_S):
    """One life; seconds of its instantiation and of its termination."""
    ns = f"{NS}/{server.post(NS, {'nsdId': nsd, 'nsName': name, 'nsDescription': ''})[0]['id']}"
    up = server.operation_s(f"{ns}/instantiate", {"nsFlavourId": "default"}, pause_s)
    down = server.operation_s(f"{ns}/terminate", {}, pause_s)
    server.delete(ns)
    return up, down

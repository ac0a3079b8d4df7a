"""One page of a filtered list while there are 50,000 VNF instances."""
import itertools
import time
from urllib.parse import quote

import packages
from figure import entry, percentile
from server import Server, at_once

INSTANCES, PACKAGES, INSTANTIATED = 50_000, 50, 100
LIST = "/vnflcm/v2/vnf_instances"
PAGES = 5
# Samples of each filter; fewer when they take long.
RUNS, BUDGET_S = 40, 60


def measure(folder):
    with Server(folder) as server:
        fill(server)
        server.site("here", 2)
        server.hosts_answer(2)
        vnfs = [one["id"] for one in server.page(f"{LIST}?filter=" + quote("(eq,vnfInstanceName,vnf-00)"))[0]]
        vnfs += [server.post(LIST, {"vnfdId": packages.ident("kind-0")})[0]["id"] for _ in range(INSTANTIATED)]
        at_once(4, lambda vnf: server.operation_s(f"{LIST}/{vnf}/instantiate", {"flavourId": "default"}), vnfs)
        samples = {what: [] for what in filters()}
        end = time.monotonic() + BUDGET_S
        for _ in range(RUNS):
            for what, text in filters().items():
                samples[what] += pages(server, text)
            if time.monotonic() > end:
                break
    every = [one for some in samples.values() for one in some]
    figures = [entry("list_page_of_50000_p99", "ms", every, goal=50, baseline=14_000, value=percentile(every, 0.99))]
    for what, some in samples.items():
        figures.append(entry(f"list_page_{what}", "ms", some, goal=None))
    return figures


def fill(server):
    for number in range(PACKAGES):
        server.onboard(packages.vnf(f"kind-{number}"))
    kinds = [packages.ident(f"kind-{number}") for number in range(PACKAGES)]

    def create(number):
        server.post(LIST, {"vnfdId": kinds[number % PACKAGES], "vnfInstanceName": f"vnf-{number:05}",
                           "metadata": {"site": f"site-{number % 1024}"}})

    at_once(4, create, range(INSTANCES))


def filters():
    return {
        "by_vnfd": f"(eq,vnfdId,{packages.ident('kind-7')})",
        "by_name": "(eq,vnfInstanceName,vnf-31234)",
        "by_state": "(eq,instantiationState,INSTANTIATED)",
        "by_part_of_name": "(cont,vnfInstanceName,123)",
        "by_other_state": "(neq,instantiationState,INSTANTIATED)",
        "by_two": f"(eq,vnfdId,{packages.ident('kind-7')});(neq,vnfInstanceName,vnf-00007)",
        "by_metadata": "(eq,metadata/site,site-77)",
    }


def pages(server, text):
    """Milliseconds of each of the first pages of a list."""
    path, took = f"{LIST}?filter={quote(text)}", []
    for _ in itertools.repeat(None, PAGES):
        began = time.monotonic()
        _, path = server.page(path)
        took.append(1000 * (time.monotonic() - began))
        if path is None:
            break
    return took

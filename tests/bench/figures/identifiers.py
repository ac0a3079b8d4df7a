"""VNF identifiers created per second over HTTP: four connections that stay open, each a process of its own.

An identifier counts when its answer has come, and an answer comes only when the row is on disk. How fast the generator
could be at most is measured as well, with a request that costs the server next to nothing.
"""
import json
import time
from multiprocessing import Barrier, Process, Queue

import database
import packages
from figure import entry
from server import Broken, Server
from wire import Wire

CONNECTIONS, EACH, RUNS = 4, 500, 7


def measure(folder):
    figures = run(folder / "sqlite", "sqlite", ())
    with database.postgresql(folder / "postgresql", "windlass") as url:
        if url:
            figures += run(folder / "server", "postgresql", ("--database", url))[:1]
    return figures


def run(folder, name, arguments):
    with Server(folder, *arguments) as server:
        server.onboard(packages.vnf("identified"))
        create = "POST", "/vnflcm/v2/vnf_instances", json.dumps({"vnfdId": packages.ident("identified")}).encode()
        ask = "GET", "/vnflcm/v2/api_versions", b""
        per_second(server.port, *create, each=EACH // 5)
        rates = [per_second(server.port, *create, each=EACH) for _ in range(RUNS)]
        most = [per_second(server.port, *ask, each=4 * EACH) for _ in range(3)]
    return [
        entry(f"identifiers_per_second_{name}", "1/s", rates, goal=1000, better="higher", baseline=7.5),
        entry("identifiers_generator_limit", "1/s", most, goal=None, better="higher"),
    ]


def per_second(port, method, path, body, each):
    ready, told = Barrier(CONNECTIONS + 1), Queue()
    workers = [Process(target=worker, args=(port, method, path, body, each, ready, told)) for _ in range(CONNECTIONS)]
    for one in workers:
        one.start()
    ready.wait()
    began = time.monotonic()
    failed = sum(told.get() for _ in workers)
    seconds = time.monotonic() - began
    for one in workers:
        one.join()
    if failed:
        raise Broken(f"{failed} of {CONNECTIONS * each} requests failed: {method} {path}")
    return CONNECTIONS * each / seconds


def worker(port, method, path, body, each, ready, told):
    wire, failed = Wire(port), 0
    ready.wait()
    for _ in range(each):
        try:
            failed += wire.raw(method, path, body)[0] >= 300
        except OSError:
            failed += 1
    told.put(failed)

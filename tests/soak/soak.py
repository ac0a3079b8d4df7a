"""Ten network services at a time come and go on the simulator, while calls to it fail and answers get lost.

    soak.py MINUTES SEED FOLDER

An operation succeeds when it is COMPLETED within its limit without anybody's help. What Windlass repeats by itself on
the way is its own affair; FAILED_TEMP, where somebody would have to decide, is a failure.
"""
import itertools
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import judge
import plot
from server import Broken, Server
from wire import Refused

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES, HOSTS = 10, 4
LIMIT_S, PAUSE_S, MEMORY_S = 60, 0.02, 1
NS = "/nslcm/v2/ns_instances"
# What counts against Windlass: an operation that ends otherwise or late, an answer of 400 or more, a broken connection.
FAILURES = (Broken, Refused, OSError, ValueError)
# What the simulated cloud does: a call takes its time, one in five hundred fails as if its host were
# away, and one in a thousand does its work and loses the answer.
SCRIPT = {"call_ms": 2, "boot_ms": 100, "shutdown_ms": 50}
CHANCES = {"fail": 0.002, "lose_answer": 0.001}


class Soak:
    """What happened, and the server that it happened to."""

    def __init__(self, server, nsd, end):
        self.server, self.nsd, self.end = server, nsd, end
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.numbers = itertools.count()
        self.operations, self.lives, self.memory, self.problems = [], [], [], []

    def now(self):
        return time.monotonic() - self.began

    def lives_of_one_slot(self):
        """One service after the other."""
        while time.monotonic() < self.end:
            began = self.now()
            try:
                if self.life(f"soak-{next(self.numbers)}"):
                    self.lives.append((self.now(), self.now() - began))
            except FAILURES as problem:
                # An identifier that is not made, read or deleted is a failure like any other.
                self.failed(problem)
                self.operations.append((self.now(), "identifier", self.now() - began, False))

    def life(self, name):
        """Up, out, healed, in, down; false when an operation failed, and what is left then stays."""
        created, _ = self.server.post(NS, {"nsdId": self.nsd, "nsName": name, "nsDescription": ""})
        ns = f"{NS}/{created['id']}"
        if not self.operation("instantiate", ns, {"nsFlavourId": "default"}):
            return False
        members = self.server.get(ns)["vnfInstance"]
        web = next(vnf["id"] for vnf in members if vnf["vnfInstanceName"].endswith("-web"))
        steps = [("scale", scale(web, "SCALE_OUT")), ("heal", {"healNsData": {"degreeHealing": "HEAL_RESTORE"}}),
                 ("scale", scale(web, "SCALE_IN")), ("terminate", {})]
        if not all(self.operation(task, ns, body) for task, body in steps):
            return False
        self.server.delete(ns)
        return True

    def operation(self, task, ns, body):
        began = self.now()
        try:
            self.server.operation_s(f"{ns}/{task}", body, PAUSE_S, LIMIT_S)
            succeeded = True
        except FAILURES as problem:
            succeeded = False
            self.failed(problem)
        self.operations.append((self.now(), task, self.now() - began, succeeded))
        return succeeded

    def failed(self, problem):
        with self.lock:
            self.problems.append(f"{self.now():.1f} s: {problem}")

    def watch_memory(self):
        while time.monotonic() < self.end:
            self.memory.append((self.now(), self.server.memory_mib() * 1.048576))
            time.sleep(MEMORY_S)


def scale(vnf, direction):
    step = {"aspectId": "web", "numberOfSteps": 1}
    return {"scaleType": "SCALE_VNF",
            "scaleVnfData": [{"vnfInstanceId": vnf, "scaleVnfType": direction, "scaleByStepData": step}]}


def prepare(server, folder, seed):
    """A cloud that a folder keeps and that misbehaves, and the example service; the id of its NSD."""
    cloud = folder / "cloud"
    cloud.mkdir()
    (cloud / "script.json").write_text(json.dumps(SCRIPT | {"chances": CHANCES | {"seed": seed}}))
    images = folder / "images"
    images.mkdir()
    for name in ("kernel", "initrd", "edge-guest.qcow2"):
        (images / name).write_text(f"a simulated {name}\n")
    packages = folder / "packages"
    pack = ROOT / "descriptors/examples/pack.sh"
    subprocess.run([pack, packages, images], check=True, stdout=subprocess.DEVNULL)
    for vnf in ("router", "balancer", "web", "monitor", "client"):
        server.onboard((packages / f"edge-web-{vnf}.csar").read_bytes())
    nsd, _ = server.onboard((packages / "edge-web-nsd.csar").read_bytes(), "ns")
    server.site("here", HOSTS, cloud)
    server.hosts_answer(HOSTS)
    return server.get(f"/nsd/v2/ns_descriptors/{nsd}")["nsdId"]


def run(minutes, seed, folder):
    with Server(folder / "up") as server:
        nsd = prepare(server, folder, seed)
        soak = Soak(server, nsd, time.monotonic() + 60 * minutes)
        threads = [threading.Thread(target=soak.lives_of_one_slot) for _ in range(SERVICES)]
        threads.append(threading.Thread(target=soak.watch_memory))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # The last lives end after the time is over; they count, and so does what is left behind.
        left = server.get("/windlass/v1/audit")
    return soak, left


def end(*_):
    """Whoever ends the soak ends its server as well."""
    raise SystemExit("ended")


def main():
    signal.signal(signal.SIGTERM, end)
    minutes, seed, out = float(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    print(f"{SERVICES} services at a time for {minutes:g} min, seed {seed}, faults {CHANCES}", flush=True)
    with tempfile.TemporaryDirectory(prefix="windlass-soak.") as folder:
        soak, left = run(minutes, seed, pathlib.Path(folder))
    width_s = min(60, 6 * minutes)
    rows = judge.by_minute(soak.operations, soak.memory, width_s)
    verdicts = judge.verdicts(soak, left, random.Random(seed))
    text = judge.table(rows, width_s) + "\n" + "\n".join(str(one) for one in verdicts)
    print(text)
    for problem in soak.problems[:20]:
        print(f"  {problem}")
    (out / "soak.txt").write_text(text + "\n" + "\n".join(soak.problems) + "\n")
    (out / "samples.json").write_text(json.dumps({"operations": soak.operations, "memory": soak.memory}))
    (out / "soak.svg").write_text(plot.draw(rows, soak.memory, width_s, f"{minutes:g} min, seed {seed}"))
    print(f"written to {out}")
    if not all(one.passed for one in verdicts):
        raise SystemExit(1)


main()

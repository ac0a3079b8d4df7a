"""Measures `windlass up` from outside, and a service of five VNFs on the simulator.

    bench.py WINDLASS SUMMARY.json

What is not measured here: real hosts, and anything beside other orchestrators. Goals and baselines are null until
there are any.
"""
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTS = 10
SERVICES = 20
IDLE_S = 5
LIMIT_S = 60
POLL_S = 0.002
FINAL = ("COMPLETED", "FAILED", "FAILED_TEMP", "ROLLED_BACK")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A `windlass up` in a folder of its own."""

    def __init__(self, program, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.began = time.monotonic()
        self.log = open(folder / "windlass.log", "ab")
        listen = self.url.removeprefix("http://")
        self.process = subprocess.Popen(
            [program, "up", "--data", folder / "data", "--listen", listen],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def __enter__(self):
        try:
            self.first_answer_s = self.wait_for_answer() - self.began
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def wait_for_answer(self):
        while time.monotonic() < self.began + LIMIT_S:
            if self.process.poll() is not None:
                raise SystemExit(f"windlass up ended with {self.process.returncode}:\n{self.last_words()}")
            try:
                self.ask("/nslcm/v2/api_versions")
                return time.monotonic()
            except OSError:
                time.sleep(POLL_S)
        raise SystemExit(f"windlass up did not answer within {LIMIT_S} s")

    def ask(self, path, body=None, method=None):
        """The answer's body, and where it says to look."""
        data = None if body is None else json.dumps(body).encode()
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
                text = answer.read()
                return json.loads(text) if text else None, answer.headers.get("Location")
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{request.get_method()} {path}: {error.code} {error.read().decode()}") from error

    def last_words(self):
        return "\n".join(pathlib.Path(self.log.name).read_text().splitlines()[-20:])

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def operation_s(self, task, body):
        """How long an operation takes, from the request until it is COMPLETED."""
        began = time.monotonic()
        _, occurrence = self.ask(task, body)
        while time.monotonic() < began + LIMIT_S:
            state = self.ask(occurrence)[0]["operationState"]
            if state in FINAL:
                if state != "COMPLETED":
                    raise SystemExit(f"{task} is {state}:\n{self.last_words()}")
                return time.monotonic() - began
            time.sleep(POLL_S)
        raise SystemExit(f"{task} was not done within {LIMIT_S} s")


def prepare(server, program, folder):
    """A simulated site and the example service; the id of its NSD."""
    images = folder / "images"
    images.mkdir()
    for name in ("kernel", "initrd", "edge-guest.qcow2"):
        (images / name).write_text(f"a simulated {name}\n")
    packages = folder / "packages"
    subprocess.run([ROOT / "descriptors/examples/pack.sh", packages, images], check=True, stdout=subprocess.DEVNULL)
    hosts = ["host", "add", "here", "host-a", "sim:bench"], ["host", "add", "here", "host-b", "sim:bench/b"]
    vnfs = [packages / f"edge-web-{name}.csar" for name in ("router", "balancer", "web", "monitor", "client")]
    nsd = ["nsd", "onboard", packages / "edge-web-nsd.csar"]
    for verb in (["vim", "register", "here", "--type", "sim"], *hosts, ["package", "onboard", *vnfs], nsd):
        subprocess.run([program, "--server", server.url, *verb], check=True, capture_output=True)
    return server.ask("/nsd/v2/ns_descriptors")[0][0]["nsdId"]


def lifecycles(server, nsd):
    instantiations, terminations = [], []
    for number in range(SERVICES):
        service = {"nsdId": nsd, "nsName": f"bench-{number}", "nsDescription": ""}
        ns = "/nslcm/v2/ns_instances/" + server.ask("/nslcm/v2/ns_instances", service)[0]["id"]
        instantiations.append(server.operation_s(f"{ns}/instantiate", {"nsFlavourId": "default"}))
        terminations.append(server.operation_s(f"{ns}/terminate", {}))
        server.ask(ns, method="DELETE")
    return instantiations, terminations


def entry(name, unit, values):
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return {"name": name, "value": round(statistics.median(ordered), 2), "unit": unit, "goal": None,
            "better": "lower", "baseline": None, "runs": len(ordered), "p95": round(p95, 2)}


def milliseconds(seconds):
    return [one * 1000 for one in seconds]


def measure(program, folder):
    starts, memory = [], []
    for number in range(STARTS):
        place = folder / f"start-{number}"
        place.mkdir()
        with Server(program, place) as server:
            starts.append(server.first_answer_s)
            if number < 3:
                time.sleep(IDLE_S)
                memory.append(server.resident_mib())
    with Server(program, folder) as server:
        nsd = prepare(server, program, folder)
        instantiations, terminations = lifecycles(server, nsd)
    return [
        entry("up_to_first_answer", "ms", milliseconds(starts)),
        entry("idle_memory", "MiB", memory),
        entry("ns_instantiate_5_vnfs_sim", "ms", milliseconds(instantiations)),
        entry("ns_terminate_5_vnfs_sim", "ms", milliseconds(terminations)),
    ]


def main():
    program, summary = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="windlass-bench.") as folder:
        entries = measure(program, pathlib.Path(folder))
    summary.parent.mkdir(parents=True, exist_ok=True)
    summary.write_text(json.dumps(entries, indent=2) + "\n")
    for one in entries:
        print(f"{one['name']:28} {one['value']:10} {one['unit']:4} p95 {one['p95']:10}  {one['runs']} runs")
    print(f"written to {summary}; nothing of this is on real hosts")


main()

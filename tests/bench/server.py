"""A `windlass up` in a folder of its own, and what one says to it."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from wire import Refused, Wire

PROGRAM = os.environ.get("WINDLASS", "target/release/windlass")
LIMIT_S = 120
FINAL = ("COMPLETED", "FAILED", "FAILED_TEMP", "ROLLED_BACK")


class Broken(Exception):
    """The server did not do what every measurement needs."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def knows_option(option):
    """Whether `windlass up` takes it."""
    told = subprocess.run([PROGRAM, "up", "--help"], capture_output=True, text=True, check=True)
    return option in told.stdout.split()


class Server:
    """Runs while it is entered; its data may be those of an earlier one."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.arguments = arguments
        self.wires = threading.local()
        self.process = None

    def __enter__(self):
        self.port = free_port()
        self.began = time.monotonic()
        with open(self.folder / "windlass.log", "ab") as log:
            command = [PROGRAM, "up", "--data", self.folder / "data", "--listen", f"127.0.0.1:{self.port}"]
            self.process = subprocess.Popen(
                [*command, *self.arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"WINDLASS_LOG": "warn"} | os.environ)
        try:
            self.first_answer_s = self._wait_for_answer() - self.began
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """What a power cut does to the process."""
        self.process.kill()
        self.process.wait()

    def _wait_for_answer(self):
        while time.monotonic() < self.began + LIMIT_S:
            if self.process.poll() is not None:
                raise Broken(f"windlass up ended with {self.process.returncode}:\n{self.last_words()}")
            try:
                self.get("/nslcm/v2/api_versions")
                return time.monotonic()
            except OSError:
                time.sleep(0.001)
        raise Broken(f"windlass up did not answer within {LIMIT_S} s:\n{self.last_words()}")

    def last_words(self):
        return "\n".join((self.folder / "windlass.log").read_text(errors="replace").splitlines()[-20:])

    @property
    def wire(self):
        """The connection of this thread."""
        wire = getattr(self.wires, "wire", None)
        if wire is None or wire.address[1] != self.port:
            wire = self.wires.wire = Wire(self.port)
        return wire

    def get(self, path):
        return self.wire.ask("GET", path)[0]

    def post(self, path, body):
        return self.wire.ask("POST", path, body)

    def delete(self, path):
        self.wire.ask("DELETE", path)

    def memory_mib(self, what="Rss"):
        """Rss, or Pss: shared pages count in part."""
        rollup = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(f"{what}:")) / 1024

    def cpu_s(self):
        """Processor time that the process has taken."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # What every figure needs.

    def site(self, name, hosts, cloud=None):
        """A simulated VIM with so many hosts."""
        cloud = cloud or name
        members = [{"name": f"{name}-{i}", "zone": f"zone-{i % 2}", "uri": f"sim:{cloud}/{i}", "bridge": "br0",
                    "vlans": "100-4000"} for i in range(hosts)]
        self.post("/windlass/v1/vims", {"name": name, "vimType": "WINDLASS.SIM.V_1", "hosts": members})

    def hosts_answer(self, count):
        """Waits until so many hosts are reachable."""
        self._until(lambda: sum(h["state"] == "REACHABLE" for h in self.hosts()) >= count, f"{count} hosts answer")

    def hosts(self):
        found, path = [], "/windlass/v1/hosts"
        while path:
            page, path = self.page(path)
            found += page
        return found

    def page(self, path):
        """A page of a list, and the path of the next one."""
        status, headers, body = self.wire.raw("GET", path)
        if status >= 400:
            raise Refused(f"GET {path}", status, body)
        link = headers.get("link", "")
        following = link[1:link.index(">")] if 'rel="next"' in link else None
        return json.loads(body), following

    def onboard(self, content, descriptor="vnf"):
        """Onboards a package or an NSD archive; its id, and the seconds from the upload to ONBOARDED."""
        root, part, state = {
            "vnf": ("/vnfpkgm/v2/vnf_packages", "package_content", "onboardingState"),
            "ns": ("/nsd/v2/ns_descriptors", "nsd_content", "nsdOnboardingState"),
        }[descriptor]
        resource = f"{root}/{self.post(root, {})[0]['id']}"
        began = time.monotonic()
        self.wire.ask("PUT", f"{resource}/{part}", content, b"application/zip")
        self._until(lambda: self._onboarded(resource, state), f"{resource} is ONBOARDED", 0.001)
        return resource.rpartition("/")[2], time.monotonic() - began

    def _onboarded(self, resource, state):
        found = self.get(resource)
        if "onboardingFailureDetails" in found:
            raise Broken(f"{resource}: {found['onboardingFailureDetails']}")
        return found[state] == "ONBOARDED"

    def operation_s(self, path, body, pause_s=0.002, limit_s=LIMIT_S):
        """Seconds from the request for an operation until it is COMPLETED."""
        began = time.monotonic()
        _, occurrence = self.post(path, body)
        occurrence = occurrence[occurrence.index("/", 8):] if occurrence.startswith("http") else occurrence
        while time.monotonic() < began + limit_s:
            time.sleep(pause_s)
            found = self.get(occurrence)
            if found["operationState"] == "COMPLETED":
                return time.monotonic() - began
            if found["operationState"] in FINAL:
                raise Broken(f"{path} is {found['operationState']}: {found.get('error')}")
        raise Broken(f"{path} was not done within {limit_s} s")

    @staticmethod
    def _until(true, what, pause_s=0.02):
        end = time.monotonic() + LIMIT_S
        while not true():
            if time.monotonic() > end:
                raise Broken(f"not within {LIMIT_S} s: {what}")
            time.sleep(pause_s)


def at_once(parallel, work, items):
    """What `work` returns for each item, so many at a time, each thread with a connection of its own."""
    with ThreadPoolExecutor(parallel) as pool:
        return list(pool.map(work, items))

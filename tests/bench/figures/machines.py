"""Six machines on two real libvirt hosts: a network service of Windlass over a script that gives virsh the same work.

Both take turns. The script gets the XML of the domains, volumes and networks that Windlass has just made, the seeds of
the guests, and the same images in the hosts' caches; it makes all six at once, which is what Windlass does as well,
looks for readiness as often, and counts until the last guest agent answers. It writes no log, asks nobody, and leaves
out what Windlass keeps beside its volumes.
"""
import contextlib
import os
import pathlib
import shutil
import statistics
import subprocess
import time
import xml.etree.ElementTree as xml

import packages
from figure import entry
from server import Broken, Server, at_once

ENV = pathlib.Path(__file__).resolve().parents[2] / "env"
RUNS, VNFS, MACHINES = 5, 2, 3
POOL = "windlass"
# How often Windlass looks whether a guest is ready.
FIRST_PAUSE_S, LONGEST_PAUSE_S, LIMIT_S = 0.1, 0.5, 180
NS = "/nslcm/v2/ns_instances"


def measure(folder):
    if os.geteuid() != 0:
        print("not run: six machines on two libvirt hosts (hosts and guests need root)")
        return []
    with hosts(folder / "h") as environment, Server(folder / "up") as server:
        nsd = prepare(server, environment, (folder / "h/images/edge-guest.qcow2").read_bytes())
        # Images come into the hosts' caches, and libvirt's own caches fill.
        ours(server, nsd, environment, lambda _: None)
        windlass, raw = [], []
        for _ in range(RUNS):
            work = {}
            windlass.append(ours(server, nsd, environment, lambda machines: work.update(taken=take(machines, folder))))
            raw.append(theirs(work["taken"]))
            print(f"  {windlass[-1]:.1f} s, virsh {raw[-1]:.1f} s", flush=True)
    ratio = statistics.median(windlass) / statistics.median(raw)
    ratios = [one / statistics.median(raw) for one in windlass]
    return [
        entry("instantiate_6_machines_over_virsh", "ratio", ratios, goal=1.10, baseline=1, value=ratio),
        entry("instantiate_6_machines", "s", windlass, goal=None),
        entry("instantiate_6_machines_virsh", "s", raw, goal=None),
    ]


@contextlib.contextmanager
def hosts(folder):
    """Two hosts by the scripts of tests/env; the variables that say how to reach them."""
    folder.mkdir(parents=True)
    script(ENV / "images.sh", folder / "images")
    try:
        script(ENV / "hosts-up.sh", folder)
        shown = subprocess.run(["bash", "-c", f"set -a; . {folder}/env; env -0"], check=True, capture_output=True)
        yield dict(line.split("=", 1) for line in shown.stdout.decode().split("\0") if "=" in line)
    finally:
        script(ENV / "hosts-down.sh", folder)


def script(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{command[0].name}: {done.stderr or done.stdout}")


def prepare(server, environment, image):
    names = [f"guests-{number}" for number in range(VNFS)]
    for name in names:
        server.onboard(packages.vnf(name, vms=MACHINES, port=True, metadata="windlass.readiness: guest-agent",
                                    image=image, disk_format="qcow2"))
    server.onboard(packages.service("six", names), "ns")
    bridge = environment["SEGMENT_BRIDGE"] + ("{vlan}" if environment["SEGMENT_MODE"] == "bridges" else "")
    members = [{"name": f"host-{host}", "zone": host, "uri": environment[f"HOST_{host}_URI"], "bridge": bridge,
                "vlans": f"{environment['SEGMENT_FIRST']}-{environment['SEGMENT_LAST']}"} for host in "AB"]
    server.post("/windlass/v1/vims", {"name": "here", "vimType": "WINDLASS.LIBVIRT.V_1", "hosts": members})
    server.hosts_answer(2)
    return packages.ident("six")


def ours(server, nsd, environment, look):
    """Seconds that Windlass takes; the service is gone afterwards."""
    created, _ = server.post(NS, {"nsdId": nsd, "nsName": "six", "nsDescription": ""})
    ns = f"{NS}/{created['id']}"
    seconds = server.operation_s(f"{ns}/instantiate", {"nsFlavourId": "default"}, 0.01, LIMIT_S)
    found = machines(environment)
    if len(found) != VNFS * MACHINES or len({uri for uri, _ in found}) != 2:
        raise Broken(f"there are {len(found)} machines on {len({uri for uri, _ in found})} hosts")
    look(found)
    server.operation_s(f"{ns}/terminate", {}, 0.05, LIMIT_S)
    server.delete(ns)
    if machines(environment):
        raise Broken("machines are left over")
    return seconds


def machines(environment):
    """Where each domain is, and its UUID."""
    return [(environment[f"HOST_{host}_URI"], uuid) for host in "AB"
            for uuid in virsh(environment[f"HOST_{host}_URI"], "list", "--all", "--uuid").split()]


def virsh(uri, *arguments):
    done = subprocess.run(["virsh", "-q", "-c", uri, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, start_new_session=True)
    if done.returncode:
        raise Broken(f"virsh {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout.strip()


class Taken:
    """What virsh is given: XML files, and the content of seeds."""

    def __init__(self):
        self.networks, self.domains = [], []


def take(found, folder):
    place = folder / "taken"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    taken, numbers = Taken(), iter(range(1000))

    def keep(text):
        path = place / f"{next(numbers)}.xml"
        path.write_text(text)
        return path

    networks = {}
    for uri, uuid in found:
        text = virsh(uri, "dumpxml", uuid, "--inactive")
        domain = xml.fromstring(text)
        for source in domain.iterfind("devices/interface/source[@network]"):
            name = source.get("network")
            networks.setdefault((uri, name), virsh(uri, "net-dumpxml", name, "--inactive"))
        volumes = []
        for source in domain.iterfind("devices/disk/source[@file]"):
            name = pathlib.Path(source.get("file")).name
            content = None
            described = virsh(uri, "vol-dumpxml", name, "--pool", POOL)
            if xml.fromstring(described).find("backingStore/path") is None:
                content = place / f"{next(numbers)}.seed"
                virsh(uri, "vol-download", name, content, "--pool", POOL)
            volumes.append((name, keep(described), content))
        taken.domains.append((uri, uuid, keep(text), volumes))
    taken.networks = [(uri, name, keep(text)) for (uri, name), text in networks.items()]
    return taken


def theirs(taken):
    """Seconds that the script takes; its machines are gone afterwards."""
    try:
        began = time.monotonic()
        at_once(len(taken.networks), make_network, taken.networks)
        at_once(len(taken.domains), make_machine, taken.domains)
        return time.monotonic() - began
    finally:
        at_once(len(taken.domains), remove_machine, taken.domains)
        for uri, name, _ in taken.networks:
            virsh(uri, "net-destroy", name)
            virsh(uri, "net-undefine", name)


def make_network(network):
    uri, name, path = network
    virsh(uri, "net-define", path)
    virsh(uri, "net-start", name)


def make_machine(domain):
    uri, uuid, path, volumes = domain
    for name, described, content in volumes:
        virsh(uri, "vol-create", POOL, described)
        if content:
            virsh(uri, "vol-upload", name, content, "--pool", POOL)
    virsh(uri, "define", path)
    virsh(uri, "start", uuid)
    end, pause = time.monotonic() + LIMIT_S, FIRST_PAUSE_S
    while True:
        try:
            virsh(uri, "qemu-agent-command", uuid, "--timeout", "2", '{"execute":"guest-ping"}')
            return
        except Broken:
            if time.monotonic() > end:
                raise
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)


def remove_machine(domain):
    uri, uuid, _, volumes = domain
    with contextlib.suppress(Broken):
        virsh(uri, "destroy", uuid)
    virsh(uri, "undefine", uuid)
    for name, _, _ in volumes:
        virsh(uri, "vol-delete", name, "--pool", POOL)

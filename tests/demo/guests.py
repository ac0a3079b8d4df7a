"""Rows about the machines of a service, from what `windlass -o json` says.

    guests.py VNFS.json HOSTS.json     VNF, VNFC, host, machine's id, addresses; tab-separated, one row each
"""
import json
import sys

vnfs, hosts = (json.load(open(path)) for path in sys.argv[1:])
names = {host["id"]: host["name"] for host in hosts}


def addresses(vnfc):
    for cp in vnfc.get("vnfcCpInfo", []):
        for protocol in cp.get("cpProtocolInfo", []):
            for told in protocol.get("ipOverEthernet", {}).get("ipAddresses", []):
                yield from told.get("addresses", [])


for vnf in sorted(vnfs, key=lambda vnf: vnf["vnfInstanceName"]):
    info = vnf.get("instantiatedVnfInfo", {})
    for vnfc in sorted(info.get("vnfcResourceInfo", []), key=lambda vnfc: vnfc["id"]):
        host = names.get(vnfc["metadata"]["hostId"], "?")
        machine = vnfc["computeResource"]["resourceId"]
        print(vnf["vnfInstanceName"], vnfc["id"], host, machine, " ".join(addresses(vnfc)), sep="\t")

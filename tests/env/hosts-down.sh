#!/usr/bin/env bash
# Ends both hosts with all their guests, and removes namespaces, control groups and shared memory.
#
#   hosts-down.sh DIR
#
# Logs, certificates and libvirt's cache stay in DIR. May be run at any time, also twice.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
need_root
# shellcheck source=host/names.sh
. "$here/host/names.sh"
# shellcheck disable=SC1090
for part in fabric cgroups daemon; do . "$here/host/$part.sh"; done

for host in "${hosts[@]}"; do host_stop "$host"; done
fabric_down
rm -f "$dir/env"

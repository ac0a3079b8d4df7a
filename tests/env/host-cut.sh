#!/usr/bin/env bash
# Cuts one host off: its cables are pulled and its libvirtd answers nobody. Its guests go on.
#
#   host-cut.sh DIR a|b
#
# A connection over the Unix socket does not use the cables, so the daemon is frozen and its socket hidden:
# open connections hang, new ones are refused.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
need_root
# shellcheck source=host/names.sh
. "$here/host/names.sh"
# shellcheck disable=SC1090
for part in fabric daemon; do . "$here/host/$part.sh"; done

need_host "${2:-}"
fabric_uplinks "$2" down
kill -STOP "$(libvirtd_pid "$2")"
[ ! -e "$(socket "$2")" ] || mv "$(socket "$2")" "$(socket "$2").cut"

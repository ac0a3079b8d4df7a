#!/usr/bin/env bash
# Brings back a host that host-cut.sh cut off.
#
#   host-join.sh DIR a|b
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
[ ! -e "$(socket "$2").cut" ] || mv "$(socket "$2").cut" "$(socket "$2")"
kill -CONT "$(libvirtd_pid "$2")"
fabric_uplinks "$2" up

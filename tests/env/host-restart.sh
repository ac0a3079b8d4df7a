#!/usr/bin/env bash
# Restarts one host's libvirtd; its guests go on. With KILL the daemon has no chance to say goodbye.
#
#   host-restart.sh DIR a|b [TERM|KILL]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
need_root
# shellcheck source=host/names.sh
. "$here/host/names.sh"
# shellcheck disable=SC1090
for part in cgroups daemon; do . "$here/host/$part.sh"; done

need_host "${2:-}"
libvirtd_stop "$2" "${3:-TERM}"
libvirtd_start "$2"

#!/usr/bin/env bash
# Fills the disk that one host keeps its volumes on, or empties it again.
#
#   host-full.sh DIR a|b            a file system of 4 MiB covers the pool's folder: nothing fits in any more
#   host-full.sh DIR a|b --undo     what was there before is there again
#
# What the pool held is hidden meanwhile, so use it while the host has nothing that runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
need_root
# shellcheck source=host/names.sh
. "$here/host/names.sh"

need_host "${2:-}"
pool=/var/lib/libvirt/windlass
inside() { nsenter --target "$(cat "$(home "$1")/keeper.pid")" --mount "${@:2}"; }
case ${3:-} in
    '') inside "$2" sh -c "mkdir -p $pool && mount -t tmpfs -o size=4m tmpfs $pool" ;;
    --undo) inside "$2" umount "$pool" ;;
    *) fail "usage: ${0##*/} DIR a|b [--undo]" ;;
esac
# The daemon remembers what it saw; a pool that is not there yet has nothing to forget.
timeout 20 virsh -q -c "$(socket_uri "$2")" pool-refresh windlass > /dev/null 2>&1 || true

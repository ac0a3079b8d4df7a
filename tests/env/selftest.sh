#!/usr/bin/env bash
# Proves the environment: two hosts, two guests that reach each other over a segment, isolation between segments,
# both ways of shutting down, a daemon's restart, a cut host, and a clean end. Prints how long each part took.
#
#   selftest.sh [DIR]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
need_root
set -- "${1:-$(mktemp -d)}"
. "$here/host/names.sh"
. "$here/host/cgroups.sh"
started=$EPOCHREALTIME

# step WHAT COMMAND...: runs the command, prints its duration, ends the test when it fails.
step() {
    local what=$1 begin=$EPOCHREALTIME
    shift
    "$@" > "$dir/step.log" 2>&1 || { cat "$dir/step.log" >&2; fail "failed: $what"; }
    awk -v a="$begin" -v b="$EPOCHREALTIME" -v what="$what" 'BEGIN { printf "%6.2f s  %s\n", b - a, what }'
}
not() { ! "$@"; }
on() { local uri=HOST_${1^^}_URI; shift; virsh -q -c "${!uri}" "$@"; }
agent() { on "$1" qemu-agent-command "$2" --timeout 5 "$3"; }

# The seed of one guest; a FAT volume for host a and an ISO volume for host b, since either may come from an operator.
make_seed() {
    local host=$1 address=$2 mac=$3 folder=$dir/seed-$1
    mkdir -p "$folder"
    printf 'instance-id: i-%s\nlocal-hostname: guest-%s\n' "$host" "$host" > "$folder/meta-data"
    printf 'version: 2\nethernets:\n  link:\n    match: {macaddress: "%s"}\n    addresses: [%s/24]\n' "$mac" "$address" \
        > "$folder/network-config"
    # shellcheck disable=SC2016 # the guest expands it
    printf '#!/bin/sh\necho "hello from $(hostname)" > /run/index.html\nhttpd -p 80 -h /run\n' > "$folder/user-data"
    if [ "$host" = a ]; then
        mformat -C -f 1440 -v cidata -i "$dir/seed-$host.img" ::
        mcopy -o -i "$dir/seed-$host.img" "$folder"/* ::
    else
        xorriso -as mkisofs -quiet -V cidata -J -r -o "$dir/seed-$host.img" "$folder"
    fi
}

segment_source() {
    if [ "$SEGMENT_MODE" = vlan ]; then
        printf "<source bridge='%s'/><vlan><tag id='%s'/></vlan>" "$SEGMENT_BRIDGE" "$1"
    else
        printf "<source bridge='%s%s'/>" "$SEGMENT_BRIDGE" "$1"
    fi
}

guest_xml() {
    local name=$1 mac=$2 segment=$3 host=$4
    cat <<XML
<domain type='qemu'>
  <name>$name</name>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/><tcg><tb-cache unit='MiB'>32</tb-cache></tcg></features>
  <on_poweroff>destroy</on_poweroff>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$dir/$name.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$dir/seed-$host.img'/><target dev='vdb' bus='virtio'/><readonly/></disk>
    <interface type='bridge'><mac address='$mac'/>$(segment_source "$segment")<model type='virtio'/></interface>
    <controller type='usb' model='none'/>
    <serial type='file'><source path='$dir/$name.log'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <memballoon model='virtio'/>
  </devices>
</domain>
XML
}

boot() {
    local host=$1 mac=$2 segment=$3
    qemu-img create -q -f qcow2 -b "$dir/images/edge-guest.qcow2" -F qcow2 "$dir/guest-$host.qcow2"
    guest_xml "guest-$host" "$mac" "$segment" "$host" > "$dir/guest-$host.xml"
    on "$host" create "$dir/guest-$host.xml"
}

# Runs a command in the guest through its agent; succeeds when the command does, and prints its output.
inside() {
    local host=$1 pid status
    pid=$(agent "$host" "guest-$host" "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/bin/sh\",\"arg\":[\"-c\",\"$2\"],\"capture-output\":true}}" | tr -dc 0-9)
    while :; do
        status=$(agent "$host" "guest-$host" "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":$pid}}")
        case $status in *'"exited":true'*) break ;; esac
        sleep 0.1
    done
    printf '%s' "$status" | sed -n 's/.*"out-data":"\([^"]*\)".*/\1/p' | base64 -d
    case $status in *'"exitcode":0'*) ;; *) return 1 ;; esac
}

answers() { agent "$1" "guest-$1" '{"execute":"guest-ping"}'; }
# A transient domain is forgotten once it has stopped; on its way there it is "in shutdown".
stopped() { ! on "$1" domstate "guest-$1"; }
# The guest must say so itself: a mere failure of the ping could have another cause.
unreachable() { inside "$1" "ping -c 2 -W 1 $2; true" | grep '100% packet loss'; }
stop_guest() { on "$1" shutdown "guest-$1" --mode "$2" && wait_for 20 stopped "$1"; }

# Nothing of the pair may be left: processes, namespaces, interfaces, control groups, shared memory, mounts.
nothing_left() {
    local host
    for host in "${hosts[@]}"; do
        [ -z "$(cgroup_processes "$host")" ] || return 1
        for folder in $(cgroup_folders "$host"); do [ ! -e "$folder" ] || return 1; done
        [ ! -e "$(shared_memory "$host")" ] || return 1
    done
    ! ip netns list | grep "wl-$tag" && ! ip link show "$root_link" 2>/dev/null && ! grep " $dir" /proc/mounts
}

trap '"$here/hosts-down.sh" "$dir"' EXIT
step "images are built or taken from the cache" "$here/images.sh" "$dir/images"
step "two hosts are up" "$here/hosts-up.sh" "$dir"
# shellcheck disable=SC1091
. "$dir/env"
say "          segments: $SEGMENT_MODE $SEGMENT_FIRST-$SEGMENT_LAST"
step "libvirtd answers over TCP" virsh -q -c "$HOST_A_TCP_URI" version
step "libvirtd answers over TLS" virsh -q -c "$HOST_B_TLS_URI" version
make_seed a 10.5.0.1 52:54:00:05:00:01
make_seed b 10.5.0.2 52:54:00:05:00:02
step "guest-a starts on host-a" boot a 52:54:00:05:00:01 "$SEGMENT_FIRST"
step "guest-b starts on host-b" boot b 52:54:00:05:00:02 "$SEGMENT_FIRST"
step "guest-a's agent answers" wait_for 60 answers a
step "guest-b's agent answers" wait_for 60 answers b
grep -ho 'WINDLASS-GUEST READY.*' "$dir"/guest-?.log | sed 's/^/          /'
step "guest-a pings guest-b in the same segment" inside a 'ping -c 2 -W 2 10.5.0.2'
step "guest-a reads guest-b's page" inside a 'wget -q -O - http://10.5.0.2/ | grep hello'
step "libvirtd is killed and comes back" "$here/host-restart.sh" "$dir" b KILL
step "guest-b went on" inside b 'grep guest-b /proc/sys/kernel/hostname'
step "host-b is cut off" "$here/host-cut.sh" "$dir" b
step "guest-a does not reach it" unreachable a 10.5.0.2
step "libvirtd does not answer" not timeout 3 virsh -q -c "$HOST_B_URI" version
step "host-b is joined again" "$here/host-join.sh" "$dir" b
step "guest-a reaches guest-b again" wait_for 10 inside a 'ping -c 1 -W 1 10.5.0.2'
step "guest-b shuts down through its agent" stop_guest b agent
step "guest-b starts in another segment" boot b 52:54:00:05:00:02 $((SEGMENT_FIRST + 1))
step "guest-b's agent answers" wait_for 60 answers b
step "guest-a does not reach it there" unreachable a 10.5.0.2
step "guest-b shuts down by its power button" stop_guest b acpi
step "guest-a shuts down by its power button" stop_guest a acpi
trap - EXIT
step "two hosts are down" "$here/hosts-down.sh" "$dir"
step "nothing is left" nothing_left
awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.2f s  in all\n", b - a }'

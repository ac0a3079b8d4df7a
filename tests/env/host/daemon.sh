# shellcheck shell=bash disable=SC2034,SC2154
# Starts and stops one host: a keeper that holds its namespaces, and its libvirtd inside them (sourced).

# The keeper's only work is to live: as long as it does, libvirtd may come and go and find the same host.
keeper_start() {
    local host=$1
    (
        cgroup_enter "$host"
        exec setsid ip netns exec "$(namespace "$host")" unshare --mount --uts --cgroup \
            bash "$here/host/keeper.sh" "host-$host" "$(home "$host")" < /dev/null > "$(home "$host")/keeper.log" 2>&1
    ) &
    wait_for 10 test -s "$(home "$host")/keeper.pid" || fail "host-$host did not start: $(cat "$(home "$host")/keeper.log")"
}

libvirtd_pid() { cat "$(home "$1")/run/libvirtd.pid" 2>/dev/null; }

# No system bus inside: on a machine with systemd, libvirt would ask it to place guests outside of the host's groups.
libvirtd_start() {
    local host=$1 keeper
    keeper=$(cat "$(home "$host")/keeper.pid")
    (
        cgroup_enter "$host" daemon
        DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent exec setsid nsenter --target "$keeper" --mount --uts --net --cgroup \
            libvirtd --listen --pid-file /run/libvirt/libvirtd.pid < /dev/null > "$(home "$host")/log/libvirtd.out" 2>&1
    ) &
    disown
    wait_for 30 virsh -q -c "$(socket_uri "$host")" version ||
        fail "libvirtd of host-$host does not answer; see $(home "$host")/log"
}

# A dead process whose parent has not collected it yet is gone too.
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }

libvirtd_stop() {
    local pid
    pid=$(libvirtd_pid "$1") || return 0
    kill -CONT "$pid" 2>/dev/null || return 0
    kill -"${2:-TERM}" "$pid" 2>/dev/null || return 0
    wait_for 10 gone "$pid" || kill -KILL "$pid"
    wait_for 5 gone "$pid"
}

host_empty() {
    local pid
    for pid in $(cgroup_processes "$1"); do kill -KILL "$pid" 2>/dev/null; done
    [ -z "$(cgroup_processes "$1")" ]
}

# Ends everything at once: what the guests and the daemon would still write is thrown away anyway.
host_stop() {
    local host=$1
    wait_for 10 host_empty "$host" || fail "processes of host-$host do not end: $(cgroup_processes "$host" | tr '\n' ' ')"
    cgroup_remove "$host"
    rm -rf "$(shared_memory "$host")" "$(home "$host")/keeper.pid"
}

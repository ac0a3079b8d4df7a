#!/usr/bin/env bash
# Makes the namespaces it was started in look like a machine of its own to libvirtd, then sleeps.
#
#   keeper.sh HOSTNAME HOME
set -euo pipefail
name=$1 home=$2

hostname "$name"
mount --make-rprivate /

# `ip netns exec` mounted a new /sys, without control groups. Mounted here, they begin at the host's own group.
if grep -q '^0::' /proc/self/cgroup && [ "$(wc -l < /proc/self/cgroup)" -eq 1 ]; then
    mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
    # A group with processes cannot lend controllers to the guests' groups, so the keeper steps aside.
    mkdir -p /sys/fs/cgroup/daemon
    echo $$ > /sys/fs/cgroup/daemon/cgroup.procs
else
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    for controller in cpu cpuacct cpuset memory blkio devices freezer pids; do
        grep -q ":$controller:" /proc/self/cgroup || continue
        mkdir "/sys/fs/cgroup/$controller"
        mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
    done
fi

mkdir -p /run/libvirt /var/log/libvirt /var/cache/libvirt
mount --bind "$home/etc" /etc/libvirt
mount --bind "$home/etc/hosts" /etc/hosts
mount --bind "$home/var" /var/lib/libvirt
mount --bind "$home/run" /run/libvirt
mount --bind "$home/log" /var/log/libvirt
mount --bind "$home/cache" /var/cache/libvirt

echo $$ > "$home/keeper.pid"
exec sleep infinity

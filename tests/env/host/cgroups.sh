# shellcheck shell=bash disable=SC2034,SC2154
# Control groups of one host, so that each libvirtd finds a tree of its own to put guests in; v1 and v2 (sourced).

cgroup_controllers=(cpu cpuacct cpuset memory blkio devices freezer pids)

cgroup_is_v2() { [ -e /sys/fs/cgroup/cgroup.controllers ]; }

cgroup_folders() {
    local controller
    if cgroup_is_v2; then
        printf '/sys/fs/cgroup/%s\n' "$(cgroup_name "$1")"
    else
        for controller in "${cgroup_controllers[@]}"; do
            [ -d "/sys/fs/cgroup/$controller" ] || continue
            printf '/sys/fs/cgroup/%s/%s\n' "$controller" "$(cgroup_name "$1")"
        done
    fi
}

cgroup_make() {
    local folder
    # Version 2 lends a controller to children only when the parent says so; what it lacks, libvirt does without.
    if cgroup_is_v2; then
        for folder in cpu cpuset memory io pids; do
            echo "+$folder" > /sys/fs/cgroup/cgroup.subtree_control || true
        done 2>/dev/null
    fi
    for folder in $(cgroup_folders "$1"); do
        mkdir -p "$folder"
        if [ ! -e "$folder/cgroup.clone_children" ] || [ ! -e "$folder/cpuset.cpus" ]; then continue; fi
        cat "${folder%/*}/cpuset.cpus" > "$folder/cpuset.cpus"
        cat "${folder%/*}/cpuset.mems" > "$folder/cpuset.mems"
        echo 1 > "$folder/cgroup.clone_children"
    done
}

# Moves the calling process in. Below `daemon` in version 2, where a group with processes cannot have children.
cgroup_enter() {
    local folder
    for folder in $(cgroup_folders "$1"); do
        if [ "${2:-}" = daemon ] && cgroup_is_v2; then
            mkdir -p "$folder/daemon"
            folder=$folder/daemon
        fi
        echo "$BASHPID" > "$folder/cgroup.procs"
    done
}

# Every process of the host: its daemon, its guests and what they started.
cgroup_processes() {
    local folder
    for folder in $(cgroup_folders "$1"); do
        [ -d "$folder" ] && find "$folder" -name cgroup.procs -exec cat {} + 2>/dev/null
    done | sort -u
}

cgroup_remove() {
    local folder
    for folder in $(cgroup_folders "$1"); do
        [ -d "$folder" ] && find "$folder" -depth -type d -exec rmdir {} +
    done
    return 0
}

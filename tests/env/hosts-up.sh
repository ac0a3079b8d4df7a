#!/usr/bin/env bash
# Starts two libvirtd hosts on this machine, joined by a network, and writes DIR/env, which says how to reach them.
#
#   hosts-up.sh DIR
#
# Hosts that already run are left alone; what a crash left behind is cleaned up first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
need_root
# shellcheck source=host/names.sh
. "$here/host/names.sh"
# shellcheck disable=SC1090
for part in fabric pki cgroups config daemon; do . "$here/host/$part.sh"; done
[ "$(socket a | wc -c)" -le 100 ] || fail "$dir is too long a path for a Unix socket"

write_env() {
    local host upper
    {
        for host in "${hosts[@]}"; do
            upper=HOST_${host^^}
            printf '%s_NAME=host-%s\n' "$upper" "$host"
            printf "%s_URI='%s'\n" "$upper" "$(socket_uri "$host")"
            printf "%s_TCP_URI='qemu+tcp://%s/system'\n" "$upper" "$(address "$host")"
            printf "%s_TLS_URI='qemu+tls://%s/system?pkipath=%s/pki/client'\n" "$upper" "$(address "$host")" "$dir"
            printf '%s_ADDRESS=%s\n' "$upper" "$(address "$host")"
            printf '%s_NAMESPACE=%s\n' "$upper" "$(namespace "$host")"
            printf "%s_PID_FILE='%s/run/libvirtd.pid'\n" "$upper" "$(home "$host")"
            printf "%s_IMAGES='%s/var/images'\n" "$upper" "$(home "$host")"
        done
        printf 'EXTERNAL_BRIDGE=br0\nEXTERNAL_SUBNET=%s.0/24\nEXTERNAL_PREFIX=%s\n' "$external" "$external"
        printf 'PROBER_NAMESPACE=%s\nPROBER_ADDRESS=%s.254\n' "$(namespace p)" "$external"
        printf 'MANAGEMENT_SUBNET=%s.0/24\nORCHESTRATOR_ADDRESS=%s.254\n' "$management" "$management"
        printf "SHARED_DIR='%s/shared'\nPKI_DIR='%s/pki/client'\n" "$dir" "$dir"
        printf 'SEGMENT_MODE=%s\nSEGMENT_FIRST=%s\nSEGMENT_LAST=%s\n' "$segments" "$first_segment" "$last_segment"
        if [ "$segments" = vlan ]; then printf 'SEGMENT_BRIDGE=br0\n'; else printf 'SEGMENT_BRIDGE=seg\n'; fi
    } > "$dir/env.new"
    mv "$dir/env.new" "$dir/env"
}

both_answer() {
    local host
    [ -e "$dir/env" ] || return 1
    for host in "${hosts[@]}"; do
        timeout 5 virsh -q -c "$(socket_uri "$host")" version > /dev/null 2>&1 || return 1
    done
}

if ! both_answer; then
    "$here/hosts-down.sh" "$dir"
    segments=$(fabric_mode)
    [ -e "$dir/pki/complete" ] || pki_make
    fabric_up
    for host in "${hosts[@]}"; do
        config_host "$host"
        cgroup_make "$host"
        keeper_start "$host"
        libvirtd_start "$host"
    done
    write_env
fi
cat "$dir/env"

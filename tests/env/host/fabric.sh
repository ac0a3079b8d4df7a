# shellcheck shell=bash disable=SC2034,SC2154
# The network between the hosts: namespaces, two switches, cables, and the segments for virtual links (sourced).
#
#   host-a --+-- management switch --+-- host-b        (also this machine: the orchestrator's leg)
#        br0 +--- external switch ---+ br0             (also the prober: the outside world)

# What the kernel can do decides how virtual links are kept apart, unless the caller says.
fabric_mode() {
    if [ -n "${WINDLASS_SEGMENTS:-}" ]; then
        printf '%s' "$WINDLASS_SEGMENTS"
    elif unshare -n ip link add probe type bridge vlan_filtering 1 2>/dev/null; then
        printf vlan
    else
        printf bridges
    fi
}

fabric_switch() { printf 'link add %s type bridge stp_state 0 forward_delay 0 mcast_snooping 0\nlink set %s up\n' "$1" "$1"; }

# cable NAMESPACE INTERFACE SWITCH PORT: a cable from a namespace to a switch. 1600 bytes leave room for a tunnel's header.
fabric_cable() {
    ip link add "$2" mtu 1600 netns "$1" type veth peer name "$4" mtu 1600 netns "$(namespace s)"
    ip -n "$(namespace s)" link set "$4" master "$3" up
    ip -n "$1" link set "$2" up
}

# br0 joins guests to the external network; with VLANs it also carries the virtual links, tagged.
fabric_host_bridge() {
    local filtering=0
    [ "$segments" = vlan ] && filtering=1
    {
        printf 'link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0'
        [ "$filtering" = 0 ] || printf ' vlan_filtering 1'
        printf '\nlink set up0 master br0\nlink set br0 up\n'
    } | ip -n "$1" -batch -
    [ "$filtering" = 0 ] || bridge -n "$1" vlan add dev up0 vid "$first_segment-$last_segment"
}

# Without VLAN filtering each segment is a bridge of its own, joined to its like on other hosts by a VXLAN tunnel.
fabric_segment_bridges() {
    local id
    for ((id = first_segment; id <= last_segment; id++)); do
        fabric_switch "seg$id"
        printf 'link add vx%d mtu 1500 type vxlan id %d group 239.77.0.1 dev mgmt0 dstport 4789\n' "$id" "$id"
        printf 'link set vx%d master seg%d up\n' "$id" "$id"
    done | ip -n "$1" -batch -
}

fabric_host() {
    local host=$1 ns
    ns=$(namespace "$host")
    ip netns add "$ns"
    ip -n "$ns" link set lo up
    fabric_cable "$ns" mgmt0 management "mgmt-$host"
    fabric_cable "$ns" up0 external "ext-$host"
    ip -n "$ns" address add "$(address "$host")/24" dev mgmt0
    fabric_host_bridge "$ns"
    [ "$segments" = vlan ] || fabric_segment_bridges "$ns"
}

fabric_up() {
    local host
    [ -z "$(ip -4 route show "$management.0/24")" ] || fail "the network $management.0/24 is already in use here"
    ip netns add "$(namespace s)"
    { fabric_switch management; fabric_switch external; } | ip -n "$(namespace s)" -batch -
    for host in "${hosts[@]}"; do fabric_host "$host"; done

    ip netns add "$(namespace p)"
    ip -n "$(namespace p)" link set lo up
    fabric_cable "$(namespace p)" up0 external ext-prober
    ip -n "$(namespace p)" address add "$external.254/24" dev up0

    ip link add "$root_link" mtu 1600 type veth peer name mgmt-root mtu 1600 netns "$(namespace s)"
    ip -n "$(namespace s)" link set mgmt-root master management up
    ip link set "$root_link" up
    ip address add "$management.254/24" dev "$root_link"
}

fabric_down() {
    local end
    for end in a b p s; do
        ip netns list | grep -q "^$(namespace "$end")\b" && ip netns delete "$(namespace "$end")"
    done
    # The far end went with its namespace; the near one is gone only once the kernel has cleaned up.
    ip link delete "$root_link" 2>/dev/null || true
}

# Up or down, both cables of one host, at the switches: what a pulled plug looks like from everywhere.
fabric_uplinks() {
    ip -n "$(namespace s)" link set "mgmt-$1" "$2"
    ip -n "$(namespace s)" link set "ext-$1" "$2"
}

# shellcheck shell=bash disable=SC2154
# The scenery of the demo on real hosts (sourced): two libvirt hosts and guest images on this machine.

where="two libvirt hosts"

scenery_up() {
    heading "Two libvirt hosts and guest images, on this machine"
    behind "QEMU, libvirt and tools are installed" .ci/packages all
    build
    behind "guest images are built (or taken from the cache)" tests/env/images.sh "$dir/images"
    behind "two libvirtd hosts are up" tests/env/hosts-up.sh "$dir"
    # shellcheck disable=SC1091
    . "$dir/env"
    # Where the kernel cannot filter VLANs, each segment is a bridge of its own, named by its number.
    case $SEGMENT_MODE in bridges) bridge="$SEGMENT_BRIDGE{vlan}" ;; *) bridge=$SEGMENT_BRIDGE ;; esac
    vlans=$SEGMENT_FIRST-$SEGMENT_LAST
    vim_type=libvirt uri_a=$HOST_A_URI uri_b=$HOST_B_URI
}

scenery_down() { [ ! -d "$dir/host-a" ] || tests/env/hosts-down.sh "$dir"; }

# On a terminal virsh starts an agent that asks polkit, which no host here runs: it gets none.
virsh() { setsid --wait virsh "$@"; }

uri_of() { case $1 in host-a) say "$HOST_A_URI" ;; host-b) say "$HOST_B_URI" ;; esac; }

# break_and_heal HOST VNFC VM: pulls the plug of the router's machine without telling Windlass, and heals the VNF.
break_and_heal() {
    tell "Somebody pulls the router's plug on $1, and does not tell Windlass:"
    run virsh -q -c "$(uri_of "$1")" destroy "$3"
    ! page > /dev/null 2>&1 || give_up "the client got a page without the router"
    say "${red}the client gets no page any more${plain}"
    tell "Windlass finds out which machine does not run, and makes it again, with the addresses that it had:"
    run windlass vnf heal "$service-router" --wait
}

# The page as the client gets it.
page() { windlass vnf exec "$service-client" client-0 -- timeout 5 wget -q -O - http://10.20.2.10/; }

# pages COUNT: asks COUNT times, and tells who answered how often.
pages() {
    typed windlass vnf exec "$service-client" client-0 -- wget -q -O - http://10.20.2.10/
    tell "($1 times:)"
    for _ in $(seq "$1"); do page || return 1; done | sort | uniq -c
}

# answered NAME: whether a page that NAME served arrives; servers take turns, so a few are asked for.
answered() {
    local page
    for _ in 1 2 3; do
        page=$(page) || return 1
        case $page in *"$1"*) say "$page" && return ;; esac
    done
    return 1
}

forwarded() {
    windlass vnf exec "$service-router" router-0 -- awk '/^Ip:/ && $7 ~ /^[0-9]+$/ { print $7 }' /proc/net/snmp
}

show_traffic() {
    local before
    tell "The client is in the access network, the web servers in the service network; the router joins them."
    eventually 60 page > "$log/page" || give_up "the client got no page" "$log/page"
    before=$(forwarded)
    run windlass vnf exec "$service-client" client-0 -- traceroute -n -q 1 -w 2 10.20.2.10
    run windlass vnf exec "$service-client" client-0 -- ping -c 3 10.20.2.10
    tell "64 at the balancer, 63 here: one router took its turn."
    pages 5 || give_up "the client got no page" "$log/windlass.log"
    say "${green}the router forwarded $(($(forwarded) - before)) packets meanwhile${plain}"
}

show_answer_of() {
    tell "Servers join the balancer by themselves; now and then one of $1 answers."
    eventually 60 answered "$1" || give_up "$1 did not answer" "$log/windlass.log"
}

show_empty() {
    local host
    tell "What libvirt itself says:"
    for host in host-a host-b; do
        run virsh -c "$(uri_of "$host")" list --all
        run virsh -c "$(uri_of "$host")" net-list --all
        [ -z "$(virsh -q -c "$(uri_of "$host")" list --all --name)" ] || give_up "a machine is left on $host"
    done
}

#!/usr/bin/env bash
# make demo: a network service of five VNFs, from packages to running machines and back.
#
# As root on Debian 12 it runs on two real libvirt hosts that it starts on this machine; elsewhere on the simulator.
# DEMO=sim asks for the simulator. It takes everything down again, however it ends.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/demo
# shellcheck source=stage.sh
. "$here/stage.sh"

service=shop
program=$PWD/target/debug/windlass

# Why the demo cannot use real hosts here; nothing when it can.
obstacle() {
    if [ "${DEMO:-}" = sim ]; then
        say "DEMO=sim asks for the simulator."
    elif [ "$(id -u)" -ne 0 ]; then
        say "Real hosts need root, so this runs on the simulator. (As root: two libvirt hosts, real machines.)"
    elif ! command -v apt-get > /dev/null || ! grep -qs 'VERSION_ID="12"' /etc/os-release; then
        say "This is not Debian 12, where the demo knows how to get libvirt, so it runs on the simulator."
    elif ! unshare --net true 2> /dev/null; then
        say "Network namespaces are not allowed here, so this runs on the simulator."
    fi
}

why=$(obstacle)
if [ -z "$why" ]; then
    # shellcheck source=real.sh
    . "$here/real.sh"
else
    # shellcheck source=sim.sh
    . "$here/sim.sh"
fi

overture() {
    say "${bold}Windlass: a network service from package to running machines, and back${plain}"
    [ -z "$why" ] || say "$why"
    tell "A client reads a page from web servers behind a router and a balancer: five VNFs, each a package of its own,
described in standard TOSCA. This demo builds Windlass, starts it on $where, deploys the service, looks into
its machines, scales it, breaks it, heals it, and removes it. Everything lives in a temporary folder and goes away."
}

# A debug build: it is done in a fraction of a release build's time, and nothing here waits for Windlass' own code.
build() {
    local begin=$EPOCHREALTIME
    if [ -t 2 ]; then cargo build --bin windlass; else cargo build --quiet --bin windlass; fi ||
        give_up "Windlass does not build"
    printf '   %s %s%s%s\n' "Windlass is built (a debug build: the quickest to make)" "$faint" "$(seconds "$begin")" "$plain"
}

is_up() { grep -qs 'is up at' "$log/windlass.log"; }

server_up() {
    local url
    heading "Windlass"
    tell "One program: NFVO, VNFM and their database. (It takes a free port here; its own is 9890.)"
    typed windlass up --data "$dir/data" --listen 127.0.0.1:0
    NO_COLOR=1 "$program" up --data "$dir/data" --listen 127.0.0.1:0 > "$log/windlass.log" 2>&1 < /dev/null &
    server=$!
    eventually 20 is_up > "$log/answer" || give_up "windlass up did not come up" "$log/windlass.log"
    url=$(grep -o 'is up at http[^ ]*' "$log/windlass.log" | head -n 1 | grep -o 'http.*')
    typed export "WINDLASS_SERVER=$url"
    export WINDLASS_SERVER=$url
}

hosts_known() {
    heading "A VIM with two hosts"
    run_briefly windlass vim register here --type "$vim_type"
    run_briefly windlass host add here host-a "$uri_a" --zone left --bridge "$bridge" --vlans "$vlans"
    run_briefly windlass host add here host-b "$uri_b" --zone right --bridge "$bridge" --vlans "$vlans"
    eventually 60 both_reachable > "$log/answer" || give_up "the hosts are not reachable" "$log/windlass.log"
    run windlass host list
}

both_reachable() { [ "$(windlass -o json host list | grep -c '"state": "REACHABLE"')" -eq 2 ]; }

packages_known() {
    local vnf files=()
    heading "Five VNF packages and the descriptor of the service"
    behind "packages are packed" descriptors/examples/pack.sh "$dir/packages" "$dir/images"
    for vnf in router balancer web monitor client; do files+=("$dir/packages/edge-web-$vnf.csar"); done
    run windlass package onboard "${files[@]}"
    run windlass nsd onboard "$dir/packages/edge-web-nsd.csar"
}

# rows: the machines of the service, see guests.py.
rows() {
    windlass -o json vnf list > "$dir/vnfs.json"
    windlass -o json host list > "$dir/hosts.json"
    python3 "$here/guests.py" "$dir/vnfs.json" "$dir/hosts.json"
}

boot_line() { windlass vnf console "$1" "$2" --lines 500 | tr -d '\r' | grep -o 'WINDLASS-GUEST READY.*' | tail -n 1; }

show_guests() {
    local vnf vnfc host vm addresses
    printf '%s%-11s %-7s %-21s %s%s\n' "$bold" COMPONENT HOST ADDRESSES "BOOT LINE ON ITS CONSOLE" "$plain"
    while IFS=$'\t' read -r vnf vnfc host vm addresses; do
        printf '%-11s %-7s %-21s %s\n' "$vnfc" "$host" "$addresses" "$(boot_line "$vnf" "$vnfc")"
    done < <(rows)
}

service_up() {
    heading "The service: networks first, then each VNF as soon as those run that it needs"
    run windlass ns up edge-web --name "$service"
    heading "Its machines"
    show_guests
}

scaled() {
    heading "More web servers, and fewer again"
    run windlass ns scale "$service" --vnf "$service-web" --aspect web --out --wait
    show_answer_of web-1
    run windlass ns scale "$service" --vnf "$service-web" --aspect web --in --wait
    run windlass vnf list
}

broken_and_healed() {
    local vnf vnfc host vm
    heading "A machine dies, and is healed"
    while IFS=$'\t' read -r vnf vnfc host vm _; do
        [ "$vnf" = "$service-router" ] || continue
        break_and_heal "$host" "$vnfc" "$vm"
    done < <(rows)
    show_traffic
}

service_down() {
    heading "The end: first those that need others, then those that were needed"
    run windlass ns down "$service"
    heading "What is left"
    run windlass audit
    show_empty
    server_down
    behind "Windlass and everything around it are taken down" scenery_down
}

stage_open
overture
scenery_up
server_up
hosts_known
packages_known
service_up
heading "Traffic, from one VNF through another to a third"
show_traffic
scaled
broken_and_healed
service_down
say ""
say "${green}Done in $(seconds "$started").${plain}"

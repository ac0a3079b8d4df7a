# shellcheck shell=bash disable=SC2034,SC2154
# The scenery of the demo without real hosts (sourced): a cloud in the memory of `windlass up`.

where="the simulator"

scenery_up() {
    heading "A simulated site, in the memory of Windlass"
    .ci/packages build > "$log/scenes.log" 2>&1 || give_up "Windlass cannot be built here" "$log/scenes.log"
    command -v python3 > /dev/null || give_up "python3 is missing; it packs the example packages"
    build
    # Simulated guests read their images, and do not mind what is in them.
    mkdir -p "$dir/images"
    for image in kernel initrd edge-guest.qcow2; do printf 'a simulated %s\n' "$image" > "$dir/images/$image"; done
    vim_type=sim uri_a=sim:demo uri_b=sim:demo/b bridge=br0 vlans=100-131
}

scenery_down() { :; }

# break_and_heal HOST VNFC VM: asks for the router's machine to be replaced.
break_and_heal() {
    tell "A simulated machine cannot be killed from outside of Windlass, so it is replaced while it runs:"
    run windlass vnf heal "$service-router" --vnfc "$2" --cause "the demo says so" --wait
}

show_traffic() {
    tell "Simulated guests know ping: it goes the way that real packets would, through the router and its networks."
    run windlass vnf exec "$service-client" client-0 -- ping -c 3 10.20.2.10
}

show_answer_of() { run windlass vnf exec "$service-web" "$1" -- hostname; }

show_empty() { :; }

# Configures the network from the seed's network-config (version 2: ethernets matched by MAC address or name).

# Turns flattened paths into rows "interface what value [via]", in the order in which they must be applied.
network_rows() {
    awk -f /lib/windlass/flatten.awk "$1" | awk '
        { at = index($0, "="); value = substr($0, at + 1); n = split(substr($0, 1, at - 1), p, "|"); s = p[1] == "network" ? 2 : 1 }
        p[s] != "ethernets" { next }
        { id = p[s + 1]; what = p[s + 2]; if (!(id in seen)) { seen[id]; ids[++count] = id } }
        what == "match"      { rows[id, 1] = rows[id, 1] id " match " value "\n" }
        what == "mtu"        { rows[id, 2] = rows[id, 2] id " mtu " value "\n" }
        what == "addresses"  { rows[id, 3] = rows[id, 3] id " address " value "\n" }
        what == "dhcp4" && value == "true" { rows[id, 3] = rows[id, 3] id " dhcp4 yes\n" }
        what == "gateway4"   { rows[id, 4] = rows[id, 4] id " route default " value "\n" }
        what == "routes"     { route[p[s + 4]] = value }
        what == "routes" && (p[s + 4] == "via" || p[s + 4] == "to") && ++halves[id, p[s + 3]] == 2 {
            rows[id, 4] = rows[id, 4] id " route " route["to"] " " route["via"] "\n"
        }
        what == "nameservers" && p[s + 3] == "addresses" { rows[id, 4] = rows[id, 4] id " dns " value "\n" }
        END { for (i = 1; i <= count; i++) { print ids[i], "begin"; for (k = 1; k <= 4; k++) printf "%s", rows[ids[i], k] } }'
}

# The device that has the MAC address; the MAC is compared in lower case, as the kernel writes it.
network_device() {
    wanted=$(echo "$1" | tr 'A-F' 'a-f')
    for device in /sys/class/net/*; do
        read -r mac < "$device/address"
        [ "$mac" = "$wanted" ] && echo "${device##*/}" && return
    done
}

# Applies one row; $device is the interface that the rows are about.
network_apply() {
    case $2 in
    begin) device=$1 up= ;;
    match) found=$(network_device "$3"); [ -n "$found" ] && device=$found ;;
    mtu) ip link set "$device" mtu "$3" ;;
    *)
        [ "$up" = "$device" ] || ip link set "$device" up
        up=$device
        case $2 in
        address) ip address add "$3" dev "$device" ;;
        route) ip route add "$3" via "$4" dev "$device" ;;
        dhcp4) udhcpc -i "$device" -b -q -s /lib/windlass/udhcpc.sh > /dev/null ;;
        dns) echo "nameserver $3" >> /etc/resolv.conf ;;
        esac
        ;;
    esac
}

if [ -s /run/seed/network-config ]; then
    network_rows /run/seed/network-config > /run/network.rows
    while read -r id what value via; do
        network_apply "$id" "$what" "$value" "$via"
    done < /run/network.rows
fi
for device in /sys/class/net/eth*; do
    [ -e "$device" ] && ip link set "${device##*/}" up
done
# A guest that came back on another host tells the bridges at once where it is now.
ip -o -4 address show | while read -r _ device _ address _; do
    [ "$device" = lo ] || arping -q -U -c 1 -I "$device" "${address%/*}" &
done

#!/bin/sh
# Applies what a DHCP server offered (called by udhcpc).
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip address replace "$ip/${mask:-24}" dev "$interface"
[ -n "$router" ] && ip route replace default via "${router%% *}" dev "$interface"
for server in $dns; do echo "nameserver $server" >> /etc/resolv.conf; done

# shellcheck shell=bash disable=SC2034,SC2154
# Writes the configuration of one host's libvirtd and QEMU driver (sourced).

config_libvirtd() {
    cat <<CONF
listen_tcp = 1
listen_tls = 1
listen_addr = "$(address "$1")"
auth_tcp = "none"
auth_tls = "none"
auth_unix_rw = "none"
unix_sock_dir = "/run/libvirt"
unix_sock_rw_perms = "0700"
key_file = "/etc/libvirt/pki/server.key"
cert_file = "/etc/libvirt/pki/server.crt"
ca_file = "/etc/libvirt/pki/ca.crt"
# Migration refuses two hosts with one identity, and these two share a mainboard.
host_uuid = "$(printf 'host-%s of %s' "$1" "$dir" | sha256sum | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/')"
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
max_clients = 200
CONF
}

config_qemu() {
    cat <<CONF
security_driver = "none"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
stdio_handler = "file"
namespaces = []
cgroup_controllers = [ "cpu", "cpuacct", "cpuset", "memory", "blkio" ]
memory_backing_dir = "$(shared_memory "$1")"
migration_address = "0.0.0.0"
migration_host = "$(address "$1")"
default_tls_x509_cert_dir = "/etc/libvirt/pki/qemu"
default_tls_x509_verify = 0
migrate_tls_x509_verify = 1
# Both hosts see this folder, so a disk in it need not be copied when its guest migrates.
shared_filesystems = [ "$dir/shared" ]
CONF
}

# Everything but the cache is new: the first look at QEMU's capabilities takes seconds, and its result stays true.
config_host() {
    local home
    home=$(home "$1")
    rm -rf "${home:?}"/{etc,var,run,log}
    mkdir -p "$home"/{etc/qemu/networks,var/qemu,var/images,run,log,cache} "$dir/shared" "$(shared_memory "$1")"
    config_libvirtd "$1" > "$home/etc/libvirtd.conf"
    config_qemu "$1" > "$home/etc/qemu.conf"
    cp -a /etc/libvirt/nwfilter "$home/etc/" 2>/dev/null || true
    printf '127.0.0.1 localhost\n%s host-a\n%s host-b\n' "$(address a)" "$(address b)" > "$home/etc/hosts"
    pki_install "$1"
}

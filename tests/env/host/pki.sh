# shellcheck shell=bash disable=SC2034,SC2154
# Certificates of one pair of hosts: one authority, one certificate per host, one for the orchestrator (sourced).

pki_certificate() {
    local name=$1 ip=$2
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=windlass/CN=$name" \
        -keyout "$name.key" -out "$name.csr" 2>/dev/null
    openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out "$name.crt" -extfile <(
        printf 'basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:%s,IP:%s\n' "$name" "$ip"
        printf 'keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n'
    ) 2>/dev/null
}

# libvirt's clients look for cacert.pem, clientcert.pem and clientkey.pem in the folder that `pkipath` names.
pki_make() (
    mkdir -p "$dir/pki/client"
    cd "$dir/pki" || exit
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=windlass-test-ca \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout ca.key -out ca.crt 2>/dev/null
    pki_certificate host-a "$(address a)"
    pki_certificate host-b "$(address b)"
    pki_certificate orchestrator "$management.254"
    cp ca.crt client/cacert.pem
    cp orchestrator.crt client/clientcert.pem
    cp orchestrator.key client/clientkey.pem
    touch complete
)

# One host's copy: libvirtd's server certificate, and QEMU's own folder for encrypted migration.
pki_install() {
    local host=$1 etc role
    etc=$(home "$host")/etc/pki
    mkdir -p "$etc/qemu"
    cp "$dir/pki/ca.crt" "$etc/ca.crt"
    cp "$dir/pki/host-$host.crt" "$etc/server.crt"
    cp "$dir/pki/host-$host.key" "$etc/server.key"
    cp "$dir/pki/ca.crt" "$etc/qemu/ca-cert.pem"
    for role in server client; do
        cp "$dir/pki/host-$host.crt" "$etc/qemu/$role-cert.pem"
        cp "$dir/pki/host-$host.key" "$etc/qemu/$role-key.pem"
    done
}

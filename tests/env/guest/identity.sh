# Takes the host name and the instance id from the seed's meta-data.
hostname edge
touch /run/seed/meta-data
awk -f /lib/windlass/flatten.awk /run/seed/meta-data > /run/meta-data.flat
while IFS='=' read -r key value; do
    case $key in
    local-hostname | hostname) hostname "$value" ;;
    instance-id) echo "$value" > /run/instance-id ;;
    esac
done < /run/meta-data.flat
echo "127.0.0.1 localhost $(hostname)" > /etc/hosts

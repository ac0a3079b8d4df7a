# Runs the seed's user-data when it is a script. READY waits for it, but not for ever: a script may be a server.
case "$(head -c 2 /run/seed/user-data 2>/dev/null)" in
'#!')
    cp /run/seed/user-data /run/user-script && chmod 755 /run/user-script
    (cd / && /run/user-script > /dev/console 2>&1 < /dev/null; echo "$?" > /run/user-script.status) &
    tenths=100
    while [ "$tenths" -gt 0 ] && [ ! -e /run/user-script.status ]; do
        usleep 100000
        tenths=$((tenths - 1))
    done
    ;;
esac

# shellcheck shell=bash
# How the demo looks and how it ends (sourced): headings, commands as a user would type them, and the curtain.
#
# Everything that the demo makes is in $dir; what is told about work behind the scenes is in $dir/log.

plain='' bold='' faint='' green='' red=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    plain=$'\e[0m' bold=$'\e[1m' faint=$'\e[2m' green=$'\e[32m' red=$'\e[31m'
fi

say() { printf '%s\n' "$*"; }
tell() { printf '%s%s%s\n' "$faint" "$*" "$plain"; }

# seconds SINCE: how long ago that was, as `7.3 s` or `2 min 10 s`.
seconds() {
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN {
        s = to - from
        if (s < 60) printf "%.1f s", s; else printf "%d min %d s", s / 60, s % 60
    }'
}

act=0
heading() {
    act=$((act + 1))
    printf '\n%s%d. %s%s %s(%s)%s\n' "$bold" "$act" "$*" "$plain" "$faint" "$(seconds "$started")" "$plain"
}

# behind WHAT COMMAND...: work that only its duration is told of; it writes to the log.
behind() {
    local what=$1 begin=$EPOCHREALTIME
    shift
    "$@" >> "$log/scenes.log" 2>&1 || give_up "$what: this did not work" "$log/scenes.log"
    printf '   %s %s%s%s\n' "$what" "$faint" "$(seconds "$begin")" "$plain"
}

# typed COMMAND...: what a user would type, with quotes where a shell wants them.
typed() {
    local word line=
    for word; do
        case $word in *[!A-Za-z0-9_./:=@%+,-]*) line+=" '$word'" ;; *) line+=" $word" ;; esac
    done
    printf '%s$%s%s\n' "$bold" "$line" "$plain"
}

# run COMMAND...: types a command and runs it.
run() {
    typed "$@"
    "$@" || give_up "this did not work: $*" "$log/windlass.log"
}

# run_briefly COMMAND...: the same, without what it prints.
run_briefly() {
    typed "$@"
    "$@" > "$log/answer" || give_up "this did not work: $*" "$log/windlass.log"
}

windlass() { "$program" "$@"; }

# eventually SECONDS COMMAND...: until the command succeeds; its last output is printed, whatever it is.
eventually() {
    local end=$((SECONDS + $1)) output
    shift
    until output=$("$@" 2>&1); do
        if [ "$SECONDS" -ge "$end" ]; then
            say "$output"
            return 1
        fi
        sleep 0.5
    done
    say "$output"
}

give_up() {
    printf '\n%s%s%s\n' "$red" "$1" "$plain" >&2
    if [ -s "${2:-}" ]; then
        printf 'the end of %s:\n' "${2##*/}" >&2
        tail -n 25 "$2" | sed 's/^/   /' >&2
    fi
    exit 1
}

stage_open() {
    started=$EPOCHREALTIME
    dir=$(mktemp -d "${TMPDIR:-/tmp}/windlass-demo.XXXXXX")
    log=$dir/log
    mkdir "$log"
    server=
    trap curtain EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

server_down() {
    [ -n "$server" ] || return 0
    kill "$server" 2> /dev/null || true
    # It puts down its work within seconds; the log tells what it was.
    for _ in $(seq 100); do
        kill -0 "$server" 2> /dev/null || break
        sleep 0.1
    done
    kill -KILL "$server" 2> /dev/null || true
    wait "$server" 2> /dev/null || true
    server=
}

# Takes everything down, however the demo ends. Only the logs stay, and only when they are wanted.
curtain() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    server_down
    scenery_down >> "$log/scenes.log" 2>&1 || status=1
    if [ "$status" -eq 0 ]; then
        rm -rf "$dir"
    else
        find "$dir" -mindepth 1 -maxdepth 1 ! -name log -exec rm -rf {} +
        printf '\n%severything is taken down; the logs are in %s%s\n' "$faint" "$log" "$plain" >&2
    fi
    exit "$status"
}

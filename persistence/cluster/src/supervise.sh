# Runs a PostgreSQL server for as long as somebody holds the writing end of the FIFO on standard input.
# Arguments: the signal that stops the server, the seconds to linger after the last owner has gone, the FIFO's path,
# a directory to remove in the end (or nothing), and the server's command line.
signal=$1 linger=$2 alive=$3 leftover=$4
shift 4
# A service manager may send these to all processes of a service at once; what counts is that the owners are gone.
trap '' HUP INT TERM
exec 3<&0 </dev/null

"$@" 3<&- &
server=$!

(
    # `read` fails when nobody holds the FIFO any more. Who joins writes a line, so that one who joins during the
    # lingering is seen.
    while
        while read -r line; do :; done
        sleep "$linger"
        read -r line
    do :; done
    # From here on nobody can join; who did in the last moment is still waited for.
    rm -f "$alive" 2>/dev/null
    while read -r line; do :; done
    kill -s "$signal" "$server"
) <&3 &
watcher=$!
exec 3<&-

wait "$server"
status=$?
kill -s KILL "$watcher" 2>/dev/null
[ -z "$leftover" ] || rm -rf "$leftover"
exit "$status"

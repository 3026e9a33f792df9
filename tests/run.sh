#!/usr/bin/env bash
# Run every test of the workspace, on both stacks, with throw-away PostgreSQL and Redis servers.
#
#   ./tests/run.sh                     everything
#   ./tests/run.sh production          what runs on PostgreSQL and Redis
#   ./tests/run.sh -p api colour       any filter or option of `cargo nextest run`
#
# Servers that are missing are installed from the Debian or Ubuntu distribution, with apt-get. They
# run on the loopback interface alone, as an ordinary user, in a folder that is removed at the end.
# The SDKs that judge the mocked platforms come from PyPI and npm, once, into target/sdk/.
# Several runs at a time do not meet.
set -euo pipefail

say() { printf 'tests/run.sh: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# ---- what must be installed ----------------------------------------------------------------------

# The newest PostgreSQL here. Debian keeps the server's programs out of the PATH.
find_postgres() {
    local folder elsewhere
    elsewhere=$(command -v initdb || true)
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "${elsewhere%/*}"; do
        if [[ -x $folder/initdb && -x $folder/postgres && -x $folder/pg_ctl ]]; then
            printf '%s\n' "$folder"
            return
        fi
    done
    return 1
}

find_redis() { command -v redis-server && command -v redis-cli >/dev/null; }

# A Python that can make environments; Debian keeps that part in a package of its own.
find_python() {
    python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

find_node() {
    command -v npm >/dev/null &&
        node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "installing needs root or sudo; install these packages yourself: ${missing[*]}"
    fi
}

install_missing() {
    local missing=()
    find_postgres >/dev/null || missing+=(postgresql)
    find_redis >/dev/null || missing+=(redis-server)
    find_python || missing+=(python3-venv)
    find_node || missing+=(nodejs npm)
    ((${#missing[@]})) || return 0

    command -v apt-get >/dev/null ||
        die "no apt-get here; install these yourself, then run this again: ${missing[*]}"
    say "installing ${missing[*]} from the distribution"
    # The tests start a cluster of their own; the package need not.
    local no_cluster=/etc/postgresql-common/createcluster.conf is_ours= status=0
    if [[ ! -e $no_cluster ]]; then
        as_root mkdir -p "${no_cluster%/*}"
        as_root sh -c "echo 'create_main_cluster = false' >$no_cluster"
        is_ours=1
    fi
    { update_lists && install_packages "${missing[@]}"; } || status=$?
    [[ -z $is_ours ]] || as_root rm -f "$no_cluster"
    ((status == 0)) || die "installing ${missing[*]} failed; see above"
}

# Mirrors are out of reach for a moment now and then, and other runs hold the lock.
update_lists() {
    local attempt
    for attempt in {1..5}; do
        as_root apt-get -qq update >&2 && return
        say "apt-get update failed (attempt $attempt of 5)"
        sleep $((2 * attempt))
    done
    return 1
}

install_packages() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 install "$@" >&2
}

command -v cargo >/dev/null || die "cargo is missing; see https://rustup.rs"
cargo nextest --version >/dev/null 2>&1 ||
    die "cargo-nextest is missing: cargo install --locked cargo-nextest"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sdks=$(cd "$root" && realpath -m "${CARGO_TARGET_DIR:-target}")/sdk
sdk=

# Have what tests/sdk pins in $sdk, a folder that is named after the pins, for as long as this run
# lasts. Folders of other pins go, unless another run uses them.
provide_sdks() {
    local pinned=$root/tests/sdk digest status=0 turn
    if ! { find_python && find_node; }; then
        say "Python 3.10 with venv, Node 18 and npm, or newer, are not to be had here"
        return 1
    fi
    digest=$({
        printf '%s\n' "$sdks" "$(python3 -VV)" "$(node --version)"
        cat "$pinned"/python/{requirements,apart}.txt "$pinned"/node/package-lock.json
    } | sha256sum)
    sdk=$sdks/${digest:0:16}
    mkdir -p "$sdks"
    exec {turn}>"$sdks/lock"
    flock "$turn"
    [[ -e $sdk/complete ]] || install_sdks "$pinned" || status=$?
    # Until the end of this run, and of all that it started.
    exec {in_use}>"$sdk.in-use"
    flock --shared "$in_use"
    remove_unused_sdks
    exec {turn}>&-
    return "$status"
}

remove_unused_sdks() {
    local mark held
    for mark in "$sdks"/*.in-use; do
        [[ $mark != "$sdk.in-use" ]] || continue
        exec {held}>"$mark"
        if flock --nonblock "$held"; then
            rm -rf "${mark%.in-use}" "$mark"
        fi
        exec {held}>&-
    done
}

install_sdks() { # pinned
    local pinned=$1
    say "installing SDKs from PyPI and npm into $sdk"
    rm -rf "$sdk"
    mkdir -p "$sdk/node"
    cp "$pinned"/node/package{,-lock}.json "$sdk/node"
    {
        python3 -m venv "$sdk/python" &&
            install_wheels -r "$pinned/python/requirements.txt" &&
            install_wheels -r "$pinned/python/apart.txt" --no-deps --target "$sdk/python-apart" &&
            (cd "$sdk/node" && npm ci --ignore-scripts --no-audit --no-fund)
    } >"$sdk/log" 2>&1 || {
        cat "$sdk/log" >&2
        return 1
    }
    touch "$sdk/complete"
}

install_wheels() {
    "$sdk/python/bin/python" -m pip install --quiet --no-input --no-compile \
        --disable-pip-version-check --no-warn-script-location --require-hashes "$@"
}

# Runs that start together install once.
exec {turn}<"${BASH_SOURCE[0]}"
flock "$turn"
install_missing
if provide_sdks; then
    export TEST_SDK="$sdk"
else
    say "the SDKs could not be installed, so the tests that need them will fail"
fi
exec {turn}<&-

pg_bin=$(find_postgres) || die "PostgreSQL's initdb, postgres and pg_ctl are not found"
redis_server=$(find_redis) || die "redis-server and redis-cli are not found"

# ---- a place to run, and its end -----------------------------------------------------------------

place=$(mktemp -d /tmp/tongxing-tests.XXXXXXXX)
servers=$place/servers
mkdir "$servers" "$place/tmp"
redis_pids=()
runner=

# PostgreSQL refuses to run as root.
service=()
if ((EUID == 0)); then
    service=(setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups --)
    chmod 711 "$place"
    chown nobody "$servers"
fi

clean_up() {
    trap '' INT TERM
    if [[ -n $runner ]] && kill -TERM "$runner" 2>/dev/null; then
        wait "$runner" || true
    fi
    if [[ -e $servers/pg/postmaster.pid ]]; then
        "${service[@]}" "$pg_bin/pg_ctl" -D "$servers/pg" -m immediate -w stop >/dev/null 2>&1 || true
    fi
    if ((${#redis_pids[@]})); then
        kill -KILL "${redis_pids[@]}" 2>/dev/null || true
        wait "${redis_pids[@]}" 2>/dev/null || true
    fi
    rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- servers -------------------------------------------------------------------------------------

# A port that nothing listens on, below those that the kernel gives to clients. Another process may
# be quicker to take it: whoever starts a server there tries again.
free_port() { # lowest highest
    local port
    while port=$(shuf -n 1 -i "$1-$2"); do
        if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return
        fi
    done
}

start_postgres() {
    local password attempt
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && printf '%s\n' "$password" >"$servers/password")
    ((EUID != 0)) || chown nobody "$servers/password"
    # Not scram: its thousand rounds are most of a test's time in a debug build.
    "${service[@]}" "$pg_bin/initdb" -D "$servers/pg" -U postgres -A password \
        --pwfile="$servers/password" -E UTF8 --locale=C.UTF-8 --no-sync \
        >"$servers/initdb.log" 2>&1 || {
        cat "$servers/initdb.log" >&2
        die "initdb failed"
    }
    for attempt in {1..20}; do
        pg_port=$(free_port 20001 32767)
        if "${service[@]}" "$pg_bin/pg_ctl" -D "$servers/pg" -l "$servers/pg.log" -w -t 60 start \
            -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
                -c max_connections=200 -c fsync=off -c synchronous_commit=off \
                -c full_page_writes=off -c max_wal_size=4GB" >/dev/null 2>&1; then
            export TEST_PG_URL="postgres://postgres:$password@127.0.0.1:$pg_port/postgres"
            return
        fi
    done
    cat "$servers/pg.log" >&2
    die "PostgreSQL did not start"
}

# Start a Redis and wait until it is this one that answers, not another run's on the same port.
start_redis() { # name lowest-port highest-port options…
    local name=$1 lowest=$2 highest=$3 attempt pid
    shift 3
    "${service[@]}" mkdir "$servers/$name"
    for attempt in {1..20}; do
        redis_port=$(free_port "$lowest" "$highest")
        "${service[@]}" "$redis_server" --port "$redis_port" --bind 127.0.0.1 --daemonize no \
            --dir "$servers/$name" --save '' --appendonly no "$@" \
            </dev/null >"$servers/$name.log" 2>&1 &
        pid=$!
        while kill -0 "$pid" 2>/dev/null; do
            if redis-cli -h 127.0.0.1 -p "$redis_port" info server 2>/dev/null |
                tr -d '\r' | grep -qx "process_id:$pid"; then
                redis_pids+=("$pid")
                return
            fi
            sleep 0.05
        done
    done
    cat "$servers/$name.log" >&2
    die "Redis ($name) did not start"
}

# A node listens on its port and on the one ten thousand above.
start_redis_cluster() {
    start_redis cluster 10000 20000 --cluster-enabled yes --cluster-announce-ip 127.0.0.1
    # shellcheck disable=SC2046 # one argument per slot
    redis-cli -p "$redis_port" cluster addslots $(seq 0 16383) >/dev/null
    until redis-cli -p "$redis_port" cluster info | grep -q '^cluster_state:ok'; do
        sleep 0.05
    done
}

start_postgres
start_redis single 20001 32767
export TEST_REDIS_URL="redis://127.0.0.1:$redis_port/"
start_redis_cluster
export TEST_REDIS_CLUSTER_URL="redis://127.0.0.1:$redis_port/"
TEST_RUN_ID=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
export TEST_RUN_ID TMPDIR="$place/tmp"

# ---- tests ---------------------------------------------------------------------------------------

cd "$root"
# In the background, so that a signal to this script is heard at once.
cargo nextest run --workspace "$@" <&0 &
runner=$!
status=0
wait "$runner" || status=$?
runner=
exit "$status"

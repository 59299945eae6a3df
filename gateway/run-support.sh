# Shell functions for the scripts that build and run our programs (gateway/demo.sh, tests/run.sh,
# tests/bench/run.sh); source it, with `set -euo pipefail`.
#
# start_program keeps a PID file in $run_folder for every program; stop_program ends exactly that
# process, after a look at whether it still is ours.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# A second clone, or a second build folder, finds what the first one compiled.
export CCACHE_BASEDIR="$repository" CCACHE_NOHASHDIR=1

say() {
    note_time
    timing="$*"
    printf '\n== %s\n' "$*"
}
# How long the steps took: `timings` prints one line a step, the longest first.
timing="" timing_since=$SECONDS times=""
note_time() {
    [ -z "$timing" ] || times+="$(printf '%5d s  %s' $((SECONDS - timing_since)) "$timing")"$'\n'
    timing_since=$SECONDS
}
timings() {
    note_time
    timing=""
    printf '\n== 所要時間 / Where the time went (%d s)\n' "$SECONDS"
    sort -rn <<<"$times" | sed '/^$/d' | head -n 8
}
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# configure_and_build PRESET [TARGET...]: into build/PRESET, progress as ninja shows it.
configure_and_build() {
    local preset="$1"; shift
    local log="$repository/build/$preset-configure.log"
    mkdir -p "$repository/build"
    if ! (cd "$repository" && cmake --preset "$preset" >"$log" 2>&1); then
        cat "$log" >&2
        fail "configuring the preset '$preset' failed"
    fi
    ninja -C "$repository/build/$preset" -j "$(nproc)" "$@"
}

# The preferred port, or the next one that nobody listens on.
free_port() {
    local port="$1"
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        port=$((port + 1))
    done
    echo "$port"
}

# start_program NAME LOG COMMAND...: in the background, in a session of its own.
start_program() {
    local name="$1" log="$2"; shift 2
    mkdir -p "$run_folder"
    setsid "$@" </dev/null >>"$log" 2>&1 &
    echo $! >"$run_folder/$name.pid"
    for _ in $(seq 50); do  # until the new process has become the program
        ! program_runs "$name" && kill -0 "$!" 2>/dev/null || return 0
        sleep 0.02
    done
}

pid_of() { cat "$run_folder/$1.pid"; }

# Whether the process of that PID file runs, and is a program of this build or the one named.
program_runs() {
    local file="$run_folder/$1.pid" program
    [ -f "$file" ] && program="$(readlink "/proc/$(cat "$file")/exe" 2>/dev/null)" || return 1
    case "$program" in
        "$repository"/build/*|*/nginx) return 0 ;;
        *) return 1 ;;
    esac
}

stop_program() {
    local name="$1" pid
    if program_runs "$name"; then
        pid="$(pid_of "$name")"
        kill -TERM "$pid" 2>/dev/null || true
        for _ in $(seq 150); do
            program_runs "$name" || break
            sleep 0.1
        done
        if program_runs "$name"; then
            echo "   $name did not stop within 15 s; killed" >&2
            kill -KILL "$pid" 2>/dev/null || true
        fi
    fi
    rm -f "$run_folder/$name.pid"
}

stop_programs() {
    local file
    for file in "$run_folder"/*.pid; do
        [ -f "$file" ] && stop_program "$(basename "$file" .pid)"
    done
    return 0
}

# wait_until_ready NAME LOG URL: until the URL answers 200; at most 30 s, and not if NAME has ended.
wait_until_ready() {
    local name="$1" log="$2" url="$3"
    for _ in $(seq 300); do
        if curl --silent --fail --max-time 2 --output /dev/null "$url"; then
            return 0
        fi
        kill -0 "$(pid_of "$name")" 2>/dev/null || { tail -n 20 "$log" >&2; fail "$name ended at once, see $log"; }
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    fail "$name was not ready within 30 s, see $log"
}

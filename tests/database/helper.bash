# For the tests that need a PostgreSQL server: each file has one of its own, in a folder that goes with it.
bats_require_minimum_version 1.5.0

tests=$BATS_TEST_DIRNAME/..
PATH=$(dirname "$DREHBUCH"):$PATH
export PATH

# Starts the file's server; call in setup_file. Arguments as of tests/server start.
start_server() {
    export PLACE
    PLACE=$(mktemp -d /tmp/drehbuch-test-XXXXXX)
    chmod 755 "$PLACE"
    "$tests/server" start "$PLACE/pg" --no-fsync "$@"
}

remove_server() {
    "$tests/server" remove "$PLACE/pg"
    rm -rf "$PLACE"
}

url() {
    "$tests/server" url "$PLACE/pg" "$1"
}

# query DATABASE SQL
query() {
    psql -XqAt -v ON_ERROR_STOP=1 -d "$(url "$1")" -c "$2"
}

# The small database of the demo, under another name.
make_small_database() {
    query postgres "CREATE DATABASE \"$1\"" &&
        psql -Xq -v ON_ERROR_STOP=1 -d "$(url "$1")" -f "$tests/../plans/acme/demo-database.sql"
}

# Every test works in an empty folder, with working databases named after it.
enter_folder() {
    cd "$BATS_TEST_TMPDIR" || return 1
    WORK=work_${BATS_TEST_NUMBER:-0}_$$
    export WORK
}

# write_plan: the plan's variable part is standard input; decisions for all modules are there.
write_plan() {
    {
        cat <<'PLAN'
version: 1
customer: acme
title: A test
upgrade: { from: "18.0", to: "18.0", with: none }
neutralize: false
reset: { assets: false }
modules: { acme_delivery_note: keep, auth_api_key: keep, auth_api_key_group: keep, database_cleanup: keep,
  developer_menu: keep, jsonifier: keep, onchange_helper: keep, partner_firstname: keep, partner_pricelist_search: keep,
  partner_ref_unique: keep, partner_tz: keep, queue_job: keep, queue_job_cron: keep, web_environment_ribbon: keep,
  web_notify: keep }
PLAN
        cat
    } >"${1:-plan.yaml}"
    drehbuch compile "${1:-plan.yaml}" -o "$(basename "${1:-plan.yaml}" .yaml).json" >compiled.txt 2>&1 ||
        { cat compiled.txt && false; }
}

# write_environment NAME MODE [LINE]...: into NAME.yaml, from the database `source` to $WORK.
write_environment() {
    local name=$1 mode=$2
    shift 2
    cat >"$name.yaml" <<ENVIRONMENT
version: 1
environment: $name
mode: $mode
source: { database: "$(url source)" }
work: { database: "$(url "$WORK")" }
backup: false
ENVIRONMENT
    printf '%s\n' "$@" >>"$name.yaml"
}

# Whether the latest run has begun this step.
begun() {
    grep -q "\"event\":\"step-started\".*\"step\":\"$1\"" runs/latest/journal.jsonl
}

# Demands that the text is part of what the last `run` printed.
says() {
    [[ $output == *"$1"* ]] || { printf 'missing: %s\nin:\n%s\n' "$1" "$output" && false; }
}

says_not() {
    [[ $output != *"$1"* ]] || { printf 'not wanted: %s\nin:\n%s\n' "$1" "$output" && false; }
}

# ends_with CODE COMMAND...
ends_with() {
    local code=$1
    shift
    run "$@"
    [ "$status" -eq "$code" ] || { printf 'exit code %s, wanted %s:\n%s\n' "$status" "$code" "$output" && false; }
}

# Kills without a trace what the test may have left behind.
end_children() {
    jobs -p | xargs -r kill -KILL 2>/dev/null || true
}

# session_is CONDITION: on pg_stat_activity; whether another session is as it says.
session_is() {
    [ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ($1)")" -ge 1 ]
}

# end_sessions CONDITION: the same; ends them.
end_sessions() {
    query postgres "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ($1)" >/dev/null
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $((tries--)) -gt 0 ] || { echo "waited in vain for: $*" && return 1; }
        sleep 0.05
    done
}

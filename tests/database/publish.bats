#!/usr/bin/env bats
# Publishing: the names change all together or not at all, the service stops and starts with them, and the way
# back is there, by itself where something fails and by `drehbuch rollback` later.

load helper

setup_file() {
    start_server
    make_small_database source
}

teardown_file() {
    remove_server
}

# The live system is a database of each test's own, and its service a pair of scripts that write down
# whether it runs and on what.
setup() {
    enter_folder
    LIVE=live_$BATS_TEST_NUMBER
    query postgres "CREATE DATABASE \"$LIVE\" TEMPLATE source"
    cat >stop <<SCRIPT
#!/bin/sh
[ ! -e stop-fails ] || { echo 'the service hangs' >&2; exit 1; }
echo stopped >"$PWD/service"
SCRIPT
    cat >start <<SCRIPT
#!/bin/sh
[ ! -e start-fails ] || { echo 'port in use' >&2; exit 1; }
psql -XAtq -d "$(url "$LIVE")" -c "SELECT 'running on ' || (SELECT coalesce(max(ref), '-') FROM res_partner WHERE is_company)" >"$PWD/service"
SCRIPT
    chmod +x stop start
    ./start
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" }] }
PLAN
    environment
}

teardown() {
    end_children
}

# environment [LINE]...: production, publishing to the live database it copies.
environment() {
    cat >live.yaml <<ENVIRONMENT
version: 1
environment: live
mode: production
source: { database: "$(url "$LIVE")" }
work: { database: "$(url "$WORK")" }
publish:
  database: $LIVE
  replaced: $LIVE-old
  service: { stop: [$PWD/stop], start: [$PWD/start] }
backup: false
ENVIRONMENT
    printf '%s\n' "$@" >>live.yaml
}

perform() {
    drehbuch run plan.json -e live.yaml --unapproved 'a test'
}

# The databases of this test, in order.
databases() {
    query postgres "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname ~ '^($LIVE|$WORK)(\$|[-.])'"
}

mark_of() {
    query "$1" "SELECT coalesce(max(ref), '-') FROM res_partner WHERE is_company"
}

# Demands that everything is as it was before the run but for the working database.
everything_is_as_before() {
    [ "$(databases)" = "$LIVE $WORK" ]
    [ "$(mark_of "$LIVE")" != new ]
    [ "$(mark_of "$WORK")" = new ]
    [[ $(cat service) == "running on "* ]]
    [[ $(cat service) != *new ]]
}

@test "the result gets the live name, the live database keeps another, and the service runs on the result" {
    ends_with 0 perform
    says "database $LIVE, published"
    says 'drehbuch rollback'
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(mark_of "$LIVE")" = new ]
    [ "$(mark_of "$LIVE-old")" != new ]
    [ "$(cat service)" = 'running on new' ]
    # The service stood still before the copy was made.
    [ "$(jq -r 'select(.event == "step-ended" and .result == "done") | .step' runs/latest/journal.jsonl |
        grep -n -e prepare/stop -e prepare/copy-database | cut -d: -f2 | paste -sd' ')" = 'prepare/stop prepare/copy-database' ]
    # Each move is written down with its reverse, before it is made.
    jq -es 'map(select(.event == "move" and .step == "publish/rename-database")) | length == 1 and
        all((.move | test("RENAME TO")) and (.reverse | test("RENAME TO")))' runs/latest/journal.jsonl
    # The result is looked at under its new name.
    [ "$(jq -r .work.database runs/latest/run.json)" = "$LIVE" ]
    drehbuch verify runs/latest
}

@test "rollback takes a publishing back, once" {
    perform
    ends_with 0 drehbuch rollback runs/latest
    says 'taken back publish/rename-database'
    says 'is given up'
    everything_is_as_before
    # The record that may have been approved stays what it was.
    drehbuch verify runs/latest
    ends_with 0 drehbuch rollback runs/latest
    says 'there is nothing to take back'
    everything_is_as_before
    ends_with 4 drehbuch resume runs/latest
    says 'this run was given up'
    ends_with 0 drehbuch status runs/latest
    says 'taken back: everything has the names it had before'
}

@test "a service that does not start again: everything is put back, and said" {
    # It starts on the old database only.
    sed -i "2a psql -XAtq -d '$(url "$LIVE")' -c 'SELECT max(ref) FROM res_partner' | grep -q new \&\& { echo 'does not fit' >\&2; exit 1; }" start
    ends_with 1 perform
    says 'FAILED publish/start'
    says 'does not fit'
    says 'taken back publish/rename-database'
    says 'taken back prepare/stop'
    says 'put back: everything has the names it had before'
    everything_is_as_before
    [ "$(jq -r .put_back runs/latest/run.json)" = true ]
    # People have worked on since: what they did must not be replaced by the old copy.
    ends_with 4 drehbuch resume runs/latest
    says 'people may have worked on the live database since'
}

@test "a smoke check that fails puts everything back" {
    python3 "$tests/database/http_server.py" "$PWD/port" 3>&- &
    wait_for 10 test -s port
    write_plan <<PLAN
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" }] }
checks: [{ id: smoke, http: { url: "http://127.0.0.1:$(cat port)/", status: 418 } }]
PLAN
    ends_with 1 perform
    says 'FAILED publish/check/smoke'
    says 'taken back publish/start'
    everything_is_as_before
}

@test "a service that cannot be stopped: nothing was changed" {
    touch stop-fails
    ends_with 1 perform
    says 'the service hangs'
    [ "$(databases)" = "$LIVE" ]
}

@test "who is connected is sent away, and may not come back before the names have changed" {
    (while :; do psql -XAtqd "$(url "$LIVE")" -c 'SELECT pg_sleep(100)' || sleep 0.02; done >/dev/null 2>&1 3>&-) &
    wait_for 10 eval "[ \"\$(query postgres \"SELECT count(*) FROM pg_stat_activity WHERE datname = '$LIVE'\")\" -gt 0 ]"
    ends_with 0 perform
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(mark_of "$LIVE")" = new ]
}

@test "a session that the role may not end is named, and everything is put back" {
    psql -XAtq -d "$(url "$LIVE")&user=postgres" -c 'SELECT pg_sleep(100)' >/dev/null 2>&1 3>&- &
    wait_for 10 eval "[ \"\$(query postgres \"SELECT count(*) FROM pg_stat_activity WHERE datname = '$LIVE' AND usename = 'postgres'\")\" -gt 0 ]"
    ends_with 1 perform
    says 'role postgres'
    says "stays connected to the database \"$LIVE\""
    everything_is_as_before
    query "$LIVE" 'SELECT 1' # it takes connections again
}

@test "a name for the replaced database that is taken is found out before anything is changed" {
    query postgres "CREATE DATABASE \"$LIVE-old\" TEMPLATE template0"
    ends_with 1 perform
    says "the name \"$LIVE-old\" for the database that is replaced is taken"
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [[ $(cat service) == "running on "* ]]
}

@test "a rehearsal never takes the place of its source" {
    sed -i 's/^mode: production/mode: test/' live.yaml
    ends_with 3 drehbuch run plan.json -e live.yaml
    says 'a rehearsal would take the place of the source'
    [ "$(databases)" = "$LIVE" ]
}

@test "rehearsals publish again and again; what they replace is theirs" {
    sed -i "s/^mode: production/mode: test/; s/database: $LIVE$/database: $LIVE-try/; s/replaced: .*/replaced: $LIVE-before/" live.yaml
    for _ in 1 2 3 4; do
        ends_with 0 drehbuch run plan.json -e live.yaml
        says "database $LIVE-try, published"
    done
    [ "$(databases)" = "$LIVE $LIVE-before $LIVE-try" ]
    # The live database was read only; its service never stopped.
    [ "$(jq -r '.steps[] | select(.id == "prepare/stop") | .result' runs/latest/run.json)" = skipped ]
}

@test "what could not be put back is said, and rollback goes on with it" {
    sed -i "2a psql -XAtq -d '$(url "$LIVE")' -c 'SELECT max(ref) FROM res_partner' | grep -q new \&\& touch '$PWD/stop-fails' \&\& exit 1" start
    ends_with 1 perform
    says 'NOT put back'
    says 'publish/start could not be taken back'
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    ends_with 1 drehbuch rollback runs/latest
    says 'the service hangs'
    ends_with 4 drehbuch resume runs/latest
    says 'somebody has begun to give this run up'
    rm stop-fails
    ends_with 0 drehbuch rollback runs/latest
    everything_is_as_before
}

@test "a production run that stopped before it published is given up: the service runs again" {
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" }, { id: wrong, sql: "SELECT no_such_column" }] }
PLAN
    ends_with 1 perform
    says 'stopped, since before the copy'
    says 'drehbuch rollback'
    [ "$(cat service)" = stopped ]
    ends_with 0 drehbuch rollback runs/latest
    says 'taken back prepare/stop'
    everything_is_as_before
}

@test "what somebody has entered into the source since it was copied is not lost" {
    write_plan <<PLAN
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" },
  { id: somebody, command: [psql, -XAtqd, '$(url "$LIVE")', -c, "UPDATE res_partner SET name = 'late' WHERE id = 1"], nature: repeatable }] }
PLAN
    ends_with 4 perform
    says 'the source has changed since it was copied'
    [ "$(databases)" = "$LIVE $WORK" ]
    [ "$(cat service)" = stopped ]
    ends_with 4 drehbuch resume runs/latest
    ends_with 0 drehbuch resume runs/latest --changed-source 'only a name'
    says 'going on: only a name'
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(query "$LIVE-old" 'SELECT name FROM res_partner WHERE id = 1')" = late ]
}

@test "what is entered in the moment before the source is closed is not lost either" {
    local pid code=0
    # Somebody holds the live database's entry, so that it cannot be closed yet.
    psql -XAtq -d "$(url postgres)" -c "BEGIN" -c "ALTER DATABASE \"$LIVE\" CONNECTION LIMIT 50" -c "SELECT pg_sleep(60)" >/dev/null 2>&1 3>&- &
    wait_for 10 session_is "query LIKE 'SELECT pg_sleep(60)' AND state = 'active'"
    perform >run.txt 2>&1 3>&- &
    pid=$!
    wait_for 30 session_is "query LIKE '%ALLOW_CONNECTIONS%' AND wait_event_type = 'Lock'"
    query "$LIVE" "UPDATE res_partner SET name = 'late' WHERE id = 1"
    end_sessions "query LIKE 'SELECT pg_sleep(60)'"
    wait "$pid" || code=$?
    cat run.txt
    [ "$code" -eq 4 ]
    grep -q 'the source was changed in the last moment before it was closed' run.txt
    [ "$(databases)" = "$LIVE $WORK" ]
    [ "$(query "$LIVE" 'SELECT name FROM res_partner WHERE id = 1')" = late ]
    [[ $(cat service) == 'running on '* ]]
    query postgres "DROP DATABASE \"$WORK\""
    ends_with 0 perform
    [ "$(query "$LIVE" 'SELECT name FROM res_partner WHERE id = 1')" = late ]
}

@test "a rehearsal whose publishing failed is gone on with once the cause is mended" {
    sed -i "s/^mode: production/mode: test/; s/database: $LIVE$/database: $LIVE-try/; s/replaced: .*/replaced: $LIVE-before/" live.yaml
    touch start-fails
    ends_with 1 drehbuch run plan.json -e live.yaml
    says 'port in use'
    says 'NOT put back' # the service cannot be started on the old names either
    rm start-fails
    ends_with 1 drehbuch resume runs/latest
    says 'everything that was published is put back'
    ends_with 0 drehbuch resume runs/latest
    says "database $LIVE-try, published"
    [ "$(databases)" = "$LIVE $LIVE-try" ]
    [ "$(jq .put_back runs/latest/run.json)" = null ]
    drehbuch verify runs/latest
    ends_with 0 drehbuch status runs/latest
    says_not 'taken back'
}

@test "cut off just behind the change of names, production is gone on with" {
    perform
    # The journal and the service as a crash leaves them there.
    sed -i '/"event":"step-ended".*"step":"publish\/rename-database"/,$d' runs/latest/journal.jsonl
    rm runs/latest/run.json
    echo stopped >service
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    ends_with 0 drehbuch resume runs/latest
    says_not 'changed since it was copied'
    says_not 'has crashed'
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(cat service)" = 'running on new' ]
    ends_with 0 drehbuch rollback runs/latest
    everything_is_as_before
}

@test "cut off while the source is closed, production is gone on with, and looks at it later" {
    local pid
    # Somebody holds the live database's name: it is closed already, and cannot get another.
    printf '#!/bin/sh\nsetsid psql -Xq -d "%s" -c "BEGIN; COMMENT ON DATABASE \\"%s\\" IS NULL; SELECT pg_sleep(60)" >/dev/null 2>&1 </dev/null &\nsleep 0.5\n' \
        "$(url postgres)" "$LIVE" >hold
    chmod +x hold
    write_plan <<PLAN
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" }, { id: hold, command: [$PWD/hold], nature: repeatable }] }
PLAN
    perform >run.txt 2>&1 3>&- &
    pid=$!
    wait_for 40 session_is "query LIKE '%RENAME TO%' AND wait_event_type = 'Lock'" || { cat run.txt && false; }
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
    end_sessions "application_name LIKE 'drehbuch%' OR query LIKE 'BEGIN; COMMENT ON DATABASE%'"
    [ "$(databases)" = "$LIVE $WORK" ]
    ends_with 0 drehbuch resume runs/latest
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(mark_of "$LIVE")" = new ]
}

@test "cut off while the names change, a source that is elsewhere and cannot be asked is not passed over" {
    local pid
    sed -i "s/^  database: $LIVE$/  database: $LIVE-new/" live.yaml
    printf '#!/bin/sh\nsetsid psql -Xq -d "%s" -c "BEGIN; COMMENT ON DATABASE \\"%s\\" IS NULL; SELECT pg_sleep(60)" >/dev/null 2>&1 </dev/null &\nsleep 0.5\n' \
        "$(url postgres)" "$WORK" >hold
    chmod +x hold
    write_plan <<PLAN
fixes: { "18.0": [{ id: hold, command: [$PWD/hold], nature: repeatable }] }
PLAN
    perform >run.txt 2>&1 3>&- &
    pid=$!
    wait_for 40 session_is "query LIKE '%RENAME TO%' AND wait_event_type = 'Lock'" || { cat run.txt && false; }
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
    end_sessions "application_name LIKE 'drehbuch%' OR query LIKE 'BEGIN; COMMENT ON DATABASE%'"
    query postgres "ALTER DATABASE \"$LIVE\" ALLOW_CONNECTIONS false"
    ends_with 4 drehbuch resume runs/latest
    says 'it cannot be told whether the source has changed'
    query postgres "ALTER DATABASE \"$LIVE\" ALLOW_CONNECTIONS true"
    [ "$(databases)" = "$LIVE $WORK" ]
}

@test "what cannot be taken back is told while the service still runs" {
    perform
    query postgres "CREATE DATABASE \"$WORK\""
    ends_with 1 drehbuch rollback runs/latest
    says "there is a new database \"$WORK\", whose name is needed"
    [ "$(cat service)" = 'running on new' ]
    [ "$(databases)" = "$LIVE $LIVE-old $WORK" ]
    query postgres "DROP DATABASE \"$WORK\""
    ends_with 0 drehbuch rollback runs/latest
    everything_is_as_before
}

@test "Ctrl-C while the names change leaves databases that one may connect to" {
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" }, { id: slow, sql: "SELECT pg_sleep(2)" }] }
PLAN
    perform >run.txt 2>&1 3>&- &
    local pid=$!
    wait_for 20 begun 18.0/fix/slow
    # The transaction of the names writes a comment, and waits for this.
    psql -XAtq -d "$(url postgres)&user=postgres" -c 'BEGIN; LOCK pg_shdescription IN SHARE MODE; SELECT pg_sleep(60)' >/dev/null 2>&1 3>&- &
    wait_for 20 eval "[ \"\$(query postgres \"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'pg_shdescription'::regclass\")\" -gt 0 ]"
    [ "$(query postgres "SELECT datallowconn FROM pg_database WHERE datname = '$LIVE'")" = f ]
    pkill -INT -P "$pid" drehbuch || kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ] || { cat run.txt && false; }
    [ "$(query postgres "SELECT bool_and(datallowconn) FROM pg_database WHERE datname IN ('$LIVE', '$WORK')")" = t ]
    [ "$(databases)" = "$LIVE $WORK" ]
    psql -XAtqd "$(url postgres)&user=postgres" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_shdescription%' AND pid <> pg_backend_pid()" >/dev/null
    ends_with 0 drehbuch resume runs/latest
    [ "$(databases)" = "$LIVE $LIVE-old" ]
}

@test "a service that hangs while it is put back has its time limit too" {
    environment 'limits: { timeout: 2s }'
    perform
    sed -i '2i exec sleep 60' stop
    ends_with 1 drehbuch rollback runs/latest
    says 'publish/start could not be taken back'
    sed -i '2d' stop
    ends_with 0 drehbuch rollback runs/latest
    everything_is_as_before
}

@test "the window: publishing as a whole has to fit, and is not stopped half way" {
    sed -i '2a [ ! -e slow ] || sleep 2' start
    # A rehearsal that publishes elsewhere tells how long it takes.
    sed "s/^mode: production/mode: test/; s/database: $LIVE$/database: $LIVE-try/; s/replaced: .*/replaced: $LIVE-before/" live.yaml >test.yaml
    touch slow
    drehbuch run plan.json -e test.yaml
    cp -r "$(readlink -f runs/latest)" slowly
    rm slow
    drehbuch run plan.json -e test.yaml
    cp -r "$(readlink -f runs/latest)" quickly
    query postgres "DROP DATABASE \"$LIVE-try\""
    query postgres "DROP DATABASE \"$LIVE-before\""
    environment 'limits: { window: 1800ms }'
    ends_with 4 drehbuch run plan.json -e live.yaml --unapproved 'a test' --rehearsal slowly/run.json
    says 'publishing would not end within the window: all of it took 2 s in the rehearsal'
    [ "$(databases)" = "$LIVE $WORK" ]
    ends_with 0 drehbuch rollback runs/latest
    query postgres "DROP DATABASE \"$WORK\""
    # Nobody knew that it would take so long.
    touch slow
    ends_with 0 drehbuch run plan.json -e live.yaml --unapproved 'a test' --rehearsal quickly/run.json
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(cat service)" = 'running on new' ]
}

@test "a copy that is made again is of the source as it is then" {
    sed -i 's/^work:/copy: dump\nwork:/' live.yaml
    psql -Xq -d "$(url "$LIVE")" -c 'BEGIN; LOCK TABLE res_partner; SELECT pg_sleep(60)' 3>&- &
    wait_for 10 eval "[ \"\$(query postgres \"SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'\")\" -gt 0 ]"
    drehbuch run plan.json -e live.yaml --unapproved 'a test' >out.txt 2>&1 3>&- &
    local pid=$!
    wait_for 20 sh -c "ls -d runs/2*/journal.jsonl && grep -q 'prepare/copy-database' runs/2*/journal.jsonl"
    sleep 0.3
    kill -KILL $pid
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$LIVE'" >/dev/null
    query "$LIVE" "UPDATE res_partner SET name = 'late' WHERE id = 1"
    ends_with 0 drehbuch resume runs/latest
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(query "$LIVE" 'SELECT name FROM res_partner WHERE id = 1')" = late ]
}

@test "rollback ends what a killed executor has left running in the database, first" {
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: long, sql: "UPDATE res_partner SET ref = 'new' WHERE pg_sleep(1) IS NOT NULL" }] }
PLAN
    drehbuch run plan.json -e live.yaml --unapproved 'a test' >out.txt 2>&1 3>&- &
    local pid=$!
    wait_for 20 sh -c "ls -d runs/2*/journal.jsonl && grep -q '18.0/fix/long' runs/2*/journal.jsonl"
    kill -KILL $pid
    sleep 0.2
    query postgres "SELECT query FROM pg_stat_activity WHERE datname = '$WORK'" | grep -q pg_sleep
    ends_with 0 drehbuch rollback runs/latest
    [ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '$WORK'")" = 0 ]
    [[ $(cat service) == 'running on '* ]]
}

@test "rollback that loses its lock stops there, and says so" {
    perform
    # Whoever may take the lock now may change what rollback would change next.
    sed -i "2a psql -XAtq -d '$(url postgres)' -c \"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'\"; sleep 0.5" stop
    ends_with 1 drehbuch rollback runs/latest
    says 'the connection that holds the lock was lost'
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    sed -i 3d stop
    ends_with 0 drehbuch rollback runs/latest
    everything_is_as_before
}

# with_files: production with filestores, on the live system's own.
with_files() {
    mkdir -p files/live/ab
    echo old >files/live/ab/ab1
    environment
    python3 - "$PWD" <<'PYTHON'
import sys
text = open("live.yaml").read()
place = sys.argv[1]
text = text.replace('" }\nwork', f'", filestore: {place}/files/live }}\nwork').replace('" }\npublish:', f'", filestore: {place}/files/work }}\npublish:')
text = text.replace("  service:", f"  filestore: {place}/files/live\n  replaced_filestore: {place}/files/live-old\n  service:")
open("live.yaml", "w").write(text)
PYTHON
}

@test "rollback puts back what was replaced, and nothing else" {
    with_files
    ends_with 0 perform
    [ -d files/live-old/ab ]
    mv files/live-old files/elsewhere
    ends_with 1 drehbuch rollback runs/latest
    says 'live-old that was replaced is gone'
    [ "$(databases)" = "$LIVE $LIVE-old" ]
    [ "$(cat service)" = 'running on new' ]
    mv files/elsewhere files/live-old
    ends_with 0 drehbuch rollback runs/latest
    everything_is_as_before
    [ "$(cat files/live/ab/ab1)" = old ]
    [ ! -e files/live-old ]
}

@test "rollback does not take a folder for the replaced one that somebody has put there since" {
    with_files
    mv files/live files/source
    sed -i "s|filestore: $PWD/files/live }|filestore: $PWD/files/source }|" live.yaml
    ends_with 0 perform
    [ -d files/live ]
    mkdir files/live-old
    echo mine >files/live-old/mine
    ends_with 0 drehbuch rollback runs/latest
    [ "$(cat files/live-old/mine)" = mine ]
    [ ! -e files/live ]
}

@test "a service that was started since is stopped again before production publishes" {
    write_plan <<PLAN
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" },
  { id: waits, command: [test, -e, $PWD/go], nature: repeatable }] }
PLAN
    echo "echo stop >>$PWD/moves" >>stop
    echo "echo start >>$PWD/moves" >>start
    ends_with 1 perform
    ./start
    touch go
    ends_with 0 drehbuch resume runs/latest
    [ "$(paste -sd' ' moves)" = 'stop start stop start' ]
    [ "$(cat service)" = 'running on new' ]
}

@test "what a session that is still open has written to the source is not overlooked" {
    write_plan <<PLAN
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" },
  { id: waits, command: [sh, -c, 'touch $PWD/there; while [ ! -e $PWD/go ]; do sleep 0.1; done'], nature: repeatable }] }
PLAN
    drehbuch run plan.json -e live.yaml --unapproved 'a test' >out.txt 2>&1 3>&- &
    local pid=$!
    wait_for 20 test -e there
    (
        echo 'SELECT 1;'
        sleep 0.2
        echo "UPDATE res_partner SET name = 'late' WHERE id = 1;"
        sleep 30
    ) | psql -XAtq "$(url "$LIVE")" >/dev/null 2>&1 3>&- &
    sleep 0.6
    touch go
    local code=0
    wait $pid || code=$?
    [ "$code" = 4 ]
    grep -q 'the source has changed since it was copied' out.txt
    [ "$(databases)" = "$LIVE $WORK" ]
}

@test "rollback starts the service again where nothing was renamed and the working database is gone" {
    write_plan <<PLAN
fixes: { "18.0": [{ id: drop, command: [psql, -XAtqd, "$(url postgres)", -c, 'DROP DATABASE "$WORK"'], nature: repeatable }] }
PLAN
    ends_with 1 perform
    [ "$(databases)" = "$LIVE" ]
    ends_with 0 drehbuch rollback runs/latest
    [[ $(cat service) == 'running on '* ]]
}

@test "Ctrl-C during a rollback leaves databases that one may connect to, and it goes on when called again" {
    perform
    # The names wait for this one.
    psql -Xq -d "$(url postgres)&user=postgres" -c "BEGIN; LOCK TABLE pg_database IN SHARE MODE; SELECT pg_sleep(30)" >/dev/null 2>&1 3>&- &
    wait_for 10 eval "[ \"\$(query postgres \"SELECT count(*) FROM pg_locks WHERE relation = 'pg_database'::regclass AND mode = 'ShareLock'\")\" -gt 0 ]"
    drehbuch rollback runs/latest >out.txt 2>&1 3>&- &
    local pid=$! code=0
    wait_for 10 grep -q 'rollback-started' runs/latest/journal.jsonl
    sleep 0.5
    kill -INT $pid
    sleep 0.3
    psql -Xq -d "$(url postgres)&user=postgres" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE pg_database%' AND pid <> pg_backend_pid()" >/dev/null
    wait $pid || code=$?
    cat out.txt
    [ "$code" -ne 0 ]
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE NOT datallowconn AND datname ~ '^($LIVE|$WORK)'")" = 0 ]
    ends_with 0 drehbuch rollback runs/latest
    everything_is_as_before
}

@test "clean leaves what a production run that stopped needs to be gone on with" {
    write_plan <<PLAN
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = 'new' WHERE is_company" },
  { id: once, command: [test, -e, $PWD/go], nature: once }] }
PLAN
    environment 'limits: { checkpoints: { count: 3, minimum: 1ms } }'
    ends_with 1 perform
    ends_with 0 drehbuch clean -e live.yaml
    says 'stays: its run can be resumed'
    ends_with 0 drehbuch clean -e live.yaml --remove
    touch go
    ends_with 0 drehbuch resume runs/latest
    [ "$(databases | tr ' ' '\n' | grep -cv saved)" = 2 ]
    [ "$(cat service)" = 'running on new' ]
}

@test "the result has the owner and the rights of the database that it replaces" {
    psql -Xqd "$(url postgres)&user=postgres" <<SQL
DO \$\$ BEGIN CREATE ROLE live_owner; CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$;
GRANT live_owner TO odoo;
ALTER DATABASE "$LIVE" OWNER TO live_owner;
REVOKE CONNECT ON DATABASE "$LIVE" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "$LIVE" TO reader, odoo;
SQL
    rights() {
        query postgres "SELECT pg_get_userbyid(datdba), array_to_string(ARRAY(SELECT unnest(datacl)::text ORDER BY 1), ' ')
            FROM pg_database WHERE datname = '$1'"
    }
    local before
    before=$(rights "$LIVE")
    ends_with 0 perform
    [ "$(rights "$LIVE")" = "$before" ]
    [ "$(rights "$LIVE-old")" = "$before" ]
}

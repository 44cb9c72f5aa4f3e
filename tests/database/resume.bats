#!/usr/bin/env bats
# Going on after the worst: lost servers, orphans, other people's databases, changed environments.

load helper

setup_file() {
    start_server
    make_small_database source
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
}

teardown() {
    end_children
    tmux -L "$WORK" kill-server 2>/dev/null || true
}

# How often the journal says that a step was begun.
beginnings() {
    grep -c "\"event\":\"step-started\".*\"step\":\"$1\"" runs/latest/journal.jsonl
}

ref() {
    query "$WORK" 'SELECT ref FROM res_partner WHERE id = 7'
}

@test "what was committed before a command is on disk when it begins" {
    psql -Xq -d "$(url postgres | sed 's/user=odoo/user=postgres/')" -c "ALTER SYSTEM SET wal_writer_delay = '10s'" \
        -c 'SELECT pg_reload_conf()' >reload.txt
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: one, sql: "UPDATE res_partner SET ref = ref || '!'" }
    - { id: crash, command: [sleep, "60"] }
    - { id: two, sql: "UPDATE res_partner SET ref = ref || '?'" }
PLAN
    write_environment here test
    drehbuch run plan.json -e here.yaml >out.txt 2>&1 3>&- &
    wait_for 20 begun 18.0/fix/crash
    "$tests/server" kill "$PLACE/pg"
    wait %1 && false || [ $? -eq 1 ]
    "$tests/server" start "$PLACE/pg" --no-fsync
    ends_with 0 drehbuch resume --accept 18.0/fix/crash=done
    [ "$(ref)" = 'P7!?' ]
    [ "$(beginnings 18.0/fix/one)" = 1 ]
    ends_with 0 drehbuch verify runs/latest
}

@test "a fix that a killed executor has left running is ended, not done beside itself" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: slow, sql: "SELECT pg_sleep(4); UPDATE res_partner SET ref = ref || '!'" }
PLAN
    write_environment here test
    drehbuch run plan.json -e here.yaml >out.txt 2>&1 3>&- &
    wait_for 20 begun 18.0/fix/slow
    kill -KILL %1
    wait %1 || true
    ends_with 0 drehbuch resume
    [ "$(ref)" = 'P7!' ]
    sleep 1
    [ "$(ref)" = 'P7!' ]
}

@test "a run whose database another run has taken is not gone on with" {
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: one, sql: "UPDATE res_partner SET ref = ref || '!'" }, { id: bad, sql: SELECT no_such_column }] }
PLAN
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    local first
    first=$(readlink -f runs/latest)
    ends_with 1 drehbuch run plan.json -e here.yaml
    ends_with 4 drehbuch resume "$first"
    says "another run's by now"
    [ "$(ref)" = 'P7!' ]
}

@test "a run is gone on with only in the place where it began" {
    write_plan <<'PLAN'
bindings: { base_url: { type: url }, key: { type: secret } }
settings: { parameters: { a: "${base_url}", b: "${key}" } }
fixes: { "18.0": [{ id: wants, sql: SELECT wanted FROM res_partner LIMIT 1 }] }
PLAN
    write_environment here test 'bindings: { base_url: "https://a.example", key: { file: key } }'
    echo first-secret >key
    ends_with 1 drehbuch run plan.json -e here.yaml
    query postgres "CREATE DATABASE other_$WORK TEMPLATE source"
    cp here.yaml before.yaml
    sed -i "s/$WORK?/other_$WORK?/" here.yaml
    ends_with 4 drehbuch resume
    says '`work` is not what it was'
    sed 's/a.example/b.example/' before.yaml >here.yaml
    ends_with 4 drehbuch resume
    says '`bindings` is not what it was'
    # A secret may have been changed meanwhile, and limits may be widened.
    cp before.yaml here.yaml
    echo 'limits: { timeout: 5m }' >>here.yaml
    echo second-secret >key
    query "$WORK" 'ALTER TABLE res_partner ADD wanted int'
    ends_with 0 drehbuch resume
    if grep -rE 'first-secret|second-secret' runs; then false; fi
}

@test "what was named when the run began, and is not any more, is found out" {
    write_plan <<<'fixes: { "18.0": [{ id: wrong, sql: SELECT no_such_column }] }'
    write_environment here test "publish: { database: ${WORK}_try, replaced: ${WORK}_before }"
    ends_with 1 drehbuch run plan.json -e here.yaml
    sed -i '/^publish/d' here.yaml
    ends_with 4 drehbuch resume
    says '`publish` was there when the run began'
    ends_with 4 drehbuch rollback runs
    says '`publish` was there when the run began'
}

@test "the window counts from the run's first beginning" {
    write_plan <<<'fixes: { "18.0": [{ id: one, wait: 2s }, { id: two, wait: 10ms }] }'
    write_environment here test 'limits: { window: 1500ms }'
    ends_with 4 drehbuch run plan.json -e here.yaml
    ends_with 4 drehbuch resume
    says 'would not end within the window'
    sed -i 's/1500ms/1h/' here.yaml
    ends_with 0 drehbuch resume
}

@test "a run that loses the lock's connection stops" {
    write_plan <<<'fixes: { "18.0": [{ id: slow, sql: SELECT pg_sleep(60) }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml >out.txt 2>&1 3>&- &
    wait_for 20 begun 18.0/fix/slow
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name LIKE 'drehbuch%' AND datname = 'postgres'"
    wait %1 && false || [ $? -eq 1 ]
    run cat out.txt
    says 'the connection that holds the lock was lost'
}

@test "a command that is stopped has not done its work, whatever it says" {
    write_plan <<PLAN
fixes:
  "18.0":
    - { id: polite, command: [sh, -c, "trap 'exit 0' TERM; sleep 30 & wait; echo all >>$BATS_TEST_TMPDIR/all"], timeout: 1s }
PLAN
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'it took longer than it may'
    ends_with 4 drehbuch resume
    says '--accept 18.0/fix/polite=done'
}

@test "what a command leaves behind does not hold the run" {
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: daemon, command: [sh, -c, "setsid sleep 31.7 & echo started"], nature: repeatable }] }
PLAN
    write_environment here test
    ends_with 0 timeout 15 drehbuch run plan.json -e here.yaml
    pkill -f 'sleep 31.7' || true
    ends_with 0 drehbuch log runs 18.0/fix/daemon
    says started
}

@test "Ctrl-C at a question" {
    write_plan <<<'fixes: { "18.0": [{ id: look, manual: Look at the copy. }] }'
    write_environment here test
    tmux -L "$WORK" -f /dev/null new-session -d -x 100 -y 40 \
        "PATH='$PATH' drehbuch run plan.json -e here.yaml; echo ended with \$?; sleep 30" 3>&-
    screen() { tmux -L "$WORK" capture-pane -p; }
    wait_for 20 eval 'screen | grep -q "Type .done."'
    tmux -L "$WORK" send-keys C-c
    wait_for 10 eval 'screen | grep -q "ended with 130"'
    ends_with 0 drehbuch resume --confirm-manual
}

@test "the result of a production run is dropped by nobody" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    write_environment live production
    ends_with 0 drehbuch run plan.json -e live.yaml --unapproved 'a test'
    ends_with 4 drehbuch run plan.json -e live.yaml --unapproved 'a test'
    says 'was made by the production run'
    [ "$(query "$WORK" 'SELECT count(*) FROM res_partner')" = 300 ]
}

@test "the source is never the working database, however it is spelled" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml
    # What drehbuch has made is a source now, and so is a database called like an unfinished copy.
    sed -e "s,/source?,/$WORK?connect_timeout=20\&," -e "s/^runs.*//" here.yaml >twice.yaml
    ends_with 4 drehbuch run plan.json -e twice.yaml
    says 'is the source'
    [ "$(query "$WORK" 'SELECT count(*) FROM res_partner')" = 300 ]
    query postgres "CREATE DATABASE \"$WORK.partial\" TEMPLATE source"
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(query "$WORK.partial" 'SELECT count(*) FROM res_partner')" = 300 ]
}

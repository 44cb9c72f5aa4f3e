#!/usr/bin/env bats
# Incremental rehearsal: a later rehearsal, also of a changed plan, begins behind the last step that is still the
# same, and gives what one from the start gives.

load helper

setup_file() {
    start_server
    make_small_database pristine
}

teardown_file() {
    remove_server
}

# Every test has a source of its own, with a filestore.
setup() {
    enter_folder
    SOURCE=source_$BATS_TEST_NUMBER
    query postgres "CREATE DATABASE $SOURCE TEMPLATE pristine"
    mkdir -p filestore/ab
    echo one >filestore/ab/ab1
    plan
    environment
}

teardown() {
    end_children
}

# plan [SQL OF THE LAST FIX [SQL OF THE FIRST ONE]]
plan() {
    write_plan <<PLAN
fixes: { "18.0": [
  { id: first, sql: "${2:-UPDATE res_partner SET ref = 'first'}" },
  { id: slow, sql: "SELECT pg_sleep(0.3)" },
  { id: last, sql: "${1:-UPDATE res_partner SET ref = ref || ' last'}" } ] }
PLAN
}

# environment [CHECKPOINTS]
environment() {
    cat >here.yaml <<ENVIRONMENT
version: 1
environment: here
mode: test
source: { database: "$(url "$SOURCE")", filestore: filestore }
work: { database: "$(url "$WORK")", filestore: work }
limits: { checkpoints: ${1:-"{ count: 3, minimum: 200ms }"} }
ENVIRONMENT
}

rehearse() {
    drehbuch run plan.json -e here.yaml "$@"
}

# How step ID ended in the latest run.
result_of() {
    jq -r --arg id "$1" '.steps[] | select(.id == $id) | .result' runs/latest/run.json
}

saved() {
    query postgres "SELECT count(*) FROM pg_database WHERE datname LIKE '$WORK.saved-%'"
}

# Demands that a rehearsal from the start gives the content that there is now.
equals_a_fresh_one() {
    "$tests/content-hash" "$(url "$WORK")" >incremental
    rehearse --fresh
    "$tests/content-hash" "$(url "$WORK")" >fresh
    diff incremental fresh
}

@test "a changed last fix is all that is run again" {
    ends_with 0 rehearse
    says 'kept a checkpoint behind 18.0/fix/slow'
    [ "$(saved)" = 1 ]
    plan "UPDATE res_partner SET ref = ref || ' better'"
    ends_with 0 rehearse
    says 'beginning behind 18.0/fix/slow, from the checkpoint of run'
    says 'taken over 18.0/fix/first'
    says 'taken over from a checkpoint'
    [ "$(result_of 18.0/fix/first) $(result_of 18.0/fix/slow) $(result_of 18.0/fix/last)" = 'taken-over taken-over done' ]
    [ "$(query "$WORK" 'SELECT DISTINCT ref FROM res_partner')" = 'first better' ]
    [ "$(cat work/ab/ab1)" = one ]
    [ "$(jq -r '.checkpoint.step' runs/latest/run.json)" = 18.0/fix/slow ]
    drehbuch verify runs/latest
    # It says that it took something over, and is no rehearsal to be approved.
    ends_with 4 drehbuch approve runs/latest/run.json --by me
    says 'it began from a checkpoint'
    equals_a_fresh_one
    drehbuch approve runs/latest/run.json --by me
}

@test "a change before the checkpoint, a changed source, another mode: it is not used" {
    rehearse
    plan "UPDATE res_partner SET ref = ref || ' last'" "UPDATE res_partner SET ref = 'another'"
    ends_with 0 rehearse
    says_not 'beginning behind'
    [ "$(query "$WORK" 'SELECT DISTINCT ref FROM res_partner')" = 'another last' ]
    query "$SOURCE" "UPDATE res_partner SET name = name || '!' WHERE id = 1"
    ends_with 0 rehearse
    says_not 'beginning behind'
    query "$SOURCE" 'CREATE TABLE more ()'
    ends_with 0 rehearse
    says_not 'beginning behind'
    query "$SOURCE" "SELECT nextval('res_partner_id_seq')"
    ends_with 0 rehearse
    says_not 'beginning behind'
    # Unless one says so.
    query "$SOURCE" 'CREATE TABLE still_more ()'
    environment '{ count: 9, minimum: 1ms }'
    plan "UPDATE res_partner SET ref = ref || ' later'" "UPDATE res_partner SET ref = 'another'"
    ends_with 0 rehearse --stale
    says 'beginning behind 18.0/fix/slow'
    # What was kept on that way is of the source of before.
    plan "UPDATE res_partner SET ref = ref || ' later still'" "UPDATE res_partner SET ref = 'another'"
    ends_with 0 rehearse
    says_not 'beginning behind'
    sed -i 's/^mode: test/mode: production/; s/^limits/backup: false\nlimits/' here.yaml
    query postgres "DROP DATABASE \"$WORK\""
    ends_with 0 rehearse --unapproved 'a test'
    says_not 'beginning behind'
}

@test "other decisions, checks and titles leave the steps before them as they are" {
    rehearse
    sed -i 's/title: A test/title: Another test/; s/web_notify: keep/web_notify: { action: install, at: "18.0" }/' plan.yaml
    drehbuch compile plan.yaml -o changed.json
    [ "$(jq -r '.steps[] | select(.id == "18.0/fix/slow").digest' plan.json)" = \
        "$(jq -r '.steps[] | select(.id == "18.0/fix/slow").digest' changed.json)" ]
}

@test "limits: the oldest go first, by number and by size" {
    environment '{ count: 1, minimum: 1ms }'
    ends_with 0 rehearse
    [ "$(saved)" = 1 ]
    [ "$(ls -d work.saved-* | wc -l)" = 1 ]
    environment '{ count: 9, minimum: 1ms, disk: 20MB }'
    ends_with 0 rehearse --fresh
    [ "$(saved)" = 2 ]
    environment '{ count: 9, minimum: 1ms, disk: 1MB }'
    plan "UPDATE res_partner SET ref = 'x'" "UPDATE res_partner SET ref = 'y'"
    ends_with 0 rehearse
    says 'no checkpoint is kept behind'
    says 'larger than limits.checkpoints.disk'
}

@test "a checkpoint whose filestore is gone is not used" {
    rehearse
    rm -rf work.saved-*
    ends_with 0 rehearse
    says_not 'beginning behind'
}

@test "a checkpoint whose removal was cut off is not used, and removed" {
    ends_with 0 rehearse
    # As PostgreSQL marks a database whose DROP was interrupted.
    psql -Xq -d "$(url postgres | sed 's/user=odoo/user=postgres/')" \
        -c "UPDATE pg_database SET datconnlimit = -2 WHERE datname LIKE '$WORK.saved-%'"
    ends_with 0 drehbuch checkpoints -e here.yaml
    says 'half-removed checkpoint behind 18.0/fix/slow'
    ends_with 0 rehearse
    says_not 'taken over'
    [ "$(result_of 18.0/fix/slow)" = done ]
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datconnlimit = -2")" = 0 ]
    ends_with 0 rehearse
    says 'taken over 18.0/fix/slow'
}

@test "a step that cannot be repeated is begun again from the checkpoint before it" {
    write_plan <<PLAN
fixes: { "18.0": [
  { id: first, sql: "UPDATE res_partner SET ref = 'first'" },
  { id: once, command: [$PWD/once], nature: once },
  { id: last, sql: "UPDATE res_partner SET ref = ref || ' last'" } ] }
PLAN
    cat >once <<SCRIPT
#!/bin/sh
psql -XAtqd "\$DREHBUCH_WORK_DATABASE" -c "UPDATE res_partner SET ref = ref || ' once'"
echo two >$PWD/work/ab/ab2
[ -e again ] || { touch $PWD/again; kill -KILL \$PPID; sleep 60; }
SCRIPT
    chmod +x once
    sed -i 's|\[ -e again \]|[ -e '"$PWD"'/again ]|' once
    environment '{ count: 3, minimum: 1h }'
    run rehearse
    [ "$status" -ne 0 ]
    [ "$(query "$WORK" 'SELECT DISTINCT ref FROM res_partner')" = 'first once' ]
    pkill -f "$PWD/once" || true
    ends_with 0 drehbuch resume runs/latest
    says 'from the checkpoint'
    [ "$(query "$WORK" 'SELECT DISTINCT ref FROM res_partner')" = 'first once last' ]
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname ~ '^$WORK.(partial|before)-'")" = 0 ]
}

@test "an interrupted rehearsal that began from a checkpoint is resumed" {
    rehearse
    plan 'SELECT pg_sleep(60)'
    rm -r runs
    drehbuch run plan.json -e here.yaml >run.txt 2>&1 3>&- &
    wait_for 20 begun 18.0/fix/last
    kill -KILL $!
    wait $! || true
    sleep 0.2
    # What it began from may be gone by then: it is not needed any more.
    query postgres "SELECT format('DROP DATABASE %I', datname) FROM pg_database WHERE datname LIKE '$WORK.saved-%'" |
        psql -XqAt -d "$(url postgres)"
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$WORK'"
    (sleep 1; query postgres "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = '$WORK' AND query LIKE '%pg_sleep(60)%'") 3>&- &
    ends_with 1 drehbuch resume runs/latest
    says 'FAILED 18.0/fix/last'
    [ "$(query "$WORK" 'SELECT DISTINCT ref FROM res_partner')" = first ]
}

@test "checkpoints are listed and removed" {
    ends_with 0 drehbuch checkpoints -e here.yaml
    says 'none are kept here'
    rehearse
    ends_with 0 drehbuch checkpoints -e here.yaml
    says 'checkpoint behind 18.0/fix/slow'
    says 'of the source as it is'
    query "$SOURCE" 'CREATE TABLE more ()'
    ends_with 0 drehbuch checkpoints -e here.yaml
    says 'it has changed since'
    ends_with 2 drehbuch checkpoints -e here.yaml --remove nonsense
    says 'there is no checkpoint "nonsense"'
    [ "$(saved)" = 1 ]
    local name
    name=$(drehbuch checkpoints -e here.yaml --json | jq -r '.[0].name')
    ends_with 0 drehbuch checkpoints -e here.yaml --remove "$name"
    [ "$(saved)" = 0 ]
    [ -z "$(ls -d work.saved-* 2>/dev/null)" ]
    rehearse
    ends_with 0 drehbuch checkpoints -e here.yaml --remove-all
    [ "$(saved)" = 0 ]
}

@test "clean shows and removes what runs have left, and nothing else" {
    query postgres "CREATE DATABASE \"$WORK.saved-somebody\""
    query postgres "CREATE DATABASE \"$WORK.saved-0badcafe\""
    query postgres "CREATE DATABASE ${WORK}x"
    mkdir work.mine workx
    rehearse
    rehearse
    # A published filestore bears the marker it was made with, and may have a name that begins like ours.
    mkdir work.ch
    # What a crash leaves of an unfinished copy and of a removal.
    mkdir -p work.saved-0badcafe.partial-0badcafe/ab work.removed-0badcafe work.saved-0badcafe.partial-mine
    cp work/.drehbuch.json work.ch
    ends_with 0 drehbuch clean -e here.yaml
    says 'working database'
    says 'checkpoint behind 18.0/fix/slow'
    says 'stays: the latest'
    says '--remove removes'
    drehbuch clean -e here.yaml --json | jq -e 'map(select(.kind == "run")) | length == 2'
    local before
    before=$("$tests/content-hash" "$(url "$SOURCE")" --with-times)
    ends_with 0 drehbuch clean -e here.yaml --remove
    [ "$(query postgres "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE '$WORK%'")" = \
        "$WORK.saved-0badcafe $WORK.saved-somebody ${WORK}x" ]
    [ -d work.ch ] && [ -d work.saved-0badcafe.partial-mine ]
    [ "$(find . -maxdepth 1 -name '*-0badcafe')" = '' ]
    [ ! -e work ] && [ -d work.mine ] && [ -d workx ] && [ -f filestore/ab/ab1 ]
    [ "$(ls -d runs/2* | wc -l)" = 1 ]
    [ "$before" = "$("$tests/content-hash" "$(url "$SOURCE")" --with-times)" ]
    ends_with 0 drehbuch clean -e here.yaml
    says 'nothing could go'
}

@test "clean waits for nobody: while a run works it is refused" {
    plan 'SELECT pg_sleep(60)'
    drehbuch run plan.json -e here.yaml >run.txt 2>&1 3>&- &
    wait_for 20 begun 18.0/fix/last
    ends_with 4 drehbuch clean -e here.yaml --remove
    says 'is locked by drehbuch'
    kill -INT %1
    wait %1 || true
    [ "$(saved)" = 1 ]
}

@test "clean leaves what was not made by drehbuch, and results of production" {
    query postgres "CREATE DATABASE \"$WORK\""
    mkdir work
    ends_with 0 drehbuch clean -e here.yaml
    says 'stays: drehbuch did not make it'
    ends_with 0 drehbuch clean -e here.yaml --remove
    [ -d work ]
    query "$WORK" 'SELECT 1'
    query postgres "DROP DATABASE \"$WORK\""
    rmdir work
    sed -i 's/^mode: test/mode: production/; s/^limits/backup: false\nlimits/' here.yaml
    rehearse --unapproved 'a test'
    ends_with 0 drehbuch clean -e here.yaml --remove
    query "$WORK" 'SELECT 1'
    [ -d work ]
    says 'checkpoint behind 18.0/fix/slow'
}

@test "another value of a binding: what was done with the old one is not taken over" {
    write_plan <<'PLAN'
bindings: { mark: { type: text }, key: { type: secret } }
fixes: { "18.0": [{ id: first, sql: "UPDATE res_partner SET ref = ${mark}" }, { id: slow, sql: "SELECT pg_sleep(0.3)" },
  { id: last, sql: "UPDATE res_partner SET name = ${key} WHERE id = 1" }] }
PLAN
    echo 'bindings: { mark: one, key: { env: KEY } }' >>here.yaml
    export KEY=a-secret-of-mine
    rehearse
    ends_with 0 rehearse
    says 'beginning behind 18.0/fix/slow'
    sed -i 's/mark: one/mark: two/' here.yaml
    ends_with 0 rehearse
    says_not 'beginning behind'
    [ "$(query "$WORK" 'SELECT DISTINCT ref FROM res_partner')" = two ]
    KEY=another-secret ends_with 0 rehearse
    says_not 'beginning behind'
    (! query postgres "SELECT shobj_description(oid, 'pg_database') FROM pg_database" | grep -q secret)
}

@test "a checkpoint of another run is not gone back to: it lacks this run's receipts" {
    rehearse
    ends_with 0 rehearse --fresh
    says 'kept a checkpoint behind 18.0/fix/slow'
    [ "$(saved)" = 1 ]
    local run
    run=$(basename "$(readlink -f runs/latest)")
    query postgres "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE '$WORK.saved-%'" | grep -qF "$run"
}

@test "a checkpoint whose filestore has gone since is not gone back to with the files as they are" {
    write_plan <<PLAN
fixes: { "18.0": [{ id: first, sql: "UPDATE res_partner SET ref = 'first'" },
  { id: once, command: [$PWD/once], nature: once }] }
PLAN
    printf '#!/bin/sh\necho two >%s/work/ab/ab2\n[ -e %s/again ] || { kill -KILL $PPID; sleep 1; }\n' "$PWD" "$PWD" >once
    chmod +x once
    run rehearse
    [ "$status" -ne 0 ]
    touch again
    mkdir aside
    mv work.saved-* aside/
    ends_with 1 drehbuch resume runs/latest
    says 'cannot go back to the checkpoint'
    says 'is gone'
    [ -e work/ab/ab2 ]
    mv aside/work.saved-* .
    ends_with 0 drehbuch resume runs/latest
}

@test "before a step that cannot be repeated one is kept after a resume, too" {
    write_plan <<PLAN
fixes: { "18.0": [{ id: first, sql: "UPDATE res_partner SET ref = 'first'" },
  { id: waits, command: [test, -e, $PWD/go], nature: repeatable },
  { id: once, command: [psql, -XAtqd, "$(url "$WORK")", -c, "UPDATE res_partner SET ref = ref || ' once'"], nature: once }] }
PLAN
    environment '{ count: 3, minimum: 1h }'
    ends_with 1 rehearse
    [ "$(saved)" = 0 ]
    touch go
    ends_with 0 drehbuch resume runs/latest
    says 'kept a checkpoint behind 18.0/fix/waits'
    local kept
    kept=$(query postgres "SELECT datname FROM pg_database WHERE datname LIKE '$WORK.saved-%'")
    [ "$(query "$kept" 'SELECT DISTINCT ref FROM res_partner')" = first ]
}

@test "the old checkpoint stays until the new one is whole" {
    environment '{ count: 1, minimum: 200ms }'
    local second="UPDATE res_partner SET ref = 'second'" foreign
    plan "UPDATE res_partner SET ref = 'x'" "$second"
    rehearse
    foreign=$(basename work.saved-*)
    drehbuch checkpoints -e here.yaml --remove-all
    plan
    rehearse
    local kept
    kept=$(basename work.saved-*)
    # Something that is not ours is where the next one would be.
    mkdir "$foreign"
    echo mine >"$foreign/mine"
    plan "UPDATE res_partner SET ref = 'x'" "$second"
    ends_with 0 rehearse
    says 'no checkpoint is kept behind 18.0/fix/slow'
    [ "$(saved)" = 1 ]
    [ -d "$kept" ]
    [ "$(cat "$foreign/mine")" = mine ]
    rm -r "$foreign"
    ends_with 0 rehearse
    says 'kept a checkpoint'
    [ "$(saved)" = 1 ]
    [ ! -e "$kept" ]
}

@test "a dump without files: its checkpoints have none, and are used" {
    pg_dump -Fc "$(url "$SOURCE")" -f dump.custom
    sed -i "s|^source:.*|source: { dump: dump.custom }|" here.yaml
    rehearse
    ends_with 0 rehearse
    says 'beginning behind 18.0/fix/slow'
}

#!/usr/bin/env bats
# The main job on real databases: a plan over all kinds of steps that need no running Odoo is rehearsed, approved
# and performed on a second copy; both results are then the same, table by table.

load helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}

setup_file() {
    start_server
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
}

# replay NAME: restores the dump and does all of it.
replay() {
    local name=$1 place runs=$BATS_TEST_TMPDIR/runs
    [ -f "$DUMPS/$name.dump" ] || skip "no $DUMPS/$name.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    "$tests/server" restore "$PLACE/pg" "$DUMPS/$name.dump" "$name"
    "$tests/content-hash" "$(url "$name")" --with-times >source-before
    mkdir backups
    for place in test production; do
        cat >"$place.yaml" <<ENVIRONMENT
version: 1
environment: $name-$place
mode: $place
source: { database: "$(url "$name")" }
work: { database: "$(url "${name}_$place")" }
backup: { folder: backups }
bindings: $(tr '\n' ' ' <"$tests/acme/$name.bindings.json")
runs: $runs
limits: { jobs: 3 }
ENVIRONMENT
    done
    drehbuch compile "$tests/acme/$name.plan.yaml" -o plan.json
    [ "$(jq '.steps | length' plan.json)" -ge 25 ]

    drehbuch run plan.json -e test.yaml --confirm-manual
    local rehearsal
    rehearsal=$(readlink -f runs/latest)/run.json
    ends_with 4 drehbuch run plan.json -e production.yaml --rehearsal "$rehearsal" --confirm-manual
    drehbuch approve "$rehearsal" --by 'A customer' --all-passed
    drehbuch run plan.json -e production.yaml --rehearsal "$rehearsal" --confirm-manual
    drehbuch verify plan.json runs/latest "$rehearsal" "$(dirname "$rehearsal")/approval.json"
    [ "$(jq -c '[.result, .mode, .drift]' runs/latest/run.json)" = '["done","production",[]]' ]

    "$tests/content-hash" "$(url "${name}_test")" >rehearsed
    "$tests/content-hash" "$(url "${name}_production")" >performed
    [ "$(wc -l <performed)" -gt 100 ]
    diff rehearsed performed
    # The source was only read, and neither the plan nor a binding's value came into the run folders.
    diff source-before <("$tests/content-hash" "$(url "$name")" --with-times)
    if grep -rlE 'pass-Word-1|sk-test-not-real' runs; then false; fi
    # The backup is one.
    query postgres "CREATE DATABASE ${name}_restored"
    pg_restore -j 2 --no-owner -d "$(url "${name}_restored")" backups/*/dump
    diff <("$tests/content-hash" "$(url "$name")" --with-times) \
        <("$tests/content-hash" "$(url "${name}_restored")" --with-times)
}

@test "acme_18: rehearsed, approved, replayed, the same" {
    replay acme_18
}

@test "acme_16: rehearsed, approved, replayed, the same" {
    replay acme_16
}

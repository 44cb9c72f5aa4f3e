#!/usr/bin/env bats
# The dry run: what it says against what the run then does, and that it changes nothing.

load helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}

setup_file() {
    start_server
    make_small_database source
    psql -Xq -v ON_ERROR_STOP=1 -d "$(url source)" -f "$BATS_TEST_DIRNAME/diff.sql"
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
}

teardown() {
    end_children
}

databases() {
    query postgres 'SELECT datname FROM pg_database ORDER BY 1'
}

# dry [OPTION]...: diff.json; demands that it ends with 0.
dry() {
    drehbuch diff plan.json -e here.yaml --json "$@" >diff.json 2>diff.err || { cat diff.err && jq -c '.error, (.steps[]? | select(.error) | [.id, .error])' diff.json && false; }
}

@test "fixes of all shapes: every row that the run changes was predicted, and no other" {
    dry_run=$BATS_TEST_DIRNAME/dry_run.py
    cat >snapshot <<SCRIPT
#!/bin/sh
exec python3 '$dry_run' snapshot '$(url "$WORK")' '$PWD/'\$1
SCRIPT
    chmod +x snapshot
    write_plan <<<"fixes: { \"18.0\": $(python3 "$dry_run" fixes "$BATS_TEST_DIRNAME/diff.fixes" "$PWD/snapshot") }"
    write_environment here test
    "$tests/content-hash" "$(url source)" --with-times >before
    databases >databases
    dry --rows 10000
    diff before <("$tests/content-hash" "$(url source)" --with-times)
    diff databases <(databases)
    drehbuch run plan.json -e here.yaml >run.txt || { tail -20 run.txt && false; }
    python3 "$dry_run" compare diff.json runs/latest/run.json .
    [ "$(jq '[.steps[] | select(.kind == "sql" and .outcome == "tried")] | length' diff.json)" -ge 55 ]
}

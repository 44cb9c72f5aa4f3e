#!/usr/bin/env bats
# How long a run will take: told beforehand, and while it falls behind.

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
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: slow, sql: "SELECT pg_sleep(0.5)" }, { id: quick, sql: "SELECT 1" }] }
PLAN
    write_environment here test
    write_environment live production 'limits: { window: 6h }'
    drehbuch run plan.json -e here.yaml
}

estimate() {
    drehbuch estimate plan.json -e live.yaml --rehearsal runs/latest-test/run.json "$@"
}

@test "what dominates, what is not known, and whether the window will do" {
    ends_with 0 estimate
    says 'source     database source'
    says '1.00 times that'
    says 'expected   about'
    says_not 'not known'
    sed -i 's/^backup: false/backup: { folder: backups }/' live.yaml
    ends_with 0 estimate
    says 'expected   at least'
    says 'the window of 6 h 00 min is longer by'
    # The longest step comes first.
    [[ $(grep -m 1 ' %$' <<<"$output") == *18.0/fix/slow* ]]
    says 'not known'
    says 'prepare/backup'
    sed -i 's/6h/100ms/' live.yaml
    ends_with 0 estimate
    says 'TOO SHORT'
}

@test "a larger source takes longer in what works on it" {
    local record=runs/latest-test/run.json
    local size
    size=$(jq .source.size $record)
    jq ".source.size = $((size / 3))" $record >smaller.json
    local expected
    expected=$(drehbuch estimate plan.json -e live.yaml --rehearsal smaller.json --json |
        jq '.steps[] | select(.id == "18.0/fix/slow").milliseconds')
    local took
    took=$(jq '.steps[] | select(.id == "18.0/fix/slow").milliseconds' $record)
    [ "$expected" -ge $((took * 29 / 10)) ] && [ "$expected" -le $((took * 31 / 10)) ]
}

@test "a record of another plan, none, and a source that is not there" {
    write_plan other.yaml <<<''
    ends_with 4 drehbuch estimate other.json -e live.yaml --rehearsal runs/latest-test/run.json
    says 'the record is of another plan'
    ends_with 2 drehbuch estimate plan.json -e live.yaml
    sed -i 's|postgresql:///source?|postgresql:///nowhere?|' live.yaml
    ends_with 1 estimate
    says 'nowhere'
}

@test "a run that falls behind its window says so, once" {
    sed -i 's/pg_sleep(0.5)/pg_sleep(CASE WHEN current_database() LIKE $$%_late$$ THEN 1.2 ELSE 0.5 END)/' plan.yaml
    sed -i 's/id: quick, sql: "SELECT 1"/id: quick, sql: "SELECT pg_sleep(0.6)"/' plan.yaml
    drehbuch compile plan.yaml -o plan.json
    drehbuch run plan.json -e here.yaml
    # In the rehearsal 0.5 s and 0.6 s; now 1.2 s, after which 0.6 s do not fit into 1.7 s.
    WORK=${WORK}_late write_environment late test 'limits: { window: 1700ms }'
    run drehbuch run plan.json -e late.yaml --rehearsal runs/latest-test/run.json
    [ "$(grep -c 'the run falls behind' <<<"$output")" = 1 ]
}

#!/usr/bin/env bats
# Production: only what was rehearsed and approved, and what it did differently is told.

load helper

setup_file() {
    start_server
    make_small_database source
    openssl genpkey -algorithm ed25519 -out "$PLACE/key.pem" 2>/dev/null
    openssl pkey -in "$PLACE/key.pem" -pubout -out "$PLACE/key.pub.pem"
    openssl genpkey -algorithm ed25519 -out "$PLACE/other.pem" 2>/dev/null
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = ref || '!' WHERE is_company" }] }
acceptance:
  - { area: Sales, title: Make a quotation, steps: [Open Sales] }
  - { area: Stock, title: Print a slip, steps: [Open Inventory] }
PLAN
    write_environment test test 'runs: rehearsals'
    write_environment live production
}

# Rehearses; REHEARSAL is its record.
rehearse() {
    drehbuch run plan.json -e test.yaml
    REHEARSAL=$(readlink -f rehearsals/latest)/run.json
}

live() {
    drehbuch run plan.json -e live.yaml "$@"
}

# Demands that the refused run has begun nothing.
nothing_happened() {
    [ ! -e runs ]
}

@test "without a rehearsal or an approval it is refused" {
    ends_with 4 live
    says 'production runs only what was rehearsed and approved'
    rehearse
    ends_with 4 live --rehearsal "$REHEARSAL"
    says 'there is no approval'
    nothing_happened
}

@test "a failed rehearsal cannot be approved" {
    sed -i 's/!/!!/; s/WHERE is_company/WHERE no_such_column/' plan.yaml
    drehbuch compile plan.yaml -o plan.json
    run drehbuch run plan.json -e test.yaml
    [ "$status" -eq 1 ]
    ends_with 4 drehbuch approve rehearsals/latest/run.json --by me
    says 'it did not end well'
    [ ! -e rehearsals/latest/approval.json ]
}

@test "an approval is good for one plan and one record" {
    rehearse
    drehbuch approve "$REHEARSAL" --by me
    sed 's/is_company/active/' plan.yaml >other.yaml
    drehbuch compile other.yaml -o other.json
    ends_with 4 drehbuch run other.json -e live.yaml --rehearsal "$REHEARSAL"
    says 'the approval is for another plan'
    # Another rehearsal of the same plan is another record.
    cp "$(dirname "$REHEARSAL")/approval.json" approval.json
    sleep 1
    rehearse
    ends_with 4 live --rehearsal "$REHEARSAL" --approval approval.json
    says 'another record'
    # A record that was changed afterwards is not the one that was approved.
    drehbuch approve "$REHEARSAL" --by me
    sed -i 's/"updated": 60/"updated": 61/' "$REHEARSAL"
    ends_with 4 live --rehearsal "$REHEARSAL"
    says 'the record was changed'
    ends_with 4 drehbuch verify "$(dirname "$REHEARSAL")"
    nothing_happened
}

@test "approved, it runs, and the record says by what" {
    rehearse
    ends_with 0 drehbuch approve "$REHEARSAL" --by 'P. Huber' --note 'as agreed by telephone' \
        --passed 'Make a quotation'
    says 'P. Huber approves'
    says '1 of 2'
    local approval
    approval=$(dirname "$REHEARSAL")/approval.json
    [ "$(jq -c '[.by, .note, [.acceptance[].status]]' "$approval")" = \
        '["P. Huber","as agreed by telephone",["passed","untried"]]' ]
    ends_with 0 live --approval "$approval"
    says 'performed'
    says 'none: every step did what it had done in the rehearsal'
    cmp "$approval" runs/latest/approval.json
    cmp "$REHEARSAL" runs/latest/rehearsal.json
    [ "$(jq -r '.approval, .rehearsal' runs/latest/run.json)" = \
        "$(sha256sum "$approval" "$REHEARSAL" | cut -d' ' -f1)" ]
}

@test "what the customer does not accept is not approved" {
    rehearse
    ends_with 4 drehbuch approve "$REHEARSAL" --by me --passed 'Make a quotation' --failed 'Stock/Print a slip'
    says 'Print a slip'
    ends_with 2 drehbuch approve "$REHEARSAL" --by me --passed 'Make a quotaton'
    says 'did you mean "Make a quotation"?'
    ends_with 2 drehbuch approve "$REHEARSAL"
    [ ! -e "$(dirname "$REHEARSAL")/approval.json" ]
}

@test "approvals are signed, and the signature counts" {
    rehearse
    local approval
    approval=$(dirname "$REHEARSAL")/approval.json
    write_environment live production "approval: { keys: [$PLACE/key.pub.pem] }"
    drehbuch approve "$REHEARSAL" --by me
    ends_with 4 live --rehearsal "$REHEARSAL"
    says 'not signed'
    drehbuch approve "$REHEARSAL" --by me --key "$PLACE/other.pem"
    ends_with 4 live --rehearsal "$REHEARSAL"
    says 'a key that does not count here'
    ends_with 0 drehbuch approve "$REHEARSAL" --by me --key "$PLACE/key.pem"
    ends_with 0 drehbuch verify "$approval" --key "$PLACE/key.pub.pem"
    cp "$approval" good.json
    sed -i 's/"by": "me"/"by": "somebody else"/' "$approval"
    ends_with 4 live --rehearsal "$REHEARSAL"
    ends_with 4 drehbuch verify "$approval"
    nothing_happened
    cp good.json "$approval"
    ends_with 0 live --rehearsal "$REHEARSAL"
    ends_with 3 drehbuch approve "$REHEARSAL" --by me --key "$PLACE/key.pub.pem"
    says 'private Ed25519 key'
}

@test "without an approval, for a stated reason" {
    ends_with 0 live --unapproved 'the customer is on the telephone'
    [ "$(jq -r .unapproved runs/latest/run.json)" = 'the customer is on the telephone' ]
    ends_with 4 drehbuch approve runs/latest/run.json --by me
    says 'not a rehearsal'
}

@test "what production did differently is told, by step" {
    rehearse
    drehbuch approve "$REHEARSAL" --by me
    query source "UPDATE res_partner SET is_company = true WHERE id = 1"
    ends_with 0 live --rehearsal "$REHEARSAL"
    query source "UPDATE res_partner SET is_company = false WHERE id = 1"
    says '18.0/fix/mark: table public.res_partner'
    [ "$(jq -c '.drift[0] | [.step, .what, .rehearsal.updated, .production.updated]' runs/latest/run.json)" = \
        '["18.0/fix/mark","table public.res_partner",60,61]' ]
}

@test "what production started from is compared too" {
    rehearse
    drehbuch approve "$REHEARSAL" --by me
    query source "UPDATE ir_module_module SET state = 'uninstalled' WHERE name = 'stock'"
    ends_with 0 live --rehearsal "$REHEARSAL"
    query source "UPDATE ir_module_module SET state = 'installed' WHERE name = 'stock'"
    says "prepare/preflight: source's modules installed was 21 in the rehearsal, 20 now"
}

@test "a plan for one environment and only one mode" {
    cat >>plan.yaml <<'PLAN'
checks:
  - { id: in-test, only: test, sql: SELECT 1, equals: 1 }
  - { id: in-production, only: production, sql: SELECT 1, equals: 1 }
PLAN
    drehbuch compile plan.yaml -o plan.json
    rehearse
    drehbuch approve "$REHEARSAL" --by me
    ends_with 0 live --rehearsal "$REHEARSAL"
    says 'skipped 18.0/check/in-test: only in test'
    says 'done 18.0/check/in-production'
    [ "$(jq -c .drift runs/latest/run.json)" = '[]' ]
}

@test "production wants a backup, or a conscious no" {
    rehearse
    drehbuch approve "$REHEARSAL" --by me
    sed -i '/^backup/d' live.yaml
    ends_with 3 live --rehearsal "$REHEARSAL"
    says 'backup'
    echo 'backup: { folder: nowhere }' >>live.yaml
    ends_with 1 live --rehearsal "$REHEARSAL"
    says 'nowhere'
    mkdir nowhere
    ends_with 0 live --rehearsal "$REHEARSAL"
    query postgres "CREATE DATABASE ${WORK}_restored"
    pg_restore --no-owner -d "$(url "${WORK}_restored")" nowhere/*/dump
    diff <("$tests/content-hash" "$(url source)") <("$tests/content-hash" "$(url "${WORK}_restored")")
}

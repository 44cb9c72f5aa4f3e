#!/usr/bin/env bats
# A few kills at random moments; `make crash` does 170. See tests/crash.

load helper

@test "killed at random moments and resumed, a run ends as if nothing had happened" {
    local dumps=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}
    [ -f "$dumps/acme_18.dump" ] || skip "no $dumps/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    run python3 "$tests/crash/crash.py" --dump "$dumps/acme_18.dump" --executor 8 --backend 2 --postmaster 2
    echo "$output"
    [ "$status" -eq 0 ]
    says '12 passed, 0 failed'
}

@test "killed while it prepares, keeps a checkpoint or publishes, all is published or all is as before" {
    run python3 "$tests/crash/logistics.py" --executor 7 --postmaster 1
    echo "$output"
    [ "$status" -eq 0 ]
    says '8 passed, 0 failed'
}

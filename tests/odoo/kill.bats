#!/usr/bin/env bats
# A few kills at random moments; `make crash` does 20. See tests/odoo/kill.py.

load helper

setup_file() {
    need_odoo || return 0
}

teardown_file() {
    remove_odoo
}

setup() {
    take_odoo
}

@test "killed at random moments and resumed, a run that drives Odoo ends as if nothing had happened" {
    run python3 "$BATS_TEST_DIRNAME/kill.py" --kills 4
    echo "$output"
    [ "$status" -eq 0 ]
    says '4 passed, 0 failed'
}

#!/usr/bin/env bats
# What a real Odoo logs: counted, matched with what is known, judged, and forbidden or excused by a plan.

load helper

setup_file() {
    need_odoo || return 0
    restore_small small
}

teardown_file() {
    remove_odoo
}

setup() {
    take_odoo
    enter_folder
}

# plan LINE...: of the small database, with what the test adds.
plan() {
    cat >plan.yaml <<'PLAN'
version: 1
customer: acme
title: A test
upgrade: { from: "19.0", to: "19.0", with: none }
neutralize: false
reset: { assets: false }
PLAN
    printf '%s\n' "$@" >>plan.yaml
    drehbuch compile plan.yaml -o plan.json
}

# effects STEP: of the latest run.
effects() {
    jq -c --arg step "$1" '.steps[] | select(.id == $step).effects' runs/latest/run.json
}

kept='partner_firstname: keep, partner_ref_unique: keep, queue_job: keep, onchange_helper: keep, database_cleanup: keep'

@test "records are counted, progress is shown, and the plan excuses a line with a reason" {
    cat >late.py <<'PYTHON'
import logging
logging.getLogger("acme").error("the licence is deprecated")
logging.getLogger("acme").error("acme_sale is late")
logging.getLogger("acme").warning("acme warns")
PYTHON
    plan "modules: { $kept, partner_tz: { action: update } }" \
        'fixes: { "19.0": [{ id: late, file: late.py }] }' 'checks:' \
        '  - id: clean-log' \
        "    log: { forbid: '\\b(ERROR|CRITICAL)\\b', except: [deprecated, { match: 'acme_\\w+ is late', why: it always is }] }"
    write_odoo_environment here test small "$WORK"
    ends_with 0 drehbuch run plan.json -e here.yaml --json
    [[ $output =~ '"message":"module '[0-9]+' of 83: partner_tz"' ]]
    [ "$(effects 19.0/update | jq -cS .log)" = '{"criticals":0,"errors":0,"warnings":0}' ]
    [ "$(effects 19.0/fix/late | jq -cS .log)" = '{"criticals":0,"errors":2,"warnings":1}' ]
    [ "$(effects 19.0/check/clean-log | jq -cS .)" = '{"check":{"actual":"0 forbidden lines","expected":"no forbidden line","passed":true},"excused":{"acme_\\w+ is late":1,"deprecated":1}}' ]
    grep -q '1 excused by acme_.w+ is late: it always is' runs/latest/steps/*clean-log.log
    says 'Odoo logged 2 errors, the last one: acme_sale is late'
}

@test "a forbidden line fails the check, and only the last attempt of a step counts" {
    cat >twice.py <<PYTHON
import logging, os
if not os.path.exists("$PWD/again"):
    logging.getLogger("acme").error("of the first attempt")
    raise ValueError("not yet")
logging.getLogger("acme").error("of the second attempt")
PYTHON
    plan "modules: { $kept, partner_tz: keep }" \
        'fixes: { "19.0": [{ id: twice, file: twice.py }] }' 'checks:' \
        "  - { id: clean-log, log: { forbid: '\\b(ERROR|CRITICAL)\\b' } }"
    write_odoo_environment here test small "$WORK"
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'not yet'
    touch again
    ends_with 1 drehbuch resume runs/latest
    says "the check failed: 1 line of Odoo's log is forbidden"
    says 'of the second attempt'
    says_not 'of the first attempt'
    grep -q 'of the first attempt' runs/latest/steps/*twice.log
}

@test "what is known of an error ends its message; an environment knows more" {
    mkdir -p own/acme_full own/acme_licence
    echo "{'name': 'x', 'version': '19.0.1.0.0', 'license': 'LGPL-3', 'author': 'x'}" |
        tee own/acme_full/__manifest__.py >own/acme_licence/__manifest__.py
    echo 'raise OSError(28, "No space left on device")' >own/acme_full/__init__.py
    echo 'raise ValueError("acme licence 4711 has expired")' >own/acme_licence/__init__.py
    cat >known.yaml <<'KNOWN'
acme-licence:
  pattern: acme licence (?<number>\d+) has expired
  meaning: the licence {number} is out of date
  remedy: buy another one
KNOWN
    FOLDERS=", $PWD/own"
    write_odoo_environment here test small "$WORK" 'known_errors: [known.yaml]'
    plan "modules: { $kept, partner_tz: keep, acme_full: install }"
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'OSError: [Errno 28] No space left on device'
    says 'known: a disk is full; free space, then resume the run; what is done is kept'
    [ "$(effects 19.0/install | jq '.known_errors["disk-full"]')" -ge 1 ]
    [ "$(effects 19.0/install | jq .log.criticals)" -ge 1 ]
    plan "modules: { $kept, partner_tz: keep, acme_licence: install }"
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'known: the licence 4711 is out of date; buy another one'
    says_not 'Traceback'
    grep -q 'odoo: Traceback' runs/latest/steps/*install.log
}

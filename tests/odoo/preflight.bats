#!/usr/bin/env bats
# Preflight with a real Odoo 19.0: does it tell Odoo's own modules from others, and find what OCA has for 19.0?

load ../database/helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}

setup_file() {
    local code=0 prepared
    prepared=$(mktemp)
    "$BATS_TEST_DIRNAME/prepare" >"$prepared" 2>"$prepared.log" || code=$?
    eval "$(cat "$prepared")"
    export UNAVAILABLE='' ODOO_ADDONS ODOO_OCA_ADDONS ODOO_OPENUPGRADE
    [ "$code" -ne 77 ] || UNAVAILABLE=$(tail -n 1 "$prepared.log")
    [ "$code" -eq 0 ] || [ "$code" -eq 77 ] || { cat "$prepared.log" && return 1; }
    rm -f "$prepared" "$prepared.log"
    export RUN
    RUN=$(printf "'%s', " "${ODOO_RUN[@]}")
    start_server
    make_small_database small
}

teardown_file() {
    remove_server
}

setup() {
    [ -z "$UNAVAILABLE" ] || skip "$UNAVAILABLE"
    enter_folder
    configure "$PLACE/pg"
}

# configure HOST: Odoo works with the server whose socket is in that folder.
configure() {
    printf '[options]\ndata_dir = %s\ndb_name = no_such_database\ndb_host = %s\ndb_port = 5432\ndb_user = odoo\n' \
        "$PWD/data" "$1" >odoo.conf
}

# rehearse SOURCE [DECISION]...: runs a hop to 19.0 that gets no further than preflight, as its Odoo cannot find
# a module that is to be installed.
rehearse() {
    local source=$1
    shift
    printf '%s\n' 'version: 1' 'customer: acme' 'title: A test' 'modules:' '  no_such_module: install' "${@/#/  }" \
        'upgrade: { from: "18.0", to: "19.0", with: openupgrade }' >plan.yaml
    drehbuch compile plan.yaml -o plan.json
    write_environment here test "odoo: { '19.0': { run: [$RUN], config: $PWD/odoo.conf, openupgrade: $ODOO_OPENUPGRADE,
  addons: [$ODOO_ADDONS, $ODOO_OCA_ADDONS, $PWD/own] } }"
    sed -i "s,/source?,/$source?," here.yaml
    mkdir -p own
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'modules.no_such_module: it is not on the addons paths of Odoo 19.0'
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
}

oca=(auth_api_key auth_api_key_group database_cleanup developer_menu onchange_helper partner_firstname
    partner_pricelist_search partner_ref_unique partner_tz queue_job web_environment_ribbon web_notify)

@test "what OCA has for 19.0 is found, and what it has not is told" {
    rehearse small "${oca[@]/%/: keep}" 'jsonifier: keep' 'queue_job_cron: uninstall' 'acme_delivery_note: uninstall'
    says 'modules.jsonifier: it is not on the addons paths of Odoo 19.0'
    says '2 things are in the way'
    says "Odoo 19.0 does not use the addons folder $PWD/own"
    says 'Odoo 19.0 has no code of the module queue_job_cron any more'
    [ "$(jq -r '.steps[1].effects.addons["19.0"] | keys[]' runs/latest/run.json)" = \
        "$(printf '%s\n' "${oca[@]}" openupgrade_framework openupgrade_scripts | sort)" ]
    [[ $(jq -r '.steps[1].effects.odoo["19.0"]' runs/latest/run.json) = 19.0* ]]
    # As by the tools that everybody has.
    local wanted
    wanted=$(cd "$ODOO_OCA_ADDONS/web_notify" && find . -type f ! -name '*.pyc' ! -path '*/__pycache__/*' |
        sed 's,^\./,,' | LC_ALL=C sort | while read -r file; do
            printf '%s\0%d\0' "$file" "$(stat -c %s "$file")"
            cat "$file"
        done | sha256sum | cut -d' ' -f1)
    [ "$(jq -r '.steps[1].effects.addons["19.0"].web_notify.sha256' runs/latest/run.json)" = "$wanted" ]
}

@test "Odoo's own reading of external dependencies and versions counts" {
    mkdir -p own/jsonifier own/acme_delivery_note
    touch own/jsonifier/__init__.py own/acme_delivery_note/__init__.py
    echo "{'name': 'x', 'version': '18.0.1.0.0', 'license': 'LGPL-3', 'author': 'x'}" >own/jsonifier/__manifest__.py
    echo "{'name': 'x', 'license': 'LGPL-3', 'author': 'x', 'external_dependencies': {'python': ['lxml', 'lxml>=999',
        'no-such-package'], 'bin': ['sh', 'no-such-program']}, 'depends': ['sale', 'no_such_dependency']}" \
        >own/acme_delivery_note/__manifest__.py
    rehearse small "${oca[@]/%/: keep}" 'jsonifier: keep' 'queue_job_cron: uninstall' 'acme_delivery_note: keep'
    says 'modules.jsonifier: it cannot be installed at 19.0: its version 18.0.1.0.0 is not of series 19.0'
    says 'modules.acme_delivery_note: it needs the Python package lxml>=999 at 19.0'
    says 'modules.acme_delivery_note: it needs the Python package no-such-package at 19.0'
    says 'modules.acme_delivery_note: it needs the program no-such-program at 19.0'
    says 'modules.acme_delivery_note: its dependency no_such_dependency is not on the addons paths'
    says_not 'package lxml at'
    says_not 'does not use'
    says_not 'program sh at'
}

@test "third-party modules are told from Odoo's own" {
    [ -f "$DUMPS/acme_18.dump" ] || skip "no $DUMPS/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    "$tests/server" restore "$PLACE/pg" "$DUMPS/acme_18.dump" acme
    # The customer's own module is known for 18.0 alone; here it is as if it had been ported.
    mkdir -p own/acme_delivery_note
    touch own/acme_delivery_note/__init__.py
    echo "{'name': 'x', 'version': '19.0.1.0.0', 'license': 'LGPL-3', 'author': 'x'}" >own/acme_delivery_note/__manifest__.py
    rehearse acme
    local told wanted
    told=$(sed -n 's/.*third-party modules that are installed: \([^(]*\) (.*/\1/p' <<<"$output" | head -1 |
        sed 's/, /\n/g' | sort)
    wanted=$(/usr/bin/python3 -c '
import csv, sys
print("\n".join(sorted(row["name"] for row in csv.DictReader(open(sys.argv[1], encoding="utf-8"))
                       if row["state"] == "installed" and row["third_party"] == "t")))' "$DUMPS/acme_18-modules.csv")
    [ "$(wc -l <<<"$wanted")" -gt 10 ]
    [ "$told" = "$wanted" ] || { diff <(echo "$told") <(echo "$wanted") && false; }
}

@test "what goes with an uninstall is told by the manifests of 19.0" {
    rehearse small "${oca[@]/%/: keep}" 'jsonifier: uninstall' 'queue_job_cron: uninstall' 'acme_delivery_note: uninstall'
    says_not 'takes along'
    local kept=("${oca[@]:1}")
    rehearse small 'auth_api_key: uninstall' "${kept[@]/%/: keep}" 'jsonifier: uninstall' 'queue_job_cron: uninstall' \
        'acme_delivery_note: uninstall'
    says 'modules.auth_api_key: uninstalling it at 19.0 takes along auth_api_key_group, which the plan does not uninstall'
}

@test "an Odoo that works with another server, or with none, is told before it can do harm" {
    configure "$PWD/nowhere"
    rehearse small "${oca[@]/%/: keep}" 'jsonifier: uninstall' 'queue_job_cron: uninstall' 'acme_delivery_note: uninstall'
    says 'odoo.19.0: it cannot connect to PostgreSQL'
    chmod 755 "$PWD"
    local other
    other=$(mktemp -d /tmp/drehbuch-test-XXXXXX)
    chmod 755 "$other"
    "$tests/server" start "$other/pg" --no-fsync
    configure "$other/pg"
    rehearse small "${oca[@]/%/: keep}" 'jsonifier: uninstall' 'queue_job_cron: uninstall' 'acme_delivery_note: uninstall'
    "$tests/server" remove "$other/pg"
    rm -r "$other"
    says 'odoo.19.0: it works with another PostgreSQL server than that of the working database'
}

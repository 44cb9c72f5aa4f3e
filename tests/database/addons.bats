#!/usr/bin/env bats
# What preflight finds out about Odoo and its addons. A program stands in for Odoo: tests/database/odoo.py.

load helper

setup_file() {
    start_server
    make_small_database source
    query source "INSERT INTO ir_module_module (name, state, latest_version, author) VALUES
        ('acme_stock', 'installed', '18.0.1.0', 'ACME'), ('l10n_zz', 'installed', '18.0.1.0.0', 'A contributor');
        INSERT INTO ir_module_module_dependency (name, module_id)
        SELECT 'acme_delivery_note', id FROM ir_module_module WHERE name IN ('acme_stock', 'partner_tz')"
}

teardown_file() {
    remove_server
}

# manifest FOLDER MODULE [MEMBERS]: a module with that manifest.
manifest() {
    mkdir -p "$1/$2"
    printf "# a module\n{'name': '%s', %s}\n" "$2" "${3:-"'version': '18.0.1.0.0'"}" >"$1/$2/__manifest__.py"
    echo "# $2" >"$1/$2/__init__.py"
}

third_party=(acme_delivery_note auth_api_key auth_api_key_group database_cleanup developer_menu jsonifier onchange_helper
    partner_firstname partner_pricelist_search partner_ref_unique partner_tz queue_job queue_job_cron
    web_environment_ribbon web_notify)

setup() {
    enter_folder
    local name
    for name in base web mail sale account stock l10n_zz; do
        manifest "$PWD/own" "$name" "'version': '1.3', 'depends': []"
    done
    for name in "${third_party[@]}"; do manifest "$PWD/addons" "$name"; done
    manifest "$PWD/addons" acme_stock "'version': '1.0', 'depends': ['acme_delivery_note', 'stock']"
    odoo here test
    # Updating needs Odoo, and the stand-in can do it.
    decide partner_firstname: update
}

# odoo NAME MODE [LINE]...: an environment with an Odoo 18.0.
odoo() {
    write_environment "$@" \
        "odoo: { '${SERIES:-18.0}': { run: [$BATS_TEST_DIRNAME/odoo.py, '${SERIES:-18.0}', $PWD/own], addons: [$PWD/addons] } }"
}

# decide [MODULE: DECISION]...: a plan that keeps all others. LATER: what else it has.
decide() {
    {
        printf '%s\n' 'version: 1' 'customer: acme' 'title: A test' 'neutralize: false' 'reset: { assets: false }' \
            "upgrade: { from: '${SERIES:-18.0}', to: '${SERIES:-18.0}', with: none }" 'modules:'
        local name
        for name in "${third_party[@]}" acme_stock; do
            [[ " $* " == *" $name: "* ]] || echo "  $name: keep"
        done
        while [ $# -gt 0 ]; do
            echo "  $1 $2"
            shift 2
        done
    } >plan.yaml
    drehbuch compile plan.yaml -o plan.json >/dev/null
}

@test "third-party code that is there is noted with what it holds" {
    mkdir -p addons/queue_job/__pycache__ addons/queue_job/.git
    manifest "$PWD/addons" queue_job "'version': '1.2.3', 'depends': ['sale', 'acme_base']"
    manifest "$PWD/addons" acme_base "'version': '18.0.2.0.0', 'depends': ['base'],
        'external_dependencies': {'python': ['pip'], 'bin': ['sh']}"
    ends_with 0 drehbuch run plan.json -e here.yaml
    jq '.steps[] | select(.kind == "preflight").effects' runs/latest/run.json >effects.json
    [ "$(jq -r '.odoo["18.0"]' effects.json)" = 18.0-20261101 ]
    [ "$(jq -r '.addons["18.0"] | keys[]' effects.json)" = \
        "$(printf '%s\n' "${third_party[@]}" acme_base acme_stock | sort)" ]
    [ "$(jq -r '.addons["18.0"].queue_job.version' effects.json)" = 18.0.1.2.3 ]
    # The digest is over paths and bytes, and over nothing that Python or git leave behind.
    local sum
    sum=$(cd addons/queue_job && for file in __init__.py __manifest__.py; do
        printf '%s\0%d\0' "$file" "$(stat -c %s "$file")"
        cat "$file"
    done | sha256sum | cut -d' ' -f1)
    [ "$(jq -r '.addons["18.0"].queue_job.sha256' effects.json)" = "$sum" ]
    touch addons/queue_job/__pycache__/a.pyc addons/queue_job/b.pyc addons/queue_job/.git/HEAD
    drehbuch run plan.json -e here.yaml
    [ "$(jq -r '.steps[1].effects.addons["18.0"].queue_job.sha256' runs/latest/run.json)" = "$sum" ]
    echo x >addons/queue_job/data.csv
    drehbuch run plan.json -e here.yaml
    [ "$(jq -r '.steps[1].effects.addons["18.0"].queue_job.sha256' runs/latest/run.json)" != "$sum" ]
}

@test "everything that is wrong with the code is in one list" {
    rm -r addons/jsonifier
    manifest "$PWD/addons" web_notify "'version': '17.0.1.0.0'"
    manifest "$PWD/addons" developer_menu "'installable': False"
    manifest "$PWD/addons" partner_tz "'version': '18.0.' + '1.0.0'"
    manifest "$PWD/addons" queue_job "'depends': ['acme_base', 'no_such_module']"
    manifest "$PWD/addons" acme_base "'external_dependencies': {'python': ['no-such-package>=2'], 'bin': ['no-such-program']}"
    printf '# coding: latin-1\n{"name": "\xe9"}\n' >addons/onchange_helper/__manifest__.py
    mv addons/web_environment_ribbon/__manifest__.py addons/web_environment_ribbon/__openerp__.py
    chmod 000 addons/queue_job_cron/__init__.py
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'modules.jsonifier: it is not on the addons paths of Odoo 18.0'
    says 'modules.web_notify: it cannot be installed at 18.0: its version 17.0.1.0.0 is not of series 18.0'
    says 'modules.developer_menu: it cannot be installed at 18.0: its manifest says that it is not installable'
    says "partner_tz/__manifest__.py:2:43: here a comma or"
    says 'modules.queue_job: its dependency no_such_module is not on the addons paths'
    says 'modules.queue_job: its dependency acme_base needs the Python package no-such-package>=2 at 18.0: External'
    says 'modules.queue_job: its dependency acme_base needs the program no-such-program at 18.0'
    says 'modules.onchange_helper: it cannot be installed at 18.0: its manifest is latin-1'
    says_not web_environment_ribbon
    [ "$(id -u)" -eq 0 ] || says 'modules.queue_job_cron: it cannot be used at 18.0'
    says 'nothing was changed'
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
}

@test "a module that is uninstalled needs no code, but that is told" {
    rm -r addons/acme_stock
    decide partner_firstname: update acme_stock: uninstall
    # The stand-in has no shell with a database, so the run fails later.
    run drehbuch run plan.json -e here.yaml
    says 'Odoo 18.0 has no code of the module acme_stock any more'
    says 'done prepare/preflight'
}

@test "an uninstall that takes along what nobody decided is refused" {
    decide acme_delivery_note: uninstall
    ends_with 1 drehbuch run plan.json -e here.yaml
    says '1 thing is in the way'
    says 'modules.acme_delivery_note: uninstalling it at 18.0 takes along acme_stock, partner_tz, which the plan does not'
    decide acme_delivery_note: uninstall acme_stock: uninstall partner_tz: uninstall
    run drehbuch run plan.json -e here.yaml
    says 'done prepare/preflight'
}

@test "an Odoo that cannot be started, or is another one, is told" {
    odoo here test
    sed -i 's,odoo.py,no-such-program,' here.yaml
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'odoo.18.0: cannot start'
    odoo here test
    sed -i "s,odoo.py\, '18.0',odoo.py\, '17.0'," here.yaml
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'odoo.18.0: it is Odoo 17.0, not 18.0'
    odoo here test
    sed -i 's,run: \[[^]]*\],run: [sh\, -c\, "echo no Odoo here >\&2; exit 5"],' here.yaml
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'odoo.18.0: it ended with exit code 5: no Odoo here'
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'odoo.18.0: the environment does not name an Odoo 18.0, which is needed by 18.0/update'
}

@test "what lies beside Odoo's own is third-party, whoever wrote it" {
    sed -i '/acme_stock/d' plan.yaml
    drehbuch compile plan.yaml -o plan.json
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'the plan says nothing about a third-party module that is installed: acme_stock'
    says_not l10n_zz
    # Without Odoo nobody knows.
    sed 's/: update/: keep/' plan.yaml >without.yaml
    drehbuch compile without.yaml -o without.json
    ends_with 0 drehbuch run without.json -e here.yaml
    says 'the module l10n_zz (by A contributor, 18.0.1.0.0) may be third-party'
}

@test "up to 17.0 a database that the configuration names is not opened" {
    SERIES=17.0
    make_small_database "source17" 
    query source17 "UPDATE ir_module_module SET latest_version = replace(latest_version, '18.0', '17.0')"
    local name
    for name in "${third_party[@]}"; do manifest "$PWD/addons" "$name" "'version': '17.0.1.0.0'"; done
    sed -i '/acme_stock/d' plan.yaml
    printf '[options]\ndb_name = live\naddons_path = %s\n' "$PWD/addons" >odoo.conf
    sed "s/'18.0'/'17.0'/g; /acme_stock/d" plan.yaml >plan17.yaml
    drehbuch compile plan17.yaml -o plan17.json
    odoo here test
    sed -i "s,/source?,/source17?,; s,addons: .*\],config: $PWD/odoo.conf," here.yaml
    ends_with 0 drehbuch run plan17.json -e here.yaml
    [ "$(jq -r '.steps[1].effects.addons["17.0"].jsonifier.version' runs/latest/run.json)" = 17.0.1.0.0 ]
}

@test "production refuses other addons than those that were rehearsed" {
    ends_with 0 drehbuch run plan.json -e here.yaml
    cp -r "$(readlink -f runs/latest)" rehearsal
    drehbuch approve rehearsal/run.json --by me
    odoo live production 'runs: live'
    echo "# changed" >>addons/jsonifier/__init__.py
    rm -r addons/acme_stock
    manifest "$PWD/addons" acme_stock "'version': '1.1', 'depends': ['acme_delivery_note', 'acme_more']"
    manifest "$PWD/addons" acme_more
    ends_with 4 drehbuch run plan.json -e live.yaml --approval rehearsal/approval.json
    says 'addons.18.0.jsonifier: it is not what was rehearsed: then 18.0.1.0.0 ('
    says 'addons.18.0.acme_stock: it is not what was rehearsed: then 18.0.1.0 ('
    says 'addons.18.0.acme_more: it is not what was rehearsed: then not there, now 18.0.1.0.0 ('
    says '3 things are in the way'
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 1 ] # the rehearsal's
    query postgres "DROP DATABASE \"$WORK\""
    ends_with 0 drehbuch run plan.json -e live.yaml --approval rehearsal/approval.json --changed-addons 'a typing error'
    says 'addons.18.0.jsonifier: it is not what was rehearsed'
    [ "$(jq -r .changed_addons live/latest/run.json)" = 'a typing error' ]
    [ "$(jq -r '.drift[].what' live/latest/run.json | sort | head -3)" = \
        "$(printf 'addon at 18.0: %s\n' acme_more acme_stock jsonifier)" ]
    # The same addons are no difference.
    drehbuch verify live/latest
    query postgres "DROP DATABASE \"$WORK\""
    drehbuch run plan.json -e here.yaml
    cp -r "$(readlink -f runs/latest)" second
    drehbuch approve second/run.json --by me
    query postgres "DROP DATABASE \"$WORK\""
    ends_with 0 drehbuch run plan.json -e live.yaml --approval second/approval.json
    [ "$(jq -c .drift live/latest/run.json)" = '[]' ]
}

@test "what was done with other addons is not taken over by a later rehearsal" {
    echo 'fixes: { "18.0": [{ id: slow, sql: "SELECT pg_sleep(0.1)" }, { id: last, sql: "SELECT 1" }] }' >>plan.yaml
    drehbuch compile plan.yaml -o plan.json
    odoo here test 'limits: { checkpoints: { count: 3, minimum: 1ms } }'
    drehbuch run plan.json -e here.yaml
    ends_with 0 drehbuch run plan.json -e here.yaml
    says 'beginning behind'
    echo "# changed" >>addons/partner_firstname/__init__.py
    ends_with 0 drehbuch run plan.json -e here.yaml
    says_not 'beginning behind'
    ends_with 0 drehbuch run plan.json -e here.yaml
    says 'beginning behind'
}

#!/usr/bin/env bats
# The upgrade of plans/acme: acme_18 to a real Odoo 19.0 by OpenUpgrade, rehearsed, approved, and performed in
# production mode on another copy of the same source. It is done once, and looked at by many tests.

load helper

setup_file() {
    need_odoo || return 0
    restore_acme acme rehearsed performed || return 0
    "$tests/content-hash" "$(url acme)" --with-times >"$PLACE/source.before"
    export ACME_SECRET=a-secret-of-the-parcel-service
    PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    export PORT
    cd "$PLACE"
    local bindings="bindings: { base_url: 'http://127.0.0.1:$PORT', api_secret: { env: ACME_SECRET } }"
    write_odoo_environment test test acme rehearsed "$bindings" 'limits: { timeout: 15m }'
    write_odoo_environment production production acme performed "$bindings" 'limits: { timeout: 15m }'
    drehbuch compile "$tests/../plans/acme/plan.yaml" -o acme.json
    perform rehearsed latest-test acme.json -e test.yaml >rehearsal.txt 2>&1 || return 0 # the first test tells
    drehbuch approve runs/latest-test/run.json --by Tester --all-passed >approval.txt 2>&1
    perform performed latest-production acme.json -e production.yaml --rehearsal runs/latest-test/run.json \
        >production.txt 2>&1 || true
}

# perform DATABASE LINK ARGUMENT...: a run, with the customer's Odoo started on the result when it is asked for its page.
perform() {
    local database=$1 link=$2 server code=0
    shift 2
    {
        until grep -q 'step-started.*login-page' "runs/$link/journal.jsonl" 2>/dev/null; do sleep 0.5; done
        exec "${ODOO_RUN[@]}" --config="$PLACE/odoo.conf" --addons-path="$ODOO_ADDONS,$ODOO_OCA_ADDONS" \
            --database="$database" --http-interface=127.0.0.1 --http-port="$PORT" --max-cron-threads=0
    } >"$PLACE/serve-$database.log" 2>&1 3>&- &
    server=$!
    drehbuch run "$@" || code=$?
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    return "$code"
}

teardown_file() {
    remove_odoo
}

setup() {
    take_odoo
    cd "$PLACE" || return 1
}

# both SQL: what it gives on the two results, which must be the same.
both() {
    local rehearsed performed
    rehearsed=$(query rehearsed "$1")
    performed=$(query performed "$1")
    [ "$rehearsed" = "$performed" ] || { printf 'rehearsed: %s\nperformed: %s\n' "$rehearsed" "$performed" && false; }
    echo "$rehearsed"
}

@test "the rehearsal ends well, and serves the login page" {
    cat rehearsal.txt
    grep -q '^Done: rehearsed' rehearsal.txt
    grep -q 'done publish/check/login-page' rehearsal.txt
}

@test "production does the same, without drift" {
    cat approval.txt production.txt
    grep -q '^Done: performed' production.txt
    grep -q 'done publish/check/login-page' production.txt
    grep -q 'drift *none' production.txt
    [ "$(jq '.drift | length' runs/latest-production/run.json)" = 0 ]
}

@test "the source is as it was" {
    "$tests/content-hash" "$(url acme)" --with-times >source.after
    diff source.before source.after
}

@test "every kept module is installed at a version of 19.0, and no module is half way" {
    local kept
    kept=$(both "SELECT string_agg(name, ' ' ORDER BY name) FROM ir_module_module WHERE state = 'installed'
        AND latest_version LIKE '19.0.%' AND name IN ('auth_api_key', 'auth_api_key_group', 'database_cleanup',
        'developer_menu', 'onchange_helper', 'partner_firstname', 'partner_pricelist_search', 'partner_ref_unique',
        'partner_tz', 'queue_job', 'queue_job_subscribe', 'web_environment_ribbon', 'web_notify')")
    [ "$(wc -w <<<"$kept")" -eq 13 ]
    [ "$(both "SELECT count(*) FROM ir_module_module WHERE state LIKE 'to %'
        OR (state = 'installed' AND latest_version NOT LIKE '19.0.%')")" = 0 ]
}

@test "what was decided to go is gone" {
    [ "$(both "SELECT count(*) FROM ir_module_module WHERE state = 'uninstalled' AND name IN
        ('acme_delivery_note', 'base_user_empty_password', 'jsonifier', 'queue_job_cron')")" = 4 ]
    [ "$(both "SELECT count(*) FROM ir_model_data WHERE module IN ('acme_delivery_note', 'jsonifier', 'queue_job_cron')")" = 0 ]
    [ "$(both "SELECT coalesce(to_regclass('acme_packing_hint')::text, 'none')")" = none ]
}

@test "partners, orders, lines, journal entries and files are as many as in the source" {
    local table
    for table in res_partner sale_order sale_order_line account_move account_move_line crm_lead project_task; do
        echo "$table"
        [ "$(both "SELECT count(*) FROM $table")" = "$(query acme "SELECT count(*) FROM $table")" ]
    done
    # Files of the customer's records; pictures that modules ship come and go with them.
    local files="SELECT string_agg(res_model || ' ' || count, ', ' ORDER BY res_model) FROM (SELECT res_model, count(*)
        FROM ir_attachment WHERE res_model IN ('hr.employee', 'product.template', 'res.partner', 'sale.order',
        'x_acme_contract', 'website') GROUP BY res_model) AS counted"
    [ "$(both "$files")" = "$(query acme "$files")" ]
    # None of the files of the source that a record still names is missing from the filestore.
    local name
    for name in $(query performed "SELECT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"); do
        [ -f "data/filestore/performed/$name" ] || { echo "missing: $name" && false; }
    done
}

@test "settings, records, views and fixes are as planned" {
    [ "$(both "SELECT value FROM ir_config_parameter WHERE key = 'acme.shipping.api_secret'")" = "$ACME_SECRET" ]
    [ "$(both "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'")" = "http://127.0.0.1:$PORT" ]
    [ "$(both "SELECT count(*) FROM ir_config_parameter WHERE key = 'report.url'")" = 0 ]
    [ "$(both "SELECT phone FROM res_company ORDER BY id LIMIT 1")" = '+41 44 000 00 00' ] ||
        [ "$(both "SELECT p.phone FROM res_company c JOIN res_partner p ON p.id = c.partner_id ORDER BY c.id LIMIT 1")" = '+41 44 000 00 00' ]
    [ "$(both "SELECT count(*) FROM ir_ui_view WHERE name = 'acme_note' AND active AND model = 'sale.order' AND priority = 50")" = 1 ]
    [ "$(both "SELECT count(*) FROM sale_order WHERE state = 'cancel' AND name NOT LIKE '%(cancelled)'")" = 0 ]
    [ "$(both "SELECT interval_type FROM ir_cron c JOIN ir_model_data d ON d.res_id = c.id AND d.model = 'ir.cron'
        WHERE d.module = 'digest' AND d.name = 'ir_cron_digest_scheduler_action'")" = weeks ]
    # The customer's own: a model, a field, views.
    [ "$(both "SELECT count(*) FROM x_acme_contract")" = "$(query acme "SELECT count(*) FROM x_acme_contract")" ]
    [ "$(both "SELECT count(*) FROM res_partner WHERE x_acme_ref IS NOT NULL")" = "$(query acme "SELECT count(*) FROM res_partner WHERE x_acme_ref IS NOT NULL")" ]
    [ "$(both "SELECT count(*) FROM ir_ui_view WHERE name LIKE 'acme.%' AND active")" = 8 ]
}

@test "what is for the test alone is in the rehearsal alone" {
    local ribbon="SELECT value FROM ir_config_parameter WHERE key = 'ribbon.name'"
    [ "$(query rehearsed "$ribbon")" = TEST ]
    [ "$(query performed "$ribbon")" = "$(query acme "$ribbon")" ]
    [ "$(query rehearsed "SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'")" = true ]
    [ -z "$(query performed "SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'")" ]
    [ "$(query performed "SELECT count(*) FROM ir_mail_server WHERE active")" = "$(query acme "SELECT count(*) FROM ir_mail_server WHERE active")" ]
}

@test "Odoo has logged no error but those that the plan excuses" {
    grep -q 'done 19.0/check/clean-log' rehearsal.txt
    grep -q 'done 19.0/check/clean-log' production.txt
    # Looked for without drehbuch's own reader.
    run grep -hE ' (ERROR|CRITICAL) ' runs/*/steps/*.log
    [ "$(grep -cvE 'Some modules (have inconsistent states|are not loaded).*jsonifier' <<<"$output")" = 0 ] || { echo "$output" && false; }
}

# Neutralization, and what the plan marks with only: test, are the difference; nothing else is.
@test "the two results are equal by content" {
    "$tests/content-hash" "$(url rehearsed)" --odoo >rehearsed.hash
    "$tests/content-hash" "$(url performed)" --odoo >performed.hash
    local differing
    differing=$(diff rehearsed.hash performed.hash | sed -nE 's/^[<>] ([^ ]+) .*/\1/p' | sort -u | tr '\n' ' ')
    echo "$differing"
    local table
    for table in $differing; do
        case $table in
            public.auth_api_key | public.fetchmail_server | public.ir_config_parameter* | public.ir_cron | \
                public.ir_mail_server* | public.ir_ui_view | public.website) ;;
            *) echo "differs: $table" && diff rehearsed.hash performed.hash && false ;;
        esac
    done
}

@test "the record has the content of the third-party modules, and no secret is in any file of the runs" {
    [ "$(jq '[.steps[] | select(.id == "prepare/preflight") | .effects.addons["19.0"] | keys[]] | length' runs/latest-test/run.json)" -ge 13 ]
    ! grep -rqF "$ACME_SECRET" runs
}

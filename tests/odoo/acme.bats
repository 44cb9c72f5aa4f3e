#!/usr/bin/env bats
# The upgrade of plans/acme: acme_18 to a real Odoo 19.0 by OpenUpgrade, rehearsed, approved, and performed in
# production mode on another copy of the same source. It is done once, and looked at by many tests.

load helper

setup_file() {
    need_odoo || return 0
    restore_acme acme acme || return 0
    # Two hops at a time need more locks than a server has by itself.
    psql -Xq -d "$(url postgres | sed 's/user=odoo/user=postgres/')" -c 'ALTER SYSTEM SET max_locks_per_transaction = 256'
    "$tests/server" stop "$PLACE/pg"
    "$tests/server" start "$PLACE/pg" --no-fsync
    "$tests/content-hash" "$(url acme)" --with-times >"$PLACE/source.before"
    export ACME_SECRET=a-secret-of-the-parcel-service
    cd "$PLACE"
    local bindings="bindings: { base_url: 'https://erp.acme.example', api_secret: { env: ACME_SECRET } }"
    write_odoo_environment test test acme rehearsed "$bindings" \
        'limits: { timeout: 15m, checkpoints: { count: 3, minimum: 1s } }'
    write_odoo_environment production production acme performed "$bindings" 'limits: { timeout: 15m }'
    add_filestores test.yaml rehearsed
    add_filestores production.yaml performed
    drehbuch compile "$tests/../plans/acme/plan.yaml" -o acme.json
    drehbuch diff acme.json -e test.yaml --json >predicted.json 2>predicted.err || true
    query postgres "CREATE DATABASE acme_too TEMPLATE acme"
    rehearse_proposal >proposal.txt 2>&1 3>&- &
    drehbuch run acme.json -e test.yaml >rehearsal.txt 2>&1 || {
        wait && return 0 # the first test tells
    }
    wait || true
    drehbuch approve runs/latest-test/run.json --by Tester --all-passed >approval.txt 2>&1
    perform_with_crash acme.json -e production.yaml --rehearsal runs/latest-test/run.json \
        >production.txt 2>&1 || true
}

# What `init` proposes for the same database, decided as a newcomer would: what is not ported goes.
rehearse_proposal() {
    write_odoo_environment newcomer test acme_too proposed 'limits: { timeout: 15m }' 'runs: newcomers'
    add_filestores newcomer.yaml proposed
    drehbuch init -e newcomer.yaml --to 19.0 --customer acme -o proposed.yaml
    sed 's/: tbd/: uninstall/' proposed.yaml >decided.yaml
    drehbuch check decided.yaml
    drehbuch compile decided.yaml -o decided.json
    drehbuch run decided.json -e newcomer.yaml
}

# add_filestores FILE WORK: to an environment.
add_filestores() {
    sed -i "s|^\\(source: .*\\) }|\\1, filestore: $PLACE/data/filestore/acme }|
        s|^\\(work: .*\\) }|\\1, filestore: $PLACE/data/filestore/$2 }|" "$1"
}

# In production PostgreSQL crashes in the midst of the hop.
perform_with_crash() {
    drehbuch run "$@" 3>&- &
    local code=0
    wait_for 300 is_in_the_hop
    "$tests/server" kill "$PLACE/pg"
    "$tests/server" start "$PLACE/pg" --no-fsync
    wait %% || code=$?
    echo "exit code $code"
    drehbuch resume runs/latest-production
}

is_in_the_hop() {
    grep -qs 'odoo: .*Loading module sale ' runs/latest-production/steps/*hop*.log
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

@test "the rehearsal ends well" {
    cat rehearsal.txt
    grep -q '^Done: rehearsed' rehearsal.txt
    grep -q 'skipped publish/check/login-page: the environment names no place to publish to' rehearsal.txt
}

@test "what init proposes, decided by a newcomer, compiles and rehearses" {
    cat proposal.txt
    grep -q '^Done: rehearsed' proposal.txt
    [ "$(sed -n 's/^  \([a-z_]*\): tbd .*/\1/p' proposed.yaml | tr '\n' ' ')" = 'acme_delivery_note jsonifier queue_job_cron ' ]
    [ "$(grep -c '^  [a-z_]*: keep ' proposed.yaml)" = 12 ]
    [ "$(query proposed "SELECT string_agg(state, ',') FROM ir_module_module WHERE name IN ('queue_job_cron', 'jsonifier', 'acme_delivery_note') AND state <> 'uninstalled'")" = '' ]
    [ "$(query proposed "SELECT count(*) FROM ir_module_module WHERE state = 'installed' AND latest_version NOT LIKE '19.0.%'")" = 0 ]
    [ "$(query proposed "SELECT count(*) FROM sale_order")" = "$(query acme "SELECT count(*) FROM sale_order")" ]
}

@test "the dry run told the migration scripts that ran in the hop, and no other" {
    [ -s predicted.json ] || { cat predicted.err && false; }
    jq -r '.steps[] | select(.kind == "hop.openupgrade") | .scripts | to_entries[] | "\(.key) \(.value[])"' predicted.json | LC_ALL=C sort >predicted
    # Not those of modules that the hop installs by itself.
    query acme "SELECT name FROM ir_module_module WHERE state = 'installed' ORDER BY name COLLATE \"C\"" >installed
    sed -nE 's/.* module ([a-z0-9_]+): Running migration \[[>$]?([0-9.]+)>?\] ([A-Za-z0-9_-]+) *$/\1 \2\/\3.py/p' \
        runs/latest-test/steps/*hop*.log | LC_ALL=C sort | LC_ALL=C join installed - >ran
    [ "$(wc -l <ran)" -ge 60 ]
    diff predicted ran
}

@test "production, with PostgreSQL crashed in the hop and resumed, does the same, without drift" {
    cat approval.txt production.txt
    grep -q '^exit code 1$' production.txt
    grep -q 'FAILED 19.0/hop' production.txt
    grep -q 'a resumed run begins this step again from the copy before it' production.txt
    grep -q '^Done: performed' production.txt
    grep -q 'drift *none' production.txt
    [ "$(jq '.drift | length' runs/latest-production/run.json)" = 0 ]
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname ~ '^(rehearsed|performed).' AND datname !~ '[.]saved-'")" = 0 ]
}

@test "Odoo 19.0 starts on both results, and serves its login page" {
    local database port tries page
    for database in rehearsed performed; do
        # A copy: what a server writes while it runs is none of the upgrade.
        query postgres "CREATE DATABASE served TEMPLATE $database"
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        "${ODOO_RUN[@]}" --config="$PLACE/odoo.conf" --addons-path="$ODOO_ADDONS,$ODOO_OCA_ADDONS" --database=served \
            --http-interface=127.0.0.1 --http-port="$port" --max-cron-threads=0 >"serve-$database.log" 2>&1 3>&- &
        tries=60
        until page=$(python3 -c 'import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())' "http://127.0.0.1:$port/web/login" 2>/dev/null); do
            [ $((tries--)) -gt 0 ] || { tail -n 30 "serve-$database.log" && false; }
            sleep 0.5
        done
        grep -q 'name="login"' <<<"$page"
        kill %%
        wait %% || true
        run grep -E ' (ERROR|CRITICAL) ' "serve-$database.log"
        [ "$status" -eq 1 ] || { echo "$output" && false; }
        query postgres "DROP DATABASE served WITH (FORCE)"
    done
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
        'partner_tz', 'queue_job', 'web_environment_ribbon', 'web_notify')")
    [ "$(wc -w <<<"$kept")" -eq 12 ]
    [ "$(both "SELECT count(*) FROM ir_module_module WHERE state LIKE 'to %'
        OR (state = 'installed' AND latest_version NOT LIKE '19.0.%')")" = 0 ]
}

@test "what was decided to go is gone" {
    [ "$(both "SELECT count(*) FROM ir_module_module WHERE state = 'uninstalled' AND name IN
        ('acme_delivery_note', 'jsonifier', 'queue_job_cron')")" = 3 ]
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
    [ "$(both "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'")" = https://erp.acme.example ]
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
    run grep -hE ' (ERROR|CRITICAL) ' runs/latest-test/steps/*.log
    [ -n "$output" ] # those of the modules that have no 19.0
    (! grep -vE 'Some modules (have inconsistent states|are not loaded).*jsonifier' <<<"$output")
}

# Neutralization, and what the plan marks with only: test, are the difference; nothing else is.
@test "the two results are equal by content" {
    # Without the numbers of records: where PostgreSQL has crashed its sequences skip some.
    "$tests/content-hash" "$(url rehearsed)" --odoo --without-ids >rehearsed.hash
    "$tests/content-hash" "$(url performed)" --odoo --without-ids >performed.hash
    [ "$(wc -l <rehearsed.hash)" -gt 500 ]
    local differing known=' auth_api_key fetchmail_server ir_config_parameter ir_cron ir_mail_server ir_ui_view website '
    differing=$(diff rehearsed.hash performed.hash | sed -nE 's/^[<>] public\.([^ ]+) .*/\1/p' | sort -u)
    echo "$differing"
    local table
    for table in $differing; do [[ $known == *[[:space:]]$table[[:space:]]* ]]; done
    # Of those, all but what neutralization and the plan's `only: test` write:
    both "SELECT md5(string_agg(key || '=' || value, ' ' ORDER BY key)) FROM ir_config_parameter WHERE key NOT IN
        ('database.uuid', 'database.is_neutralized', 'ribbon.name', 'account_peppol.edi.mode')"
    both "SELECT md5(string_agg(content, ' ' ORDER BY content)) FROM (SELECT (to_jsonb(c) - '{id,ir_actions_server_id,active,
        create_date,write_date,nextcall,lastcall}'::text[])::text AS content FROM ir_cron c) AS crons"
    both "SELECT md5(string_agg(content, ' ' ORDER BY content)) FROM (SELECT (to_jsonb(v) - '{id,inherit_id,create_date,
        write_date}'::text[])::text AS content FROM ir_ui_view v
        WHERE key IS NULL OR key NOT IN ('web.neutralize_banner', 'website.neutralize_ribbon')) AS views"
    both "SELECT count(*) FROM auth_api_key"
}

@test "the record has the content of the third-party modules, and no secret is in any file of the runs" {
    [ "$(jq '[.steps[] | select(.id == "prepare/preflight") | .effects.addons["19.0"] | keys[]] | length' runs/latest-test/run.json)" -ge 12 ]
    (! grep -rqF "$ACME_SECRET" runs)
}

# The last test: it makes the working database of the rehearsal anew, twice.
@test "a changed last fix: the next rehearsals begin behind the hop, and give what one from the start gives" {
    "$tests/content-hash" "$(url rehearsed)" --odoo --without-ids >fresh.hash
    sed 's/^environment: test/environment: again/; $a runs: again' test.yaml >again.yaml
    mkdir changed
    cp -R "$tests/../plans" changed/plans
    sed -i 's/digest_scheduler_action.).active = False/&; print("changed")/' changed/plans/acme/plan.yaml
    drehbuch compile changed/plans/acme/plan.yaml -o changed.json
    run cmp acme.json changed.json
    [ "$status" -eq 1 ]
    # PostgreSQL has crashed since and lost the counts that tell whether the source is the same: it is, as the
    # last line shows, so one may say so.
    ends_with 0 drehbuch run changed.json -e again.yaml --stale
    says 'taken over 19.0/hop'
    says 'done 19.0/fix/pause-digest'
    says_not 'done 19.0/hop'
    says_not 'done 19.0/uninstall'
    # The plan of before, again from a checkpoint: what it gave from the start is known.
    ends_with 0 drehbuch run acme.json -e again.yaml --stale
    says 'taken over 19.0/hop'
    "$tests/content-hash" "$(url rehearsed)" --odoo --without-ids >incremental.hash
    diff fresh.hash incremental.hash
    local name
    for name in $(query rehearsed "SELECT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"); do
        [ -f "data/filestore/rehearsed/$name" ] || { echo "missing: $name" && false; }
    done
    "$tests/content-hash" "$(url acme)" --with-times | diff source.before -
}

#!/usr/bin/env bats
# What each kind of step does, on the small database.

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
}

teardown() {
    end_children
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'source'" >/dev/null
}

# effects STEP: what the latest run recorded of it.
effects() {
    jq -cS --arg step "$1" '.steps[] | select(.id == $step) | .effects' runs/latest/run.json
}

# rehearse [CODE]: compiles plan.yaml, whose text is standard input, and runs it.
rehearse() {
    write_plan
    [ -e here.yaml ] || write_environment here test
    ends_with "${1:-0}" drehbuch run plan.json -e here.yaml
}

@test "database.copy: by template, or as a stream where somebody is connected" {
    rehearse <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    says 'by template'
    psql -Xq -d "$(url source)" -c 'SELECT pg_sleep(30)' 3>&- &
    wait_for 5 eval '[ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '"'source'"'")" = 1 ]'
    rehearse <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    says 'by stream'
    diff <("$tests/content-hash" "$(url source)") <("$tests/content-hash" "$(url "$WORK")")
    # Who is connected to the source stays so.
    [ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = 'source'")" = 1 ]
    echo 'copy: template' >>here.yaml
    rehearse 1 <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    says 'source'
}

@test "database.copy: a stream on request is the same" {
    write_environment here test 'copy: dump' 'limits: { jobs: 4 }'
    rehearse <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    says 'by stream'
    diff <("$tests/content-hash" "$(url source)") <("$tests/content-hash" "$(url "$WORK")")
}

@test "database.copy: a stream sorts as the source does" {
    query postgres "CREATE DATABASE icu_$WORK TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-CH'"
    pg_dump "$(url source)" | psql -Xq -v ON_ERROR_STOP=1 -d "$(url "icu_$WORK")" >restored.txt
    write_environment here test 'copy: dump'
    sed -i "s,/source?,/icu_$WORK?," here.yaml
    rehearse <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    [ "$(query postgres "SELECT DISTINCT datlocprovider, daticulocale, datcollate FROM pg_database
        WHERE datname IN ('icu_$WORK', '$WORK')")" = "$(query postgres "SELECT datlocprovider, daticulocale, datcollate
        FROM pg_database WHERE datname = 'icu_$WORK'")" ]
}

@test "database.drop: an earlier attempt goes, nothing else does" {
    rehearse <<<'fixes: { "18.0": [{ id: x, sql: CREATE TABLE left_over () }] }'
    rehearse <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    [ "$(query "$WORK" "SELECT to_regclass('left_over') IS NULL")" = t ]
}

@test "sql: several statements, dollar quotes, functions, notices, one transaction" {
    rehearse <<'PLAN'
fixes:
  "18.0":
    - id: several
      sql: |
        CREATE FUNCTION acme_twice(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 * 2; $$;
        DO $x$ BEGIN RAISE NOTICE 'half; way'; END $x$;
        INSERT INTO mail_mail (state) SELECT 'sent' FROM generate_series(1, acme_twice(4));
        UPDATE mail_mail SET state = 'sent' WHERE state = 'outgoing';
        DELETE FROM mail_mail WHERE state = 'exception'; -- the end
      expect: { rows: 28 }
PLAN
    [ "$(effects 18.0/fix/several | jq -c '.tables, .rows')" = \
        "$(printf '{"public.mail_mail":{"deleted":10,"inserted":8,"updated":10}}\n28')" ]
    ends_with 0 drehbuch log runs 18.0/fix/several
    says 'half; way'
}

@test "sql: outside of a transaction, where the statement wants that" {
    rehearse <<'PLAN'
fixes:
  "18.0":
    - { id: vacuum, sql: VACUUM (ANALYZE) res_partner, transaction: false }
    - { id: index, sql: "CREATE INDEX CONCURRENTLY acme_index ON res_partner (ref)", transaction: false }
PLAN
    [ "$(query "$WORK" "SELECT to_regclass('acme_index')")" = acme_index ]
    rehearse 1 <<<'fixes: { "18.0": [{ id: hidden, sql: "DO $$ BEGIN EXECUTE '"'VACUUM'"'; END $$" }] }'
    says 'VACUUM cannot'
}

@test "sql: what a step sets for its session ends with it" {
    rehearse 1 <<'PLAN'
fixes:
  "18.0":
    - id: sets
      sql: |
        SET search_path = nowhere;
        SET work_mem = '77MB';
        CREATE TEMPORARY TABLE remembered AS SELECT 1;
    - { id: path, sql: UPDATE res_partner SET ref = 'x' WHERE id = 1, expect: { rows: 1 } }
    - { id: memory, sql: "DO $$ BEGIN ASSERT current_setting('work_mem') <> '77MB'; END $$" }
    - { id: temporary, sql: SELECT * FROM remembered }
PLAN
    says 'done 18.0/fix/memory'
    says 'relation "remembered" does not exist'
}

@test "command: argument vector, environment, exit code, output" {
    rehearse 1 <<'PLAN'
fixes:
  "18.0":
    - { id: words, command: [printf, '<%s>\n', 'a b', '$HOME', '*'], nature: repeatable }
    - { id: shell, command: 'echo $((6 * 7)) | cat', shell: true, nature: repeatable }
    - { id: fails, command: [sh, -c, 'echo why >&2; exit 7'], nature: repeatable }
PLAN
    says 'FAILED 18.0/fix/fails'
    says '7'
    ends_with 0 drehbuch log runs 18.0/fix/words
    says '<a b>'
    says '<$HOME>'
    says '<*>'
    ends_with 0 drehbuch log runs 18.0/fix/shell
    says 42
    ends_with 0 drehbuch log runs 18.0/fix/fails
    says why
    rehearse 1 <<<'fixes: { "18.0": [{ id: x, command: [no-such-program], nature: repeatable }] }'
    says '1 thing is in the way'
    says 'the program no-such-program is not there'
}

@test "wait: as long as it says" {
    local began=${EPOCHREALTIME/./}
    rehearse <<<'fixes: { "18.0": [{ id: pause, wait: 700ms }] }'
    [ $((${EPOCHREALTIME/./} - began)) -ge 700000 ]
    [ "$(jq '.steps[] | select(.id == "18.0/fix/pause") | .milliseconds >= 700' runs/latest/run.json)" = true ]
}

@test "settings.parameters: set, added, removed, left alone" {
    rehearse <<'PLAN'
settings: { parameters: { report.url: null, no.such.key: null, acme.new: "1", ribbon.name: PRODUCTION, web.base.url: "https://new.example" } }
PLAN
    [ "$(effects 18.0/parameters | jq -c .parameters)" = '{"acme.new":{"new":"1","old":null},"report.url":{"new":null,"old":"http://127.0.0.1:8069"},"web.base.url":{"new":"https://new.example","old":"https://erp.acme.example"}}' ]
    [ "$(query "$WORK" "SELECT string_agg(key || '=' || value, ' ' ORDER BY key) FROM ir_config_parameter
        WHERE key IN ('acme.new', 'report.url', 'ribbon.name', 'web.base.url')")" = \
        'acme.new=1 ribbon.name=PRODUCTION web.base.url=https://new.example' ]
}

@test "settings.crons: by external id, old and new told; a wrong one changes nothing" {
    rehearse <<'PLAN'
settings: { crons: { mail.ir_cron_module_update_notification: { active: false, interval_type: months, priority: 3 } } }
PLAN
    [ "$(effects 18.0/crons | jq -c .crons)" = '{"mail.ir_cron_module_update_notification":{"active":{"new":false,"old":true},"interval_type":{"new":"months","old":"weeks"},"priority":{"new":3,"old":1000}}}' ]
    rehearse 1 <<'PLAN'
settings: { crons: { mail.ir_cron_mail_scheduler_action: { active: false }, mail.no_such: { active: false } } }
PLAN
    says 'mail.no_such'
    [ "$(query "$WORK" 'SELECT count(*) FROM ir_cron WHERE active')" = 4 ]
    rehearse 1 <<<'settings: { crons: { acme.outgoing: { active: false } } }'
    says 'ir.mail_server'
}

@test "settings.mail_servers: one by external id, and all of them off" {
    write_environment here test 'bindings: { port: 2525, password: { env: THE_PASSWORD } }'
    export THE_PASSWORD=hush-hush
    rehearse <<'PLAN'
bindings: { port: { type: number }, password: { type: secret } }
settings: { mail_servers: { acme.outgoing: { smtp_host: new.example, smtp_port: "${port}", smtp_pass: "${password}" } } }
PLAN
    [ "$(query "$WORK" 'SELECT smtp_host, smtp_port, smtp_pass, active FROM ir_mail_server')" = 'new.example|2525|hush-hush|t' ]
    [ "$(effects 18.0/mail-servers | jq -c '.mail_servers["acme.outgoing"].smtp_pass')" = \
        '{"binding":true,"new":"********","old":"********"}' ]
    write_environment here test
    rehearse <<<'settings: { mail_servers: { all: { active: false } } }'
    [ "$(query "$WORK" 'SELECT count(*) FROM (SELECT active FROM ir_mail_server UNION ALL SELECT active FROM fetchmail_server) s WHERE active')" = 0 ]
    [ "$(effects 18.0/mail-servers | jq -c '.mail_servers | keys')" = \
        '["fetchmail_server 1 (ACME incoming)","ir_mail_server 1 (ACME outgoing)"]' ]
    rehearse 1 <<<'settings: { mail_servers: { acme.no_such: { active: false } } }'
    says acme.no_such
}

@test "modules.rename and modules.merge: names, data, dependencies, views' keys" {
    rehearse <<<'{}' || true
    sed -i '/^{}/d; s/acme_delivery_note: keep/acme_delivery_note: { action: rename, to: acme_delivery }/
        s/jsonifier: keep/jsonifier: { action: merge, into: web }/
        s/queue_job_cron: keep/queue_job_cron: { action: merge, into: queue_job }/' plan.yaml
    drehbuch compile plan.yaml -o plan.json
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(query "$WORK" "SELECT string_agg(name || ' ' || state, ', ' ORDER BY name) FROM ir_module_module
        WHERE name IN ('acme_delivery', 'acme_delivery_note', 'jsonifier', 'queue_job', 'queue_job_cron')")" = \
        'acme_delivery installed, queue_job installed' ]
    [ "$(query "$WORK" "SELECT string_agg(module || '.' || name, ' ' ORDER BY 1) FROM (SELECT module, name FROM ir_model_data
        WHERE module LIKE 'acme_d%' OR name LIKE '%jsonifier' OR name LIKE 'module_acme%' ORDER BY 1, 2) AS d")" = \
        'acme_delivery.model_acme_delivery_note acme_delivery.report_note base.module_acme_delivery web.menu_jsonifier' ]
    [ "$(query "$WORK" "SELECT key FROM ir_ui_view WHERE key IS NOT NULL")" = acme_delivery.report_note ]
    [ "$(query "$WORK" "SELECT count(*) FROM ir_module_module_dependency d JOIN ir_module_module m ON m.id = d.module_id
        WHERE m.name = d.name OR d.name IN ('jsonifier', 'queue_job_cron', 'acme_delivery_note')")" = 0 ]
    [ "$(effects 18.0/merge | jq -c .modules)" = \
        '{"jsonifier":{"new":null,"old":"installed"},"queue_job_cron":{"new":null,"old":"installed"}}' ]
}

@test "modules.rename and modules.merge: what cannot be, changes nothing" {
    write_environment here test
    rehearse <<<'{}' || true
    sed '/^{}/d; s/acme_delivery_note: keep/acme_delivery_note: { action: rename, to: stock }/' plan.yaml >taken.yaml
    drehbuch compile taken.yaml -o plan.json
    ends_with 1 drehbuch run plan.json -e here.yaml
    says '"acme_delivery_note" cannot be renamed to "stock"'
    says 'merge'
    [ "$(query "$WORK" "SELECT count(*) FROM ir_module_module WHERE name = 'acme_delivery_note'")" = 1 ]
}

@test "modules in the shape of 14.0: translations and exclusions follow" {
    query postgres "CREATE DATABASE old_$WORK TEMPLATE source"
    query "old_$WORK" "
        UPDATE ir_module_module SET latest_version = '14.0.1.3' WHERE name = 'base';
        CREATE TABLE ir_translation (id serial, module varchar, src text, value text);
        INSERT INTO ir_translation (module, src, value) VALUES ('acme_delivery_note', 'Note', 'Notiz'), ('jsonifier', 'a', 'b');
        INSERT INTO ir_module_module_exclusion (name, module_id) SELECT 'jsonifier', id FROM ir_module_module WHERE name = 'crm';
        INSERT INTO ir_module_module (name, state) VALUES ('acme_delivery', 'uninstalled');
        INSERT INTO ir_model_data (module, name, model, res_id) SELECT 'base', 'module_acme_delivery', 'ir.module.module', id
            FROM ir_module_module WHERE name = 'acme_delivery';"
    rehearse <<<'{}' || true
    write_environment here test
    sed -i "s,/source?,/old_$WORK?," here.yaml
    sed '/^{}/d; s/"18.0"/"14.0"/g; s/acme_delivery_note: keep/acme_delivery_note: { action: rename, to: acme_delivery }/
        s/jsonifier: keep/jsonifier: { action: merge, into: web }/' plan.yaml >old.yaml
    drehbuch compile old.yaml -o plan.json
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(query "$WORK" "SELECT string_agg(module, ' ' ORDER BY id) FROM ir_translation")" = 'acme_delivery web' ]
    [ "$(query "$WORK" "SELECT string_agg(name, ' ') FROM ir_module_module_exclusion")" = web ]
    [ "$(query "$WORK" "SELECT string_agg(state, ' ') FROM ir_module_module WHERE name = 'acme_delivery'")" = installed ]
}

@test "assets.clear and rules.reset: what Odoo makes again, and nothing else" {
    query postgres "CREATE DATABASE assets_$WORK TEMPLATE source"
    query "assets_$WORK" "
        INSERT INTO ir_attachment (name, res_model, type, url) VALUES
            ('logo', 'ir.ui.view', 'binary', '/website/logo.png'), ('doc', 'res.partner', 'binary', '/web/assets/mine'),
            ('old', 'ir.ui.view', 'binary', '/web/content/12-abc/web.assets.js');
        INSERT INTO ir_rule (name, model_id, active) SELECT 'of the customer', min(id), true FROM ir_model;"
    rehearse <<<'{}' || true
    write_environment here test
    sed -i "s,/source?,/assets_$WORK?," here.yaml
    sed -e '/^{}/d' -e 's/reset: .*/reset: { assets: true, rules: true }/' plan.yaml >reset.yaml
    drehbuch compile reset.yaml -o plan.json 2>warnings.txt
    grep -q reset-without-update warnings.txt
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(query "$WORK" "SELECT string_agg(name, ' ' ORDER BY name) FROM ir_attachment")" = 'doc logo old' ]
    [ "$(query "$WORK" "SELECT string_agg(name, ' ') FROM ir_rule")" = 'of the customer' ]
    [ "$(query "$WORK" "SELECT count(*) FROM ir_model_data WHERE model = 'ir.rule'")" = 0 ]
}

@test "check.sql: values, ranges, the source; a failure says what was found" {
    rehearse 1 <<'PLAN'
checks:
  - { id: number, sql: SELECT 300.0, equals: 300 }
  - { id: text, sql: "SELECT 'source'", equals: { value: source } }
  - { id: truth, sql: SELECT true, equals: true }
  - { id: nothing, sql: "SELECT NULL", equals: null }
  - { id: between, sql: SELECT 7.5, range: 7..8 }
  - { id: kept, sql: SELECT count(*) FROM res_partner, equals: source }
  - { id: off, title: nobody is called so, sql: "SELECT 12 + 1", range: ..12 }
  - { id: off-too, sql: "SELECT 'x'", equals: "y" }
PLAN
    says 'FAILED 18.0/check/off'
    says 'found 13'
    says 'Stopped: 18.0/check/off and 1 other failed'
    says '18.0/check/off-too: the check failed: found x, expected y'
    [ "$(jq -c '[.steps[] | select(.kind == "check.sql" and .result == "done")] | length' runs/latest/run.json)" = 6 ]
}

@test "checks cannot write" {
    rehearse 1 <<<'checks: [{ id: sly, sql: "DELETE FROM mail_mail RETURNING 1", equals: 1 }]'
    says 'read-only transaction'
    [ "$(query "$WORK" 'SELECT count(*) FROM mail_mail')" = 30 ]
}

@test "check.rows and check.modules" {
    rehearse <<'PLAN'
checks:
  - { id: kept, rows: { table: public.res_partner, equals: source } }
  - { id: some, rows: { table: sale_order, range: 1..400 } }
  - { id: states, modules: { installed: [queue_job], uninstalled: [crm], absent: [no_such_module] } }
PLAN
    rehearse 1 <<'PLAN'
fixes: { "18.0": [{ id: loses-one, sql: DELETE FROM mail_mail WHERE id = 1 }] }
checks: [{ id: kept, rows: { table: mail_mail, equals: source } }]
PLAN
    says '29'
    says '30'
    rehearse 1 <<<'checks: [{ id: states, modules: { installed: [crm], absent: [queue_job] } }]'
    says crm
    says queue_job
}

@test "check.http: status, match, bounded redirects, time limit" {
    python3 "$tests/database/http_server.py" "$PWD/port" 3>&- &
    wait_for 10 test -s port
    write_environment here test "bindings: { base_url: \"http://127.0.0.1:$(cat port)\" }"
    rehearse <<'PLAN'
bindings: { base_url: { type: url } }
checks:
  - { id: login, at: "18.0", http: { url: "${base_url}/web/login", match: 'name="login".*Gr.ezi' } }
  - { id: gone, at: "18.0", http: { url: "${base_url}/missing", status: 404 } }
  - { id: again, at: "18.0", http: { url: "${base_url}/again/5" } }
  - { id: soon, at: "18.0", http: { url: "${base_url}/soon", within: 20s } }
PLAN
    local path why
    while read -r path why; do
        rehearse 1 <<PLAN
bindings: { base_url: { type: url } }
checks: [{ id: fails, at: "18.0", http: { url: "\${base_url}$path", timeout: 1s, match: 'name="login"' } }]
PLAN
        says "FAILED 18.0/check/fails"
        says "$why"
    done <<'CASES'
/missing status 404
/loop redirects
/again/6 redirects
/elsewhere not supported
/slow timed out
CASES
    rehearse 1 <<<'bindings: { base_url: { type: url } }
checks: [{ id: never, at: "18.0", http: { url: "${base_url}/missing", within: 2s } }]'
    says 'FAILED 18.0/check/never'
    says 'status 404'
    kill %1
    wait %1 || true
    rehearse 1 <<<'bindings: { base_url: { type: url } }
checks: [{ id: refused, at: "18.0", http: { url: "${base_url}/" } }]'
    says 'FAILED 18.0/check/refused'
}

@test "check.http: certificates are verified" {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost 2>/dev/null
    python3 "$tests/database/http_server.py" "$PWD/port" certificate.pem key.pem 3>&- &
    wait_for 10 test -s port
    write_environment here test "bindings: { base_url: \"https://localhost:$(cat port)\" }"
    write_plan <<'PLAN'
bindings: { base_url: { type: url } }
checks: [{ id: login, at: "18.0", http: { url: "${base_url}/web/login", status: 200 } }]
PLAN
    ends_with 1 drehbuch run plan.json -e here.yaml
    says certificate
    export SSL_CERT_FILE=$PWD/certificate.pem
    ends_with 0 drehbuch run plan.json -e here.yaml
    # Of another name, it is not good enough.
    sed -i 's/localhost:/127.0.0.1:/' here.yaml
    ends_with 1 drehbuch run plan.json -e here.yaml
    says certificate
}

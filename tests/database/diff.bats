#!/usr/bin/env bats
# The dry run: what it says against what the run then does, and that it changes nothing.

load helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}

setup_file() {
    start_server
    make_small_database source
    psql -Xq -v ON_ERROR_STOP=1 -d "$(url source)" -f "$BATS_TEST_DIRNAME/diff.sql"
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
}

teardown() {
    end_children
}

databases() {
    query postgres 'SELECT datname FROM pg_database ORDER BY 1'
}

# dry [OPTION]...: diff.json; demands that it ends with 0.
dry() {
    drehbuch diff plan.json -e here.yaml --json "$@" >diff.json 2>diff.err || { cat diff.err && jq -c '.error, (.steps[]? | select(.error) | [.id, .error])' diff.json && false; }
}

@test "fixes of all shapes: every row that the run changes was predicted, and no other" {
    dry_run=$BATS_TEST_DIRNAME/dry_run.py
    cat >snapshot <<SCRIPT
#!/bin/sh
exec python3 '$dry_run' snapshot '$(url "$WORK")' '$PWD/'\$1
SCRIPT
    chmod +x snapshot
    write_plan <<<"fixes: { \"18.0\": $(python3 "$dry_run" fixes "$BATS_TEST_DIRNAME/diff.fixes" "$PWD/snapshot") }"
    write_environment here test
    "$tests/content-hash" "$(url source)" --with-times >before
    databases >databases
    dry --rows 10000
    diff before <("$tests/content-hash" "$(url source)" --with-times)
    diff databases <(databases)
    drehbuch run plan.json -e here.yaml >run.txt || { tail -20 run.txt && false; }
    python3 "$dry_run" compare diff.json runs/latest/run.json .
    [ "$(jq '[.steps[] | select(.kind == "sql" and .outcome == "tried")] | length' diff.json)" -ge 59 ]
    # A table that an earlier step has altered is no table that this one alters.
    [ "$(jq -c '[.steps[] | select(.id == "18.0/fix/cascades-there") | .tables[] | select(.hidden)]' diff.json)" = '[]' ]
}

@test "fixes that fail: said with the words that the run fails with, and the next ones are tried" {
    local sql
    write_environment here test
    while IFS= read -r sql; do
        jq -n --arg sql "$sql" '[{id: "fails", sql: $sql, expect: {rows: "..5"}}, {id: "next", sql: "UPDATE dry_wide SET n = 0 WHERE id = 1"}]' >fixes.json
        write_plan <<<"fixes: { \"18.0\": $(cat fixes.json) }"
        ends_with 1 drehbuch diff plan.json -e here.yaml --json
        printf '%s' "$output" >diff.json
        [ "$(jq -c '[.steps[].outcome, .summary.failed]' diff.json)" = '["failed","tried",1]' ]
        ends_with 1 drehbuch run plan.json -e here.yaml
        jq -r '.steps[] | select(.id == "18.0/fix/fails") | .error.message // .error' runs/latest/run.json >did
        jq -r '.steps[0].error.message' diff.json >said
        diff said did
    done <<'FIXES'
SELECT 1 / 0
UPDATE dry_wide SET n = n WHERE id < 100
INSERT INTO dry_node VALUES (500, 501, 1)
DO $$ BEGIN RAISE EXCEPTION 'not today'; END $$
INSERT INTO dry_unique VALUES (77, 1)
DELETE FROM res_partner
FIXES
}

@test "parameters, scheduled actions, servers and records: old and new as the run's effects have them" {
    write_plan <<'PLAN'
bindings: { key: { type: secret } }
settings:
  parameters:
    web.base.url: https://new.example
    p.one: "1"
    p.two: "2"
    p.three: "3"
    p.four: "4"
    p.five: "5"
    p.six: "6"
    p.seven: "7"
    p.eight: "8"
    p.nine: "9"
    p.ten: "10"
    p.eleven: "11"
    p.twelve: "12"
    p.thirteen: "it's"
    p.fourteen: "a\nb"
    p.fifteen: "15"
    p.secret: "${key}"
    kept.same: same
    kept.removed: null
    never.there: null
    web.base.url.freeze: null
  crons: { mail.ir_cron_module_update_notification: { active: false, interval_number: 3 } }
  mail_servers: { all: { active: false } }
PLAN
    query source "INSERT INTO ir_config_parameter (key, value) VALUES ('kept.same', 'same'), ('kept.removed', 'x')
        ON CONFLICT DO NOTHING"
    write_environment here test 'bindings: { key: shh-very-secret }'
    dry
    drehbuch run plan.json -e here.yaml >run.txt || { tail -20 run.txt && false; }
    diff <(jq -S '.steps[] | select(.kind | startswith("settings.")) | {id, effects}' diff.json) \
        <(jq -S '.steps[] | select(.kind | startswith("settings.")) | {id, effects}' runs/latest/run.json)
    [ "$(jq '[.steps[] | select(.kind == "settings.parameters") | .effects.parameters | length] | add' diff.json)" -ge 18 ]
    [ "$(jq '.steps[] | select(.kind == "settings.parameters") | .unchanged' diff.json)" -ge 2 ]
    if grep -q shh-very diff.json; then false; fi
    drehbuch diff plan.json -e here.yaml >diff.txt
    if grep -q shh-very diff.txt; then false; fi
    grep -q 'web.base.url: .* -> https://new.example' diff.txt
    grep -q 'sequence public.ir_config_parameter_id_seq: .* which no rollback takes back' diff.txt
}

@test "where a copy is not cheap the choices are named; a copy is dropped after Ctrl-C too; clean finds what a crash leaves" {
    write_plan <<<'fixes: { "18.0": [{ id: slow, sql: "UPDATE res_partner SET ref = ref; SELECT pg_sleep(20)" }] }'
    write_environment here test
    databases >databases
    psql -Xq "$(url source)" -c 'SELECT pg_sleep(30)' >/dev/null 2>&1 &
    local busy=$!
    wait_for 10 eval '[ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '"'source'"'")" = 1 ]'
    ends_with 2 drehbuch diff plan.json -e here.yaml
    says '1 other session is connected to the source'
    says '--on RUN'
    says '--live'
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'source'" >terminated
    wait "$busy" || true
    diff databases <(databases)

    drehbuch diff plan.json -e here.yaml >out.txt 2>&1 &
    local pid=$!
    wait_for 10 session_is "query LIKE '%pg_sleep(20)%' AND state = 'active' AND application_name LIKE 'drehbuch%'"
    kill -INT "$pid"
    local code=0
    wait "$pid" || code=$?
    [ "$code" = 130 ]
    diff databases <(databases)

    drehbuch diff plan.json -e here.yaml >out.txt 2>&1 &
    pid=$!
    wait_for 10 session_is "query LIKE '%pg_sleep(20)%' AND state = 'active' AND application_name LIKE 'drehbuch%'"
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE '%scratch%'" >terminated
    ends_with 0 drehbuch clean -e here.yaml
    says 'scratch copy of a dry run'
    drehbuch clean -e here.yaml --remove
    diff databases <(databases)
}

@test "on an earlier run's working database: behind what that run did, nothing committed, refused while it works" {
    write_plan <<<'fixes: { "18.0": [{ id: first, sql: "UPDATE dry_wide SET n = 7000 WHERE id = 5" }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml
    write_plan <<<'fixes: { "18.0": [{ id: second, sql: "UPDATE dry_wide SET v = '"'after'"' WHERE n = 7000" }] }'
    "$tests/content-hash" "$(url "$WORK")" --with-times >before
    dry --on runs/latest
    [ "$(jq -c '[.place.kind, .steps[0].tables[0].rows[0].key]' diff.json)" = '["run",{"id":"5"}]' ]
    diff before <("$tests/content-hash" "$(url "$WORK")" --with-times)
    dry --on "$(basename "$(readlink -f runs/latest)")"
    ends_with 2 drehbuch diff plan.json -e here.yaml --on no-such-run
    psql -Xq "$(url postgres)" -c "SELECT pg_advisory_lock(hashtextextended('drehbuch:$WORK', 0)), pg_sleep(30)" >/dev/null 2>&1 &
    wait_for 10 eval '[ "$(query postgres "SELECT count(*) FROM pg_locks WHERE locktype = '"'advisory'"'")" = 1 ]'
    ends_with 4 drehbuch diff plan.json -e here.yaml --on runs/latest
    says 'is locked by'
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'" >terminated
    # Another run's database is not the one that was meant.
    cp -r "$(readlink -f runs/latest)" other
    sed -i '1s/"run":"[^"]*"/"run":"another"/' other/journal.jsonl
    ends_with 4 drehbuch diff plan.json -e here.yaml --on other
    says 'not that of the run another'
}

@test "live: short limits, a row limit, nothing left but what is named as the price" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: small, sql: "UPDATE dry_wide SET n = n + 1 WHERE id < 11" }
    - { id: large, sql: "UPDATE dry_wide SET n = n + 1" }
    - { id: slow, sql: "SELECT pg_sleep(5)" }
    - { id: waits, sql: "UPDATE res_partner SET ref = ref WHERE id = 1" }
    - { id: moves, sql: "SELECT setval('dry_log_id_seq', 5000)" }
    - { id: alters, sql: "ALTER TABLE dry_pair ADD COLUMN z int" }
    - { id: draws, sql: "SELECT nextval('dry_item_id_seq')" }
    - { id: last, sql: "UPDATE dry_wide SET n = n + 1 WHERE id = 11" }
PLAN
    write_environment here production
    "$tests/content-hash" "$(url source)" --with-times | grep -v dry_item_id_seq >before
    psql -Xq "$(url source)" -c "BEGIN; UPDATE res_partner SET ref = 'held' WHERE id = 1; SELECT pg_sleep(30)" >/dev/null 2>&1 &
    wait_for 10 session_is "query LIKE '%held%'"
    ends_with 1 drehbuch diff plan.json -e here.yaml --live --limit 100 --statement-timeout 300ms --lock-timeout 100ms --json
    printf '%s' "$output" >diff.json
    [ "$(jq -c '[.steps[].outcome]' diff.json)" = \
        '["tried","given-up","failed","given-up","not-run","tried","tried","tried"]' ]
    [ "$(jq -c '.steps[5].locks' diff.json)" = '[{"mode":"AccessExclusiveLock","table":"public.dry_pair"}]' ]
    [ "$(jq -c '.steps[6].sequences | length' diff.json)" = 1 ]
    end_sessions "query LIKE '%held%'"
    diff before <("$tests/content-hash" "$(url source)" --with-times | grep -v dry_item_id_seq)
    ends_with 1 drehbuch diff plan.json -e here.yaml --live --limit 100 --statement-timeout 300ms
    says 'inside of the live source'
    says 'the price: dead rows'
    says 'others wait until it has ended'
    ends_with 2 drehbuch diff plan.json -e here.yaml --live --on x
}

@test "live: no step holds others up for longer than itself, and none switches the limits off" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: alters, sql: "ALTER TABLE dry_pair ADD COLUMN z int" }
    - { id: refreshes, sql: "REFRESH MATERIALIZED VIEW dry_summary" }
    - { id: without-it, sql: "SELECT dry_held('dry_pair'), dry_held('dry_summary')" }
    - { id: keeps, sql: "UPDATE dry_wide SET n = 7001 WHERE id = 1" }
    - { id: sees-it, sql: "UPDATE dry_wide SET n = 7002 WHERE n = 7001", expect: { rows: "1" } }
    - { id: switches-off, sql: "SET statement_timeout = 0; SELECT 1" }
    - { id: resets, sql: "RESET ALL" }
    - { id: lifts, sql: "SELECT dry_lift(); SELECT pg_sleep(20)" }
    - { id: many, sql: "SELECT pg_sleep(0.3); SELECT pg_sleep(0.3); SELECT pg_sleep(0.3)" }
    - { id: holds, sql: "SELECT dry_hold()" }
    - { id: held, sql: "SELECT dry_held('advisory')" }
    - { id: says-so, sql: "SELECT pg_try_advisory_lock(1), pg_notify('a', 'b')" }
    - { id: draws, sql: "SELECT nextval('dry_log_id_seq'); SELECT 1 / 0" }
PLAN
    write_environment here production
    local code=0
    SECONDS=0
    drehbuch diff plan.json -e here.yaml --live --statement-timeout 500ms --json >diff.json || code=$?
    [ "$code" -eq 1 ] && [ "$SECONDS" -lt 15 ]
    jq -c '.steps[] | [.id, .outcome, .why // .error.message // ""]' diff.json >told
    [ "$(jq -c '[.steps[].outcome]' diff.json)" = \
        '["tried","tried","tried","tried","tried","not-run","not-run","failed","failed","tried","tried","not-run","failed"]' ] || { cat told && false; }
    grep alters told | grep 'taken back at once'
    grep switches-off told | grep 'changes time limits'
    grep -c 'longer than the 500 ms that a step may take' told | grep -x 2
    grep says-so told | grep 'outlives the transaction'
    [ "$(jq -r '.steps[-1].sequences[0].name' diff.json)" = public.dry_log_id_seq ]

    write_plan <<<'fixes: { "18.0": [{ id: first, sql: SELECT pg_sleep(0.2) }, { id: second, sql: SELECT 1 }] }'
    ends_with 0 drehbuch diff plan.json -e here.yaml --live --time-limit 100ms
    says 'second  not run'
    says 'may last in a live database are over'
    ends_with 2 drehbuch diff plan.json -e here.yaml --live --copy
}

@test "a connection that is lost ends the dry run, and says so; the copy goes" {
    local place pid code
    write_plan <<<'fixes: { "18.0": [{ id: slow, sql: "SELECT pg_sleep(20)" }, { id: next, sql: SELECT 1 }] }'
    write_environment here test
    databases >databases
    for place in '' --live; do
        drehbuch diff plan.json -e here.yaml $place --statement-timeout 1m >out.txt 2>&1 3>&- &
        pid=$! code=0
        wait_for 10 session_is "query LIKE 'SELECT pg_sleep(20)%' AND state = 'active'"
        end_sessions "query LIKE 'SELECT pg_sleep(20)%'"
        wait_for 10 eval '! kill -0 '"$pid"
        wait "$pid" || code=$?
        [ "$code" -eq 1 ] || { cat out.txt && false; }
        grep -q 'terminat' out.txt || { cat out.txt && false; }
        diff databases <(databases)
    done
}

@test "live: what cannot be looked at is one step's affair, not the whole's" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: locked, sql: "UPDATE dry_pair SET v = 1" }
    - { id: bad, sql: "UPDATE dry_bad_rows SET id = id + 1" }
    - { id: both, sql: "CREATE TABLE dry_new (id int); INSERT INTO dry_new VALUES (1); ALTER TABLE dry_heap ADD w int" }
    - { id: after, sql: "UPDATE dry_heap SET v = v WHERE v = 1" }
PLAN
    write_environment here production
    # Rows that cannot be shown: their type objects to it.
    query source "CREATE TYPE dry_bad AS ENUM ('x'); CREATE TABLE dry_bad_rows (id int PRIMARY KEY, b dry_bad); INSERT INTO dry_bad_rows VALUES (1, 'x');
        CREATE FUNCTION dry_bad_json(dry_bad) RETURNS json LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''never''; END';
        CREATE CAST (dry_bad AS json) WITH FUNCTION dry_bad_json(dry_bad)"
    psql -Xq "$(url source)" -c "BEGIN; LOCK TABLE dry_pair; SELECT pg_sleep(30)" >/dev/null 2>&1 3>&- &
    wait_for 10 eval '[ "$(query source "SELECT count(*) FROM pg_locks WHERE relation = '"'dry_pair'::regclass"'")" -ge 1 ]'
    drehbuch diff plan.json -e here.yaml --live --json >diff.json 2>diff.err || true
    end_sessions "query LIKE '%LOCK TABLE dry_pair%'"
    query source "DROP TABLE dry_bad_rows; DROP TYPE dry_bad CASCADE"
    jq -c '.steps[] | [.id, .outcome, .error.message]' diff.json
    [ "$(jq -c '[.steps[].outcome]' diff.json)" = '["given-up","tried","tried","tried"]' ]
    jq -r '.steps[1].tables[0].hidden' diff.json | grep 'reading them failed'
}

@test "on a run's database nothing stays, sequences neither" {
    write_plan <<<'fixes: { "18.0": [{ id: first, sql: SELECT 1 }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml >run.txt
    write_plan <<<'fixes: { "18.0": [{ id: draws, sql: "SELECT nextval($$dry_no2$$), nextval($$dry_log_id_seq$$)" }] }'
    query "$WORK" "SELECT (SELECT (last_value, is_called) FROM dry_no2), (SELECT (last_value, is_called) FROM dry_log_id_seq)" >before
    dry --on runs/latest
    [ "$(jq -c '[.steps[0].sequences[].new]' diff.json | jq length)" = 2 ]
    query "$WORK" "SELECT (SELECT (last_value, is_called) FROM dry_no2), (SELECT (last_value, is_called) FROM dry_log_id_seq)" | diff before -
}

@test "no secret of a row that breaks a rule, nor of a record; a view that gets another body is altered" {
    write_plan <<'PLAN'
settings: { records: { acme.dry_outgoing: { smtp_pass: null } } }
fixes: { "18.0": [{ id: breaks, sql: "UPDATE dry_secret SET id = NULL" }, { id: view, sql: "CREATE OR REPLACE VIEW dry_view AS SELECT 2 AS a" }] }
PLAN
    query source "CREATE OR REPLACE VIEW dry_view AS SELECT 1 AS a; UPDATE ir_mail_server SET smtp_pass = 'sesame-pass';
        INSERT INTO ir_model_data (module, name, model, res_id) SELECT 'acme', 'dry_outgoing', 'ir.mail_server', min(id) FROM ir_mail_server;
        CREATE TABLE ir_model_fields (model varchar, name varchar, ttype varchar, relation varchar);
        INSERT INTO ir_model_fields VALUES ('ir.mail_server', 'smtp_pass', 'char')"
    write_environment here test
    drehbuch diff plan.json -e here.yaml >told.txt || true
    query source "DROP TABLE ir_model_fields"
    cat told.txt
    grep -q 'violates not-null constraint' told.txt
    grep -q 'smtp_pass: ' told.txt
    (! grep -q 'Failing row\|sesame-pass' told.txt)
    grep -q 'view public.dry_view: altered' told.txt
}

@test "what may come with the hop has not failed" {
    cat >plan.yaml <<'PLAN'
version: 1
customer: acme
title: A hop
upgrade: { from: "18.0", to: "19.0", with: openupgrade }
settings: { records: { acme.comes_later: { name: x } } }
PLAN
    sed -n '/^modules:/,/^[^ m]/p' <<<"$(drehbuch init -e <(printf 'version: 1\nenvironment: e\nmode: test\nsource: { database: "%s" }\nwork: { database: "%s" }\n' "$(url source)" "$(url "$WORK")"))" |
        grep '^modules:\|^  ' | sed 's/: tbd.*/: keep/' >>plan.yaml
    drehbuch compile plan.yaml -o plan.json
    write_environment here test
    ends_with 0 drehbuch diff plan.json -e here.yaml --json
    [ "$(jq -r '.steps[] | select(.kind == "settings.records") | .outcome' <<<"$output")" = unforeseen ]
    [[ $(jq -r '.steps[] | select(.kind == "settings.records") | .why' <<<"$output") == *'no record acme.comes_later, as the database of Odoo 18.0 has it'* ]]
}

@test "a scratch copy needs room; while it is made Ctrl-C and a lost terminal end it" {
    local signal pid code
    write_plan <<<'fixes: { "18.0": [{ id: one, sql: SELECT 1 }] }'
    write_environment here test 'limits: { free_disk: 900000TB }'
    # Where its data is, a server tells only whom it trusts.
    psql -Xq -d "$(url postgres | sed 's/user=odoo/user=postgres/')" -c 'GRANT pg_read_all_settings TO odoo'
    ends_with 2 drehbuch diff plan.json -e here.yaml
    says 'are to stay free'
    write_environment here test
    ends_with 0 drehbuch diff plan.json -e here.yaml --copy
    databases >databases
    psql -Xq "$(url postgres)" -c "BEGIN; COMMENT ON DATABASE source IS 'held'; SELECT pg_sleep(30)" >/dev/null 2>&1 &
    wait_for 10 eval '[ "$(query postgres "SELECT count(*) FROM pg_locks WHERE locktype = '"'object' AND mode = 'ShareUpdateExclusiveLock'"'")" -ge 1 ]'
    for signal in INT HUP; do
        drehbuch diff plan.json -e here.yaml >out.txt 2>&1 &
        pid=$!
        wait_for 10 session_is "query LIKE 'CREATE DATABASE%' AND wait_event_type = 'Lock'"
        SECONDS=0 code=0
        kill "-$signal" "$pid"
        wait "$pid" || code=$?
        [ "$code" = 130 ] && [ "$SECONDS" -lt 10 ]
        diff databases <(databases)
    done
}

@test "what is not tried is said to be so, with why" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: vacuums, transaction: false, sql: VACUUM dry_wide }
    - { id: program, command: [echo, hi], nature: repeatable }
    - { id: reaches-out, sql: "SELECT pg_reload_conf()" }
    - { id: program-copy, sql: "COPY dry_pair TO  PROGRAM 'cat'" }
    - { id: production-only, only: production, sql: SELECT 1 }
PLAN
    write_environment here test
    ends_with 0 drehbuch diff plan.json -e here.yaml
    says 'vacuums  not run'
    says '| VACUUM dry_wide'
    says 'program  not predictable'
    says 'reaches-out  not run'
    says 'program-copy  not run'
    says 'production-only  skipped'
    says 'only in production'
}

@test "acme_18: what the dry run says of the real database is what the run does" {
    [ -f "$DUMPS/acme_18.dump" ] || skip "no $DUMPS/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    "$tests/server" restore "$PLACE/pg" "$DUMPS/acme_18.dump" acme_18
    "$tests/content-hash" "$(url acme_18)" --with-times >before
    cat >here.yaml <<ENVIRONMENT
version: 1
environment: acme-test
mode: test
source: { database: "$(url acme_18)" }
work: { database: "$(url acme_18_work)" }
backup: false
bindings: $(tr '\n' ' ' <"$tests/acme/acme_18.bindings.json")
ENVIRONMENT
    drehbuch compile "$tests/acme/acme_18.plan.yaml" -o plan.json
    dry
    diff before <("$tests/content-hash" "$(url acme_18)" --with-times)
    if grep -qE 'pass-Word-1|sk-test-not-real' diff.json; then false; fi
    drehbuch run plan.json -e here.yaml --confirm-manual >run.txt || { tail -20 run.txt && false; }
    local wanted='.steps[] | select(.kind == "sql" or (.kind | test("^(settings|modules|assets|rules)")))
        | select(.id != "18.0/fix/index-messages") | {id, effects: (.effects // {})}'
    diff <(jq -S "$wanted" diff.json) <(jq -S "$wanted" runs/latest/run.json)
    [ "$(jq "[$wanted] | length" diff.json)" -ge 15 ]
}

@test "acme_18: records and views are read: links by external id, translated texts, architectures" {
    [ -f "$DUMPS/acme_18.dump" ] || skip "no $DUMPS/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    [ -n "$(query postgres "SELECT FROM pg_database WHERE datname = 'acme_18'")" ] ||
        [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname = 'acme_18'")" = 1 ] ||
        "$tests/server" restore "$PLACE/pg" "$DUMPS/acme_18.dump" acme_18
    query acme_18 "INSERT INTO ir_ui_view (name, model, type, priority, mode, active, inherit_id, arch_db)
        SELECT 'dry_old', model, type, 16, 'extension', true, id, '{\"en_US\": \"<data>\\n  <a/>\\n  <b/>\\n</data>\"}'
        FROM ir_ui_view WHERE id = (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'view_partner_form')"
    mkdir views
    printf '<?xml version="1.0"?>\n<data>\n  <a/>\n  <c/>\n</data>' >views/new.xml
    sed -e '/^settings:/,/^fixes:/d' -e '/^  "18.0":/,$d' "$tests/acme/acme_18.plan.yaml" >plan.yaml
    cat >>plan.yaml <<'PLAN'
settings:
  records:
    base.main_company: { name: "A new name" }
    base.main_partner: { country_id: base.fr, active: true }
    base.user_admin: { login: "${base_url}" }
views:
  base.view_partner_form.dry_old: { update: views/new.xml }
  base.view_partner_form.dry_new: { install: views/new.xml }
PLAN
    write_environment here test "bindings: $(tr '\n' ' ' <"$tests/acme/acme_18.bindings.json")"
    sed -i 's#/source?#/acme_18?#; s#/source"#/acme_18"#' here.yaml
    drehbuch compile plan.yaml -o plan.json
    dry
    local step='.steps[] | select(.kind == "settings.records")'
    [ "$(jq -r "$step | .outcome" diff.json)" = read ]
    [ "$(jq -r "$step | .effects.records[\"base.main_company\"].name.old" diff.json)" = \
        "$(query acme_18 "SELECT name FROM res_company WHERE id = 1")" ]
    [ "$(jq -r "$step | .effects.records[\"base.main_partner\"].country_id.old" diff.json)" = \
        "$(query acme_18 "SELECT coalesce((SELECT d.module || '.' || d.name FROM res_partner p JOIN ir_model_data d ON
            d.model = 'res.country' AND d.res_id = p.country_id WHERE p.id = 1), 'null')")" ]
    [ "$(jq -c "$step | .effects.records[\"base.main_partner\"] | keys" diff.json)" = '["country_id"]' ]
    [ "$(jq -r "$step | .effects.records[\"base.user_admin\"].login.new" diff.json)" = https://test.acme.example ]
    drehbuch diff plan.json -e here.yaml >diff.txt
    grep -q '^ *-  <b/>' diff.txt
    grep -q '^ *+  <c/>' diff.txt
    grep -q 'base.view_partner_form.dry_new: install, becomes active' diff.txt
    grep -q "Odoo's ORM may change more" diff.txt
}

@test "values whose column, or whose parameter's key, is a secret's are shown in no row" {
    write_plan <<'PLAN'
fixes: { "18.0": [
  { id: keys, sql: "INSERT INTO ir_config_parameter (key, value) VALUES ('acme.hmac', 'sesame-1'), ('acme.colour', 'blue')" },
  { id: more, sql: "UPDATE ir_config_parameter SET value = value || ' sesame-2' WHERE key IN ('acme.hmac', 'acme.colour')" } ] }
PLAN
    write_environment here test
    ends_with 0 drehbuch diff plan.json -e here.yaml --json
    jq -c '[.steps[] | .tables // [] | .[].rows]' <<<"$output" >rows
    [ "$(grep -c 'sesame-1' rows)" = 0 ]
    [ "$(jq -cS '[.steps[] | select(.id == "18.0/fix/more") | .tables[].rows[].columns.value]' <<<"$output")" = \
        '[{"new":"********","old":"********"},{"new":"blue sesame-2","old":"blue"}]' ]
}

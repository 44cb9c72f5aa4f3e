#!/usr/bin/env bats
# Running plans: what is refused, what is told, how a run is gone on with.

load helper

setup_file() {
    start_server --tcp $((20000 + RANDOM % 20000))
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
    tmux -L "$WORK" kill-server 2>/dev/null || true
}

databases_called() {
    query postgres "SELECT count(*) FROM pg_database WHERE datname = '$1'"
}

@test "a plan with one fix, from text to record" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - id: drop-dead-activities
      sql: DELETE FROM mail_activity WHERE res_model NOT IN (SELECT model FROM ir_model)
      expect: { rows: 10 }
PLAN
    write_environment here test
    ends_with 0 drehbuch run plan.json -e here.yaml
    says 'done 18.0/fix/drop-dead-activities'
    says 'mail_activity: 10 deleted'
    says "database source was only read"
    [ "$(query "$WORK" 'SELECT count(*) FROM mail_activity')" = 50 ]
    [ "$(query source 'SELECT count(*) FROM mail_activity')" = 60 ]
    [ "$(jq -c '.steps[] | select(.kind == "sql") | .effects' runs/latest/run.json)" = \
        '{"rows":10,"tables":{"public.mail_activity":{"deleted":10,"inserted":0,"updated":0}}}' ]
    [ "$(query "$WORK" 'SELECT step FROM drehbuch.receipt')" = 18.0/fix/drop-dead-activities ]
    # The run folder is what docs/journal.md says.
    cmp plan.json runs/latest/plan.json
    ends_with 0 drehbuch verify runs/latest runs/latest/run.json runs/latest/journal.jsonl
}

@test "a compiled plan that was changed is refused, and nothing is touched" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    write_environment here test
    sed 's/SELECT 1/SELECT 2/' plan.json >changed.json
    ends_with 4 drehbuch run changed.json -e here.yaml
    says '18.0/fix/x'
    echo '{}' >nothing.json
    ends_with 3 drehbuch run nothing.json -e here.yaml
    echo '{' >nothing.json
    ends_with 3 drehbuch run nothing.json -e here.yaml
    ends_with 3 drehbuch run missing.json -e here.yaml
    [ ! -e runs ]
    [ "$(databases_called "$WORK")" = 0 ]
}

@test "an environment's mistakes are told with their places" {
    write_plan <<<'bindings: { a: { type: url }, b: { type: secret } }
settings: { parameters: { x: "${a}", y: "${b}" } }'
    write_environment here tset 'bindings: { a: https://a.example, c: 1 }' 'limtis: { jobs: 4 }'
    ends_with 3 drehbuch run plan.json -e here.yaml
    says 'here.yaml:3:7: error:'
    says 'did you mean "test"?'
    says 'did you mean "limits"?'
    write_environment here test 'bindings: { a: not an address, c: "1" }'
    ends_with 3 drehbuch run plan.json -e here.yaml
    says 'binding-missing'
    says 'binding-superfluous'
    says 'binding-type'
    write_environment here test 'bindings: { a: "https://a.example", b: { env: NOT_THERE } }'
    ends_with 3 drehbuch run plan.json -e here.yaml
    says 'NOT_THERE'
    echo 'acme: { pattern: "(x", meaning: m, remedy: r }' >known.yaml
    write_environment here test 'known_errors: [no-such-list.yaml, known.yaml]' \
        'bindings: { a: "https://a.example", b: 1 }'
    ends_with 3 drehbuch run plan.json -e here.yaml
    says 'here.yaml:7:16: error: cannot open no-such-list.yaml: No such file or directory'
    says 'known.yaml:1:18: error: this regular expression is wrong at character 3'
    ends_with 3 drehbuch run plan.json -e no-such-file.yaml
    says 'no-such-file.yaml'
    [ ! -e runs ]
}

@test "preflight tells everything that is in the way, in one go, before the first change" {
    write_plan <<<'{}' || true
    sed -e 's/developer_menu: keep, //; s/partner_tz: keep/no_such_module: keep/' -e '/^{}/d' plan.yaml >short.yaml
    cat >>short.yaml <<'PLAN'
fixes: { "18.0": [{ id: in-odoo, python: "env.cr.commit()" }] }
PLAN
    drehbuch compile short.yaml -o plan.json
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    says '3 things are in the way'
    says 'developer_menu, partner_tz'
    says 'modules.no_such_module'
    says 'odoo.18.0: the environment does not name an Odoo 18.0, which is needed by 18.0/fix/in-odoo'
    says 'nothing was changed'
    [ "$(databases_called "$WORK")" = 0 ]
}

@test "the wrong source is refused" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    write_environment here test
    sed -i 's/"18.0"/"17.0"/g' plan.yaml
    drehbuch compile plan.yaml -o plan17.json
    ends_with 1 drehbuch run plan17.json -e here.yaml
    says 'the database is of Odoo 18.0, the plan is for 17.0'
    sed -i "s,/source?,/postgres?," here.yaml
    ends_with 1 drehbuch run plan.json -e here.yaml
    says "is not Odoo's"
    sed -i "s,/postgres?,/no_such_database?," here.yaml
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'no_such_database'
}

@test "a working database that drehbuch did not make is never touched" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    write_environment here test
    query postgres "CREATE DATABASE $WORK"
    query "$WORK" 'CREATE TABLE precious ()'
    ends_with 4 drehbuch run plan.json -e here.yaml
    says "$WORK"
    [ "$(query "$WORK" "SELECT to_regclass('precious')")" = precious ]
}

@test "work and source may not be one" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    WORK=source write_environment here test
    ends_with 3 drehbuch run plan.json -e here.yaml
    says 'work-is-source'
    [ "$(query source 'SELECT count(*) FROM res_partner')" = 300 ]
}

@test "a statement that fails is told with its place, and its step is rolled back" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - id: first
      sql: UPDATE res_partner SET ref = ref || '!' WHERE id = 1
    - id: breaks
      sql: |
        UPDATE res_partner SET ref = ref || '?' WHERE id = 1;
        SELECT no_such_column
        FROM res_partner;
    - id: never
      sql: UPDATE res_partner SET ref = 'never' WHERE id = 1
PLAN
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'FAILED 18.0/fix/breaks'
    says 'column "no_such_column" does not exist'
    says 'plan.yaml:15:7'
    says 'drehbuch resume'
    [ "$(query "$WORK" 'SELECT ref FROM res_partner WHERE id = 1')" = 'P1!' ]
    # The cause mended by hand, the run goes on: what was done is not done again.
    query "$WORK" 'ALTER TABLE res_partner ADD no_such_column int'
    ends_with 0 drehbuch resume
    says 'resumed run'
    [ "$(query "$WORK" 'SELECT ref FROM res_partner WHERE id = 1')" = 'never' ]
    [ "$(query "$WORK" 'SELECT count(*) FROM drehbuch.receipt')" = 3 ]
    [ "$(jq .resumed runs/latest/run.json)" = 1 ]
    [ "$(jq '[.error, (.steps[] | .error)] | map(values) | length' runs/latest/run.json)" = 0 ]
    ends_with 0 drehbuch verify runs/latest
    # A run that has ended well is left alone.
    cp runs/latest/journal.jsonl before
    ends_with 0 drehbuch resume
    cmp before runs/latest/journal.jsonl
}

@test "a number of rows that is not as expected rolls the fix back" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: too-many, sql: DELETE FROM mail_activity, expect: { rows: 0..59 } }
PLAN
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    says '60'
    says '0..59'
    [ "$(query "$WORK" 'SELECT count(*) FROM mail_activity')" = 60 ]
}

@test "one executor a working database: the second is told who holds the lock" {
    write_plan <<<'fixes: { "18.0": [{ id: slow, sql: SELECT pg_sleep(60) }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml >first.txt 2>&1 3>&- &
    wait_for 20 begun 18.0/fix/slow
    ends_with 4 drehbuch run plan.json -e here.yaml
    says "$(basename "$(readlink -f runs/latest)")"
    [ "$(find runs -maxdepth 1 -type d | wc -l)" = 2 ]
    kill -INT %1
    wait %1 || [ $? -eq 130 ]
}

@test "Ctrl-C stops the running step, and the run can be gone on with" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: before, sql: "UPDATE res_partner SET ref = ref || '!'" }
    - { id: slow, sql: "SELECT pg_sleep(CASE WHEN to_regclass('go') IS NULL THEN 60 ELSE 0 END)" }
PLAN
    write_environment here test
    local signal
    for signal in INT TERM; do
        drehbuch run plan.json -e here.yaml >out.txt 2>&1 3>&- &
        wait_for 20 begun 18.0/fix/slow
        kill -$signal %%
        wait %% && false || [ $? -eq 130 ]
        run cat out.txt
        says Interrupted.
        says 'interrupted 18.0/fix/slow'
        [ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '$WORK'")" = 0 ]
        rm -rf last; mv runs/latest last || true
        mv last runs/latest
        [ "$signal" = TERM ] || rm -rf runs
    done
    query "$WORK" 'CREATE TABLE go ()'
    ends_with 0 drehbuch resume
    [ "$(query "$WORK" 'SELECT ref FROM res_partner WHERE id = 7')" = 'P7!' ]
}

@test "a step that takes longer than it may is stopped" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: slow, sql: SELECT pg_sleep(60), timeout: 1s }
PLAN
    write_environment here test
    ends_with 1 timeout 20 drehbuch run plan.json -e here.yaml
    says 'it took longer than it may'
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: slow, command: [sleep, "60"], timeout: 1s }
PLAN
    ends_with 1 timeout 20 drehbuch run plan.json -e here.yaml
    says 'it took longer than it may'
}

@test "a step that cannot tell whether it was done: a person says so" {
    write_plan <<PLAN
fixes:
  "18.0":
    - { id: notify, command: [sh, -c, "echo once >>$BATS_TEST_TMPDIR/notified; test -e $BATS_TEST_TMPDIR/go || sleep 60"] }
    - { id: afterwards, sql: "UPDATE res_partner SET ref = ref || '!'" }
PLAN
    write_environment here test
    drehbuch run plan.json -e here.yaml >out.txt 2>&1 3>&- &
    wait_for 20 test -s notified
    kill -KILL %1
    wait %1 || true
    ends_with 4 drehbuch resume
    says '--accept 18.0/fix/notify=done'
    ends_with 2 drehbuch resume --accept 18.0/fix/notfiy=done
    says '18.0/fix/notfiy'
    ends_with 2 drehbuch resume --accept 18.0/fix/notify=maybe
    touch go
    ends_with 0 drehbuch resume --accept 18.0/fix/notify=done
    [ "$(wc -l <notified)" = 1 ]
    [ "$(query "$WORK" 'SELECT ref FROM res_partner WHERE id = 7')" = 'P7!' ]
    [ "$(jq '.steps[] | select(.id == "18.0/fix/notify") | .accepted' runs/latest/run.json)" = true ]
    ends_with 4 drehbuch approve runs/latest/run.json --by me
    says 'by hand'
}

@test "a step that cannot tell is done again when a person says so" {
    write_plan <<PLAN
fixes:
  "18.0":
    - { id: notify, command: [sh, -c, "echo once >>$BATS_TEST_TMPDIR/notified; test -e $BATS_TEST_TMPDIR/go"] }
PLAN
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    ends_with 4 drehbuch resume
    touch go
    ends_with 0 drehbuch resume --accept 18.0/fix/notify=again
    [ "$(wc -l <notified)" = 2 ]
}

@test "killed between a commit and the journal, a step is not done twice" {
    write_plan <<'PLAN'
fixes:
  "18.0":
    - { id: count, sql: "UPDATE res_partner SET ref = ref || '!'" }
    - { id: slow, sql: "SELECT pg_sleep(CASE WHEN to_regclass('go') IS NULL THEN 60 ELSE 0 END)" }
PLAN
    write_environment here test
    drehbuch run plan.json -e here.yaml >out.txt 2>&1 3>&- &
    wait_for 20 begun 18.0/fix/slow
    kill -KILL %1
    wait %1 || true
    # The journal loses what a crash may cost it: all since the copy.
    sed -i '/"step":"18.0/d' runs/latest/journal.jsonl
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$WORK'"
    query "$WORK" 'CREATE TABLE go ()'
    ends_with 0 drehbuch resume
    [ "$(query "$WORK" 'SELECT ref FROM res_partner WHERE id = 7')" = 'P7!' ]
    [ "$(jq '.steps[] | select(.id == "18.0/fix/count") | .recovered' runs/latest/run.json)" = true ]
}

@test "a journal that was changed is found out" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml
    sed -i '3s/"result":"[a-z]*"/"result":"failed"/' runs/latest/journal.jsonl
    ends_with 4 drehbuch verify runs/latest/journal.jsonl
    says 'journal.jsonl:5 does not fit'
    ends_with 4 drehbuch resume
    ends_with 4 drehbuch log
}

@test "a manual step needs a person" {
    write_plan <<<'fixes: { "18.0": [{ id: look, manual: Look at the copy. }] }'
    write_environment here test
    ends_with 1 drehbuch run plan.json -e here.yaml
    says '1 thing is in the way'
    says 'Look at the copy.'
    says '--confirm-manual'
    [ "$(databases_called "$WORK")" = 0 ]
    ends_with 0 drehbuch resume --confirm-manual
}

@test "at a terminal: the running step, the question, the summary" {
    write_plan <<<'fixes: { "18.0": [{ id: slow, wait: 1s }, { id: look, manual: Look at the copy. }] }'
    write_environment here test
    tmux -L "$WORK" -f /dev/null new-session -d -x 100 -y 40 \
        "PATH='$PATH' drehbuch run plan.json -e here.yaml; echo ended with \$?; sleep 30" 3>&-
    screen() { tmux -L "$WORK" capture-pane -p; }
    wait_for 20 eval 'screen | grep -q "Type .done."'
    screen >asked.txt
    tmux -L "$WORK" send-keys done Enter
    wait_for 20 eval 'screen | grep -q "ended with"'
    run screen
    says 'ended with 0'
    says 'Done: rehearsed'
    grep -q '18.0/fix/slow' asked.txt
}

@test "for programs: events as lines of JSON, status and log as JSON" {
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml --json >events.jsonl
    [ "$(jq -r .event <events.jsonl | sort -u | tr '\n' ' ')" = 'run-ended run-started step-ended step-started ' ]
    diff <(jq -c 'select(.event != "progress")' events.jsonl) <(drehbuch log --json)
    [ "$(drehbuch status --json | jq -r '.state, .result, .counts.done')" = "$(printf 'ended\ndone\n%s' 4)" ]
    ends_with 0 drehbuch log
    says 'done 18.0/fix/x'
    ends_with 0 drehbuch status
    says '18.0/fix/x'
    ends_with 2 drehbuch log runs 18.0/fix/y
    says '18.0/fix/x'
    ends_with 3 drehbuch status no-such-folder
}

@test "the window: a step that cannot end within it is not begun" {
    write_plan <<<'fixes: { "18.0": [{ id: slow, sql: SELECT pg_sleep(3) }] }'
    write_environment here test
    drehbuch run plan.json -e here.yaml
    write_environment there test 'limits: { window: 2s }'
    ends_with 4 drehbuch run plan.json -e there.yaml --rehearsal runs/latest/run.json
    says 'would not end within the window'
    [ "$(jq -r .result runs/latest/run.json)" = refused ]
}

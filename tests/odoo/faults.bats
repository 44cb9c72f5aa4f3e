#!/usr/bin/env bats
# What goes wrong with a real Odoo 19.0: the right words, the right exit code, nothing half done, nothing left running,
# and a run that can be gone on with.

load helper

setup_file() {
    need_odoo || return 0
    restore_small source >"$BATS_FILE_TMPDIR/restored" 2>&1 || cp "$BATS_FILE_TMPDIR/restored" "$BATS_FILE_TMPDIR/broken"
}

teardown_file() {
    remove_odoo
}

setup() {
    take_odoo
    enter_folder
    BINDINGS='' FOLDERS=''
}

teardown() {
    end_children
}

decisions='partner_firstname: keep, queue_job: keep, database_cleanup: keep, partner_ref_unique: keep, partner_tz: keep, onchange_helper: keep'

# compile [DECISION]...: a plan for 19.0 that keeps OCA's modules; the rest is standard input.
compile() {
    {
        printf '%s\n' 'version: 1' 'customer: acme' 'title: A test' 'neutralize: false' 'reset: { assets: false }' \
            'upgrade: { from: "19.0", to: "19.0", with: none }' "modules: { $decisions$(printf ', %s' "$@") }"
        cat
    } >plan.yaml
    drehbuch compile plan.yaml -o plan.json >compiled.txt 2>&1 || { cat compiled.txt && false; }
    write_odoo_environment here test source "$WORK" "${BINDINGS:-# no bindings}" 'limits: { timeout: 2m }'
}

# rehearse CODE [DECISION]...
rehearse() {
    local code=$1
    shift
    compile "$@"
    ends_with "$code" drehbuch run plan.json -e here.yaml
}

# fix CODE PYTHON [MEMBER]...: a run with one fix in Python.
fix() {
    local code=$1 python=$2
    shift 2
    rehearse "$code" <<PLAN
fixes:
  "19.0":
    - id: fault
$(printf '      %s\n' "$@")
      python: |
$(sed 's/^/        /' <<<"$python")
PLAN
}

resume() {
    ends_with 0 drehbuch resume runs/latest
}

comment() {
    query "$WORK" "SELECT coalesce(comment, '') FROM res_partner ORDER BY id LIMIT 1"
}

# has_logged STEP TEXT: whether Odoo has said it in the latest run.
has_logged() {
    grep -q "odoo: .*$2" runs/latest/steps/*_"$1".log
}

# Whether Odoo is in the middle of the fix $sleepy.
works_at_fix() {
    has_logged fix_fault asleep
}

# odoo_of EXECUTOR: the processes of Odoo that it drives.
odoo_of() {
    ps -o pid=,args= --ppid "$1" | awk '/ odoo( |$).*--database=/ { print $1 }'
}

# end_odoo SIGNAL EXECUTOR
end_odoo() {
    # shellcheck disable=SC2046 # one or several
    kill -"$1" $(odoo_of "$2")
}

# has_ended PROCESS: also where nobody has waited for it yet.
has_ended() {
    [ -n "$1" ] && { ! kill -0 "$1" || [ "$(ps -o stat= -p "$1" | cut -c1)" = Z ]; }
}

write="env['res.partner'].with_context(active_test=False).search([], order='id', limit=1).comment = 'written'"
# Goes to sleep where there is a file `slow`.
sleepy="$write; import os, time; env.flush_all(); print('asleep'); os.path.exists('slow') and time.sleep(60)"

@test "a fix that raises: three lines for the screen, the traceback in the log, nothing committed" {
    fix 1 "$write
def deep():
    return {}['no such key']
deep()"
    says "KeyError: 'no such key'"
    says "line 3: return {}['no such key']"
    says 'FAILED 19.0/fix/fault'
    says_not 'Traceback'
    run -0 drehbuch log runs/latest 19.0/fix/fault
    says 'Traceback (most recent call last)'
    [ -z "$(comment)" ]
    nobody_works_on "$WORK"
    fix 1 'this is no Python'
    says 'SyntaxError'
    says 'line 1: this is no Python'
    fix 1 "$write
import sys
sys.exit(3)"
    says 'SystemExit: 3'
    [ -z "$(comment)" ]
}

@test "a fix that prints rubbish is done, and what it prints is in the log" {
    fix 0 "$write
import os, sys
print('x' * 200000)
sys.stdout.write('={\"effects\": {}}\n0123456789abcdef0123456789abcdef=e30=\n')
os.write(1, b'\xff\xfe\x00 no text\n')
os.write(2, b'no line at the end')"
    [[ $(comment) == *written* ]]
    run -0 drehbuch log runs/latest 19.0/fix/fault
    says 'no text'
    says 'no line at the end'
}

@test "a fix that commits is refused, also where it hides the error; COMMIT in SQL is told" {
    local code
    for code in 'env.cr.commit()' $'try:\n    env.cr.commit()\nexcept Exception:\n    pass' 'env.cr.rollback()'; do
        fix 1 "$write
$code"
        says 'it calls commit() or rollback()'
        [ -z "$(comment)" ]
    done
    fix 1 "$write
env.flush_all()
env.cr.execute('COMMIT')"
    says 'it ended its transaction with COMMIT or ROLLBACK'
    says 'what it has committed stays'
}

@test "a fix that loops is stopped in time, however it clings" {
    fix 1 "$write
while True:
    try:
        pass
    except BaseException:
        pass" 'timeout: 3s'
    says 'it took longer than it may and was stopped'
    [ -z "$(comment)" ]
    nobody_works_on "$WORK"
}

@test "Odoo killed in a fix: the run fails, and is resumed to its end" {
    compile <<PLAN
fixes: { "19.0": [ { id: fault, python: "$sleepy" } ] }
PLAN
    touch slow
    drehbuch run plan.json -e here.yaml >output.txt 2>&1 3>&- &
    local executor=$! code=0
    wait_for 30 works_at_fix
    end_odoo KILL "$executor"
    wait "$executor" || code=$?
    [ "$code" -eq 1 ] || { cat output.txt && false; }
    grep -q 'signal 9' output.txt
    [ -z "$(comment)" ]
    rm slow
    resume
    [[ $(comment) == *written* ]]
}

@test "the executor killed or interrupted in a fix: Odoo ends too, and the run is resumed to its end" {
    local signal executor odoo code
    compile <<PLAN
fixes: { "19.0": [ { id: fault, python: "$sleepy" } ] }
PLAN
    for signal in KILL INT; do
        rm -rf runs
        touch slow
        drehbuch run plan.json -e here.yaml >output.txt 2>&1 3>&- &
        executor=$! code=0
        wait_for 30 works_at_fix
        odoo=$(odoo_of "$executor")
        kill -"$signal" "$executor"
        wait "$executor" || code=$?
        [ "$code" -eq "$([ "$signal" = KILL ] && echo 137 || echo 130)" ] || { cat output.txt && false; }
        # By itself, before anybody resumes.
        wait_for 10 has_ended "$odoo"
        wait_for 5 nobody_works_on "$WORK"
        [ -z "$(comment)" ]
        rm slow
        resume
        [[ $(comment) == *written* ]]
    done
}

@test "the executor, Odoo and PostgreSQL stopped in an update: resumed to the end, nothing half way" {
    local fault executor code
    compile 'contacts: update' 'crm: update' </dev/null
    for fault in kill interrupt odoo postgresql; do
        rm -rf runs
        drehbuch run plan.json -e here.yaml >output.txt 2>&1 3>&- &
        executor=$! code=0
        wait_for 60 has_logged update 'Loading module crm '
        case $fault in
            kill) kill -KILL "$executor" ;;
            interrupt) kill -INT "$executor" ;;
            odoo) end_odoo KILL "$executor" ;;
            postgresql) "$tests/server" kill "$PLACE/pg" && "$tests/server" start "$PLACE/pg" --no-fsync ;;
        esac
        wait "$executor" || code=$?
        case $fault in
            kill) [ "$code" -eq 137 ] ;;
            interrupt) [ "$code" -eq 130 ] && nobody_works_on "$WORK" ;;
            odoo)
                [ "$code" -eq 1 ] && nobody_works_on "$WORK" && grep -q 'Odoo ended with signal 9' output.txt &&
                    grep -q 'what Odoo has committed of it stays' output.txt
                ;;
            postgresql)
                [ "$code" -eq 1 ] && nobody_works_on "$WORK" && grep -qE 'connection|terminated' output.txt
                ;;
        esac || { cat output.txt && false; }
        resume
        nobody_works_on "$WORK"
        [ "$(query "$WORK" "SELECT count(*) FROM ir_module_module WHERE state LIKE 'to %'")" = 0 ]
    done
}

@test "a module that is missing, or that lacks what it needs, is told before the first change" {
    write_module own acme_needs "'depends': ['no_such_module'], 'external_dependencies': {'python': ['no' '_such_package']}"
    FOLDERS=", $PWD/own" rehearse 1 'acme_nowhere: install' 'acme_needs: install' <<<''
    says 'modules.acme_nowhere: it is not on the addons paths of Odoo 19.0'
    says_not 'modules.partner_tz'
    says no_such_module
    says no_such_package
    says 'nothing was changed'
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
    # What the plan keeps, and the database has.
    sed -i "s|$ODOO_OCA_ADDONS|$PWD/own|; s|:${ODOO_OCA_ADDONS%/odoo/addons}\"|\"|" here.yaml
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'modules.partner_tz: it is not on the addons paths of Odoo 19.0'
    says 'modules.queue_job: it is not on the addons paths of Odoo 19.0'
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
}

@test "a module with a syntax error: the step fails with its line, what Odoo has committed is told; mended, the run goes on" {
    write_module own acme_whole "'depends': ['base']"
    write_module own acme_broken "'depends': ['acme_whole']" 'def broken(:'
    FOLDERS=", $PWD/own" rehearse 1 'acme_whole: install' 'acme_broken: install' </dev/null
    says 'FAILED 19.0/install'
    says "File \"$PWD/own/acme_broken/__init__.py\", line 1"
    says 'def broken(:'
    says 'SyntaxError: invalid syntax'
    says 'what Odoo has committed of it stays'
    nobody_works_on "$WORK"
    states() {
        query "$WORK" "SELECT string_agg(state, ' ' ORDER BY name) FROM ir_module_module WHERE name IN ('acme_broken', 'acme_whole')"
    }
    [ "$(states)" = 'uninstalled installed' ]
    write_module own acme_broken "'depends': ['acme_whole']" ''
    resume
    [ "$(states)" = 'installed installed' ]
}

@test "an uninstall that fails half way does not claim that nothing was committed, and is resumed to its end" {
    rehearse 1 'board: uninstall' <<'PLAN'
fixes:
  "19.0":
    - id: in-the-way
      python: |
        from odoo.addons.base.models import ir_module
        def fail(self):
            raise ValueError('it does not want to go')
        ir_module.IrModuleModule.module_uninstall = fail
PLAN
    says 'FAILED 19.0/uninstall'
    says 'ValueError: it does not want to go'
    says 'what Odoo has committed of it stays'
    says_not 'nothing of this step was committed'
    nobody_works_on "$WORK"
    [ "$(query "$WORK" "SELECT state FROM ir_module_module WHERE name = 'board'")" != uninstalled ]
    resume
    [ "$(query "$WORK" "SELECT state FROM ir_module_module WHERE name = 'board'")" = uninstalled ]
}

@test "an uninstall that would take other modules along is refused before the first change" {
    rehearse 1 'crm: uninstall' <<<''
    says 'sale_crm'
    says 'nothing was changed'
    [ "$(query postgres "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
}

# view FILE-CONTENT: a run that installs it on the partner's form.
view() {
    printf '%s\n' "$1" >note.xml
    rehearse "${2:-1}" <<<'views: { base.view_partner_form.acme_note: { install: note.xml } }'
}

@test "a view that does not fit is refused, by name and with the reason" {
    view '<data><xpath expr="//field[@name='"'no_such'"']" position="after"><field name="comment"/></xpath></data>'
    says 'base.view_partner_form.acme_note does not fit'
    says 'no_such'
    view '<data><xpath expr="//field[@name='"'vat'"']" position="after"><field name="no_such_field"/></xpath></data>'
    says 'base.view_partner_form.acme_note does not fit'
    says 'no_such_field'
    [ "$(query "$WORK" "SELECT count(*) FROM ir_ui_view WHERE name = 'acme_note'")" = 0 ]
    rehearse 1 <<<'views: { base.view_no_such.acme_note: remove }'
    says 'there is no view base.view_no_such'
    rehearse 1 <<<'views: { base.view_partner_form.no_such: enable }'
    says 'there is no such view'
}

@test "a view that is there is not installed again, one that is broken not enabled, and the others stay as they were" {
    local case
    echo '<data/>' >note.xml
    for case in 'there: { install: note.xml }|there: the view is there already' \
        'torn: enable|torn does not fit' ; do
        rehearse 1 <<PLAN
fixes:
  "19.0":
    - id: views
      python: |
        parent = env.ref('base.view_partner_form')
        for name in ('changed', 'there', 'torn'):
            env['ir.ui.view'].create({'name': name, 'inherit_id': parent.id, 'model': parent.model, 'mode': 'extension',
                'active': name != 'torn', 'arch_base': '<data/>'})
    - id: tear
      sql: |
        UPDATE ir_ui_view SET arch_db = '{"en_US": "<data><xpath expr=\\"//field[@name=''nothing'']\\" position=\\"after\\"/></data>"}'
        WHERE name = 'torn'
views: { base.view_partner_form.changed: disable, base.view_partner_form.${case%|*} }
PLAN
        says "base.view_partner_form.${case#*|}"
        [ "$(query "$WORK" "SELECT string_agg(name || ' ' || active, ', ' ORDER BY name) FROM ir_ui_view
            WHERE name IN ('changed', 'there', 'torn')")" = 'changed true, there true, torn false' ]
        nobody_works_on "$WORK"
    done
}

@test "views are installed, updated, switched off and on, and removed" {
    local field
    for field in comment ref; do
        echo "<data priority=\"50\"><xpath expr=\"//field[@name='vat']\" position=\"after\"><field name=\"$field\"/></xpath></data>" >$field.xml
    done
    rehearse 0 <<'PLAN'
fixes:
  "19.0":
    - id: others
      python: |
        parent = env.ref('base.view_partner_form')
        for name in ('changed', 'off', 'on', 'gone'):
            env['ir.ui.view'].create({'name': name, 'inherit_id': parent.id, 'model': parent.model, 'mode': 'extension',
                'active': name != 'on', 'arch_base': '<data><xpath expr="//field[@name=\'vat\']" position="after"><field name="title"/></xpath></data>'
                    if 'title' in env['res.partner']._fields else '<data/>'})
views:
  base.view_partner_form.acme_note: { install: comment.xml }
  base.view_partner_form.changed: { update: ref.xml }
  base.view_partner_form.off: disable
  base.view_partner_form.on: enable
  base.view_partner_form.gone: remove
PLAN
    [ "$(query "$WORK" "SELECT string_agg(name || ' ' || active || ' ' || priority, ', ' ORDER BY name) FROM ir_ui_view
        WHERE name IN ('acme_note', 'changed', 'off', 'on', 'gone')")" = \
        'acme_note true 50, changed true 50, off false 16, on true 16' ]
    [ "$(jq -c '[.steps[] | select(.kind == "views.apply") | .effects.views | to_entries[] | [.key, .value.old.active, .value.new.active]]' runs/latest/run.json)" = \
        '[["base.view_partner_form.acme_note",null,true],["base.view_partner_form.changed",true,true],["base.view_partner_form.gone",true,null],["base.view_partner_form.off",true,false],["base.view_partner_form.on",false,true]]' ]
}

@test "records and settings: what is written, what is unknown, and no secret anywhere" {
    export BINDINGS='bindings: { key: { env: FAULTS_KEY } }' FAULTS_KEY="a-secret-nobody's-to-see"
    rehearse 0 <<'PLAN'
bindings: { key: { type: secret } }
settings:
  records:
    base.main_company: { street: "Bahnhofstrasse 1", company_registry: "${key}" }
    base.user_admin: { country_id: base.ch }
  config: { group_uom: true }
fixes: { "19.0": [ { id: secret, python: "print('it is', ${key}, repr(${key})); import os; os.system('ps -eo args >ps.txt'); env['res.partner'].create({'name': 'x', 'comment': ${key}})" } ] }
PLAN
    [ "$(query "$WORK" "SELECT count(*) FROM res_company c JOIN res_partner p ON p.id = c.partner_id
        WHERE p.street = 'Bahnhofstrasse 1'")" = 1 ]
    [ "$(query "$WORK" "SELECT count(*) FROM res_partner WHERE comment LIKE '%a-secret-nobody%'")" = 1 ]
    [ "$(jq -c '[.steps[] | select(.kind == "settings.records") | .effects.records["base.user_admin"].country_id][0]' runs/latest/run.json)" = '{"new":"base.ch","old":null}' ]
    [ "$(jq -c '[.steps[] | select(.kind == "settings.config") | .effects.config.group_uom][0]' runs/latest/run.json)" = '{"new":true,"old":false}' ]
    grep -q 'odoo shell' ps.txt
    run -1 grep -rl a-secret-nobody runs plan.json ps.txt
    [ "$(query "$WORK" "SELECT count(*) FROM drehbuch.receipt WHERE effects::text LIKE '%a-secret-nobody%'")" = 0 ]
    unset BINDINGS
    local wrong
    while IFS='|' read -r wrong why; do
        rehearse 1 <<<"settings: { $wrong }"
        says "$why"
    done <<'CASES'
records: { base.no_such: { name: x } }|there is no record base.no_such
records: { base.main_company: { no_such: x } }|res.company has no field no_such
records: { base.main_company: { child_ids: x } }|holds several records
records: { base.main_company: { currency_id: base.no_such } }|there is no record base.no_such
config: { module_crm: true }|installs or uninstalls a module
CASES
}

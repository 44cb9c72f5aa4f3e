#!/usr/bin/env bats
# What a database's modules are, and what an upgrade has to do about them.

load helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}

setup_file() {
    start_server
    make_small_database source
    query source "INSERT INTO ir_module_module (name, state, latest_version, author, license) VALUES
        ('helpdesk', 'uninstallable', NULL, 'Odoo S.A.', 'OEEL-1'), ('not_odoos', 'installed', '18.0.1.0.0', 'Odoo S.A.', 'LGPL-3'),
        ('web_kanban_gauge', 'uninstallable', NULL, 'Odoo S.A.', 'LGPL-3')"
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
    environment "$(url source)" >here.yaml
}

# environment URL
environment() {
    printf '%s\n' 'version: 1' 'environment: here' 'mode: test' "source: { database: '$1' }" "work: { database: '$(url work)' }"
}

inspect() {
    drehbuch inspect -e here.yaml "$@"
}

# field NAME MEMBER: of a module, from JSON.
field() {
    inspect --json | jq -r --arg name "$1" ".modules[] | select(.name == \$name) | .$2"
}

@test "whose a module is, is told by lists, never by its author" {
    [ "$(field base class)" = community ]
    [ "$(field base evidence)" = 'list of 18.0' ]
    [ "$(field helpdesk class)" = enterprise ]
    [ "$(field partner_tz class)" = third-party ]
    [ "$(field not_odoos class)" = third-party ]
    [ "$(field not_odoos evidence)" = 'in no list' ]
    # Odoo had it, and the database remembers the name.
    [ "$(field web_kanban_gauge class)" = community ]
    [ "$(field web_kanban_gauge evidence)" = 'list of 16.0' ]
    # A name alone can be anybody's.
    query source "INSERT INTO ir_module_module (name, state, latest_version, author, license) VALUES
        ('sign', 'installed', '18.0.1.0.0', 'Some Vendor', 'LGPL-3'), ('voip', 'installed', '18.0.1.0.0', 'Odoo S.A.', 'OEEL-1')"
    [ "$(field sign class), $(field sign evidence)" = "third-party, named like Enterprise's, but its licence is LGPL-3" ]
    [ "$(field voip class)" = enterprise ]
    query source "DELETE FROM ir_module_module WHERE name IN ('sign', 'voip')"
    # The same name installed is somebody else's.
    query source "UPDATE ir_module_module SET state = 'installed' WHERE name = 'web_kanban_gauge'"
    [ "$(field web_kanban_gauge class)" = third-party ]
    [ "$(field web_kanban_gauge evidence)" = 'list of 16.0, not of 18.0' ]
    query source "UPDATE ir_module_module SET state = 'uninstallable' WHERE name = 'web_kanban_gauge'"
}

@test "without an Odoo of the target it says that it does not know" {
    ends_with 0 inspect
    says 'Database source: Odoo 18.0'
    says 'Target: Odoo 19.0; what it has is not known: the environment names no Odoo 19.0.'
    says 'undecided'
    [ "$(field partner_tz fate) $(field partner_tz work)" = 'unknown undecided' ]
    ends_with 0 inspect --to 18.0
    says 'Target: Odoo 18.0'
}

@test "the user's own list of successors" {
    cat >successors.yaml <<'LIST'
renamed: { partner_tz: partner_timezone }
merged: { web_notify: web }
LIST
    ends_with 0 inspect --successors successors.yaml
    says 'renamed: partner_timezone'
    says 'it has gone into web, says successors.yaml'
    echo 'renamed: { "a-b": c }' >successors.yaml
    ends_with 3 inspect --successors successors.yaml
    says "a module's technical name"
    echo 'renames: {}' >successors.yaml
    ends_with 3 inspect --successors successors.yaml
    ends_with 3 inspect --successors nowhere.yaml
}

@test "every form has the same modules" {
    inspect --format csv >modules.csv
    inspect --format json >modules.json
    [ "$(python3 -c 'import csv; print([row["name"] for row in csv.DictReader(open("modules.csv"))])')" = \
        "$(python3 -c 'import json; print([module["name"] for module in json.load(open("modules.json"))["modules"]])')" ]
    ends_with 0 inspect --format markdown --all
    says '| base | installed | '
    says '## The customer'
    ends_with 0 inspect --all
    says 'not_odoos '
    # The same database, the same bytes.
    cmp <(inspect --json) <(inspect --json)
}

@test "what is wrong is told, and nothing is changed" {
    "$tests/content-hash" "$(url source)" --with-times >before
    ends_with 2 inspect --to 13.0
    says '"13.0" is no version of Odoo that drehbuch knows'
    ends_with 2 inspect --to 17.0
    says 'the database is of Odoo 18.0, which is after 17.0'
    ends_with 2 drehbuch inspect
    sed 's|^source:.*|source: { dump: there.dump }|' here.yaml >dump.yaml
    touch there.dump
    ends_with 1 drehbuch inspect -e dump.yaml
    says 'the source is a dump: a rehearsal restores it'
    query postgres 'CREATE DATABASE empty'
    environment "$(url empty)" >empty.yaml
    ends_with 1 drehbuch inspect -e empty.yaml
    says 'the database "empty" is not Odoo'
    environment "$(url nowhere)" >nowhere.yaml
    ends_with 1 drehbuch inspect -e nowhere.yaml
    says 'database "nowhere" does not exist'
    psql -Xqd "$(url postgres)&user=postgres" -c 'CREATE ROLE poor LOGIN'
    sed -E 's/user=[a-z]+/user=poor/' here.yaml >poor.yaml
    ends_with 1 drehbuch inspect -e poor.yaml
    says 'permission denied'
    "$tests/content-hash" "$(url source)" --with-times >after
    diff before after
}

# agrees DUMP: every row of the list that lies beside the dump, by its column third_party.
agrees() {
    [ -f "$DUMPS/$1.dump" ] || skip "$DUMPS/$1.dump is not there"
    psql -Xqc '' -d "$(url "$1")" 2>/dev/null || "$tests/server" restore "$PLACE/pg" "$DUMPS/$1.dump" "$1"
    environment "$(url "$1")" >real.yaml
    drehbuch inspect -e real.yaml --format csv >found.csv
    python3 - "$DUMPS/$1-modules.csv" <<'PYTHON'
import csv, sys
found = {row["name"]: row["class"] for row in csv.DictReader(open("found.csv"))}
truth = {row["name"]: row["third_party"] == "t" for row in csv.DictReader(open(sys.argv[1]))}
wrong = [name for name in truth if (found[name] == "third-party") != truth[name]]
assert not wrong and found.keys() == truth.keys() and len(truth) > 500, wrong
PYTHON
}

@test "acme_18: whose each of its modules is, and what the customer has made" {
    agrees acme_18
    ends_with 0 drehbuch inspect -e real.yaml --exact
    says '136 of 679 modules are installed: 121 of Odoo'
    says '15 third-party'
    says 'x_acme_contract'
    says 'res.partner.x_acme_ref'
    says 'ACME SMTP'
    [ "$(drehbuch inspect -e real.yaml --json | jq -c '[.custom[] | select(.kind == "views") | .names[] | select(startswith("acme."))] | length')" = 9 ]
    [ "$(drehbuch inspect -e real.yaml --json --exact | jq '.modules[] | select(.name == "queue_job") | .tables')" -gt 0 ]
}

@test "acme_16: whose each of its modules is" {
    agrees acme_16
}

# proposed ARGUMENT...: a plan that passes check and compile once every tbd is decided, and knows all modules.
proposed() {
    ends_with 0 drehbuch init "$@" -o plan.yaml
    says 'drehbuch check plan.yaml'
    if grep -q ': tbd' plan.yaml; then
        ends_with 3 drehbuch check plan.yaml
        says 'module-undecided'
    fi
    sed 's/: tbd/: keep/' plan.yaml >decided.yaml
    drehbuch check decided.yaml
    drehbuch compile decided.yaml -o plan.json
}

@test "init proposes a plan with every decision, its reason, or tbd" {
    proposed -e here.yaml --customer acme
    grep -q '^customer: "acme"$' plan.yaml
    grep -q '^  partner_tz: tbd # .*what the target has is not known' plan.yaml
    grep -q '^upgrade: { from: "18.0", to: "19.0", with: openupgrade }$' plan.yaml
    # The same database, the same bytes; and what is there is not written over.
    cmp plan.yaml <(drehbuch init -e here.yaml --customer acme)
    ends_with 4 drehbuch init -e here.yaml -o plan.yaml
    says 'is there already'
    ends_with 2 drehbuch init -e here.yaml --customer 'a customer'
    # No secret of the parameters, and none of them active.
    query source "INSERT INTO ir_config_parameter (key, value) VALUES ('acme.token', 'sesame'), ('acme.url', 'https://x.example
y'), ('acme.hook_url', 'https://me:sesame@h.example/x?a=b:c@d'), ('acme.queue_url', 'amqp://:se@sesame@h'), ('acme.dhl.key', 'sesame'), ('acme.chat', 'https://chat.example/services/T0/sesame') ON CONFLICT DO NOTHING"
    drehbuch init -e here.yaml >again.yaml
    (! grep -q sesame again.yaml)
    grep -q '^#     "acme.url": "https://x.example y"$' again.yaml
    grep -qF '"acme.hook_url": ...' again.yaml
    grep -qF '"acme.chat": "https://chat.example/..."' again.yaml
    grep -qF '"acme.queue_url": "amqp://********@h"' again.yaml
    # What Studio has made in the database has no code to be decided about.
    query source "INSERT INTO ir_module_module (name, state, imported)
        VALUES ('studio_customization', 'installed', true)"
    [ "$(field studio_customization class)" = imported ]
    drehbuch init -e here.yaml >again.yaml
    (! grep -q studio_customization again.yaml)
    sed 's/: tbd/: keep/' again.yaml >decided.yaml
    drehbuch check decided.yaml
}

@test "asked of the Odoo that the database runs on: its folders count, but Enterprise has others" {
    mkdir -p own/base own/web enterprise/helpdesk third/not_odoos
    for module in own/base own/web enterprise/helpdesk third/not_odoos; do
        echo "{'name': 'M', 'version': '18.0.1.0.0', 'license': 'OEEL-1', 'installable': True}" >$module/__manifest__.py
    done
    cat >>here.yaml <<ENVIRONMENT
odoo:
  "18.0": { run: [$BATS_TEST_DIRNAME/odoo.py, '18.0', $PWD/own], addons: [$PWD/enterprise, $PWD/third] }
  "19.0": { run: [$BATS_TEST_DIRNAME/odoo.py, '19.0', $PWD/own], addons: [$PWD/third] }
ENVIRONMENT
    query source "INSERT INTO ir_module_module (name, state, latest_version, author, license) VALUES
        ('web_enterprise', 'installed', '18.0.1.0', 'Odoo S.A.', 'OEEL-1')"
    timeout 20 "$DREHBUCH" inspect -e here.yaml --json >told.json
    query source "DELETE FROM ir_module_module WHERE name = 'web_enterprise'"
    [ "$(jq -c '[.modules[] | select(.name | IN("helpdesk", "not_odoos", "web_enterprise")) | .class]' told.json)" = \
        '["enterprise","third-party","enterprise"]' ]
}

@test "init removes nothing that holds data, and writes no plan that check refuses" {
    query postgres "CREATE DATABASE used TEMPLATE source"
    environment "$(url used)" >used.yaml
    query used "
        CREATE TABLE ir_model_fields (id serial, name varchar, model varchar, state varchar, model_id int, store boolean);
        INSERT INTO ir_module_module (name, state, latest_version, license) VALUES ('acme_wizard', 'installed', '18.0.1.0.0', 'LGPL-3'),
            ('acme_empty', 'installed', '18.0.1.0.0', 'LGPL-3'), ('acme-odd', 'installed', '18.0.1.0.0', 'LGPL-3'),
            ('acme_one', 'installed', '18.0.1.0.0', 'LGPL-3'), ('acme_two', 'installed', '18.0.1.0.0', 'LGPL-3');
        INSERT INTO ir_model (id, model, name, transient) VALUES (9001, 'acme.wizard', '{}', true), (9002, 'acme.partner', '{}', false), (9003, 'acme.empty', '{}', false);
        INSERT INTO ir_model_data (module, name, model, res_id) VALUES ('acme_wizard', 'model_acme_wizard', 'ir.model', 9001),
            ('base', 'model_res_partner_x', 'ir.model', 9002), ('acme_empty', 'model_acme_empty', 'ir.model', 9003),
            ('acme_wizard', 'field_acme_code', 'ir.model.fields', 9100);
        INSERT INTO ir_model_fields (id, name, model_id, store) VALUES (9100, 'acme_code', 9002, true);
        CREATE TABLE acme_wizard (id int); CREATE TABLE acme_empty (id int);
        CREATE TABLE acme_partner (acme_code varchar)"
    mkdir -p own/base third
    echo "{'name': 'M', 'version': '19.0.1.0.0'}" >own/base/__manifest__.py
    echo "odoo: { '19.0': { run: [$BATS_TEST_DIRNAME/odoo.py, '19.0', $PWD/own], addons: [$PWD/third] } }" >>used.yaml
    printf 'renamed: { acme_one: acme_new, acme_two: acme_new }\n' >successors.yaml
    drehbuch init -e used.yaml --customer acme --successors successors.yaml >plan.yaml
    grep '^  acme_wizard: tbd # .*it has added 1 column to others' plan.yaml
    grep '^  acme_empty: uninstall # ' plan.yaml
    grep -c '^  acme_[ot][nw][eo]: tbd # .*code is missing' plan.yaml | grep -x 2
    (! grep '^  .*acme-odd' plan.yaml)
    sed 's/: tbd/: keep/' plan.yaml >decided.yaml
    drehbuch check decided.yaml
    query used "UPDATE ir_module_module SET latest_version = '19.0.1.3' WHERE name = 'base'"
    drehbuch init -e used.yaml --customer acme | grep 'from: "19.0", to: "19.0", with: none'
    query used "UPDATE ir_module_module SET latest_version = 'saas~17.2.1.3' WHERE name = 'base'"
    ends_with 1 drehbuch init -e used.yaml
    says 'is of Odoo saas~17.2.1.3'
    query used "UPDATE ir_module_module SET latest_version = '13.0.1.3' WHERE name = 'base'"
    ends_with 1 drehbuch inspect -e used.yaml
    says 'drehbuch knows 14.0 to 19.0'
    query postgres "DROP DATABASE used"
}

@test "what was renamed in a version on the way is told by that one's list" {
    mkdir -p own/base third up/openupgrade_scripts
    echo "{'name': 'M', 'version': '1.0'}" >own/base/__manifest__.py
    printf "renamed_modules = {\n'partner_tz': 'partner_timezone',\n}\nmerged_modules = {}\n" >up/openupgrade_scripts/apriori.py
    cat >>here.yaml <<ENVIRONMENT
odoo:
  "18.0": { run: [$BATS_TEST_DIRNAME/odoo.py, '18.0', $PWD/own], addons: [$PWD/third], openupgrade: $PWD/up }
  "19.0": { run: [$BATS_TEST_DIRNAME/odoo.py, '19.0', $PWD/own], addons: [$PWD/third] }
ENVIRONMENT
    query source "UPDATE ir_module_module SET latest_version = '17.0.1.3' WHERE name = 'base'"
    inspect --json >told.json
    query source "UPDATE ir_module_module SET latest_version = '18.0.1.3' WHERE name = 'base'"
    [ "$(jq -c '.modules[] | select(.name == "partner_tz") | [.fate, .successor]' told.json)" = '["renamed","partner_timezone"]' ]
}

@test "init for programs, and modules that are called like something else" {
    query source "INSERT INTO ir_module_module (name, state, latest_version, author, license) VALUES
        ('null', 'installed', '18.0.1.0.0', 'A', 'LGPL-3')"
    drehbuch init -e here.yaml --json >told.json
    query source "DELETE FROM ir_module_module WHERE name = 'null'"
    jq -r .plan told.json >plan.yaml
    grep -q '^  "null": tbd # ' plan.yaml
    [ "$(jq -c '[.format, .undecided == (.decisions | length), (.decisions[] | select(.module == "null") | .decision)]' told.json)" = '["drehbuch-init/1",true,"tbd"]' ]
    rm plan.yaml
    drehbuch init -e here.yaml --json -o plan.yaml >told.json
    [ "$(jq -c '[.output, .plan]' told.json)" = '["plan.yaml",null]' ]
}

@test "init with successors, and where the version stays" {
    cat >successors.yaml <<'LIST'
renamed: { partner_tz: partner_timezone }
merged: { web_notify: web }
LIST
    proposed -e here.yaml --successors successors.yaml
    grep -q '^  partner_tz: { action: rename, to: partner_timezone } # ' plan.yaml
    grep -q '^  web_notify: { action: merge, into: web } # ' plan.yaml
    rm plan.yaml
    proposed -e here.yaml --to 18.0
    grep -q 'with: none }$' plan.yaml
}

@test "acme_18: preflight knows every module of the plan that init proposes" {
    agrees acme_18
    proposed -e real.yaml --to 18.0
    sed -i 's/^upgrade/neutralize: false\nupgrade/' decided.yaml
    drehbuch compile decided.yaml -o plan.json
    ends_with 0 drehbuch run plan.json -e real.yaml
}

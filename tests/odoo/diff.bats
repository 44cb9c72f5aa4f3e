#!/usr/bin/env bats
# The dry run against what a real Odoo 19.0 then does: records, and the migration scripts of an update.

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
    write_odoo_environment here test small "$WORK"
}

# plan LINE...: of the small database, which keeps its modules but for what is said.
plan() {
    printf '%s\n' 'version: 1' 'customer: acme' 'title: A test' 'upgrade: { from: "19.0", to: "19.0", with: none }' \
        'neutralize: false' 'reset: { assets: false }' "$@" >plan.yaml
    drehbuch compile plan.yaml -o plan.json
}

@test "records: what was predicted is what Odoo then wrote" {
    plan 'modules: { partner_firstname: keep, partner_ref_unique: keep, queue_job: keep, onchange_helper: keep, database_cleanup: keep, partner_tz: keep }' \
        'settings: { records: {' \
        '  base.main_company: { street: "Bahnhofstrasse 1", company_registry: "CHE-1" },' \
        '  base.main_partner: { website: "https://acme.example", comment: null, color: 3 },' \
        '  base.user_admin: { country_id: base.ch },' \
        '  base.lang_en: { url_code: en } } }'
    drehbuch diff plan.json -e here.yaml --json >predicted.json
    ends_with 0 drehbuch run plan.json -e here.yaml
    # Of a field that Odoo computes, as a company's street is its partner's, the old value is not in the table, and said so.
    jq -S '[.steps[] | select(.kind == "settings.records") | .effects.records][0]' predicted.json >predicted
    jq -S --slurpfile predicted predicted '[.steps[] | select(.kind == "settings.records") | .effects.records][0]
        | with_entries(.key as $record | .value |= with_entries(.key as $field |
            if $predicted[0][$record][$field].computed then .value += {old: null, computed: true} else . end))' \
        runs/latest/run.json >done
    [ "$(jq -c '[.. | objects | select(.computed)] | length' predicted)" -ge 1 ]
    [ "$(jq '[.[] | length] | add' done)" -ge 5 ]
    diff predicted done 
}

@test "views: what was predicted is what Odoo then has" {
    local name field
    for name in changed off on gone; do
        query small "INSERT INTO ir_ui_view (name, model, type, priority, mode, active, inherit_id, arch_db)
            SELECT '$name', model, type, 16, 'extension', '$name' <> 'on', id,
                '{\"en_US\": \"<data>\\n  <xpath expr=\\\"//field[@name=''vat'']\\\" position=\\\"after\\\"><field name=\\\"ref\\\"/></xpath></data>\"}'
            FROM ir_ui_view WHERE id = (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'view_partner_form')"
    done
    for field in comment ref; do
        echo "<data priority=\"50\"><xpath expr=\"//field[@name='vat']\" position=\"after\"><field name=\"$field\"/></xpath></data>" >$field.xml
    done
    plan 'modules: { partner_firstname: keep, partner_ref_unique: keep, queue_job: keep, onchange_helper: keep, database_cleanup: keep, partner_tz: keep }' \
        'views:' '  base.view_partner_form.acme_note: { install: comment.xml }' '  base.view_partner_form.changed: { update: ref.xml }' \
        '  base.view_partner_form.off: disable' '  base.view_partner_form.on: enable' '  base.view_partner_form.gone: remove'
    drehbuch diff plan.json -e here.yaml --json >predicted.json
    ends_with 0 drehbuch run plan.json -e here.yaml
    query small "DELETE FROM ir_ui_view WHERE name IN ('changed', 'off', 'on', 'gone')"
    # The record has digests of the architectures.
    python3 - predicted.json runs/latest/run.json >both <<'PYTHON'
import hashlib, json, sys
for path in sys.argv[1:]:
    views = [step["effects"]["views"] for step in json.load(open(path))["steps"] if step["kind"] == "views.apply"][0]
    for key, change in sorted(views.items()):
        for when, view in (("old", change["old"]), ("new", change["new"])):
            arch = view["arch"] if view else ""
            if path == sys.argv[1]:
                arch = arch and hashlib.sha256(arch.encode()).hexdigest()
            print(key, when, view and view["active"], arch)
PYTHON
    [ "$(wc -l <both)" -eq 20 ]
    [ "$(sort both | uniq -d | wc -l)" -eq 10 ] || { sort both && false; }
}

@test "an update: the migration scripts that run are told, those that Odoo has run then" {
    # As if the module had been installed before its last two migration scripts were written.
    query small "UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = 'queue_job'"
    plan 'modules: { partner_firstname: keep, partner_ref_unique: keep, onchange_helper: keep, database_cleanup: keep, partner_tz: keep,' \
        '  queue_job: update }'
    drehbuch diff plan.json -e here.yaml --json >predicted.json
    jq -r '.steps[] | select(.kind == "modules.update") | .scripts.queue_job[]' predicted.json >predicted
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(cat predicted)" = 19.0.2.2.0/pre-migration.py ]
    grep -h 'module queue_job: Running migration' runs/latest/steps/*update*.log >told
    grep -q '19.0.2.2.0' told
    (! grep -q '18.0.1.7.0' told)
    query small "UPDATE ir_module_module SET latest_version = '19.0.2.4.0' WHERE name = 'queue_job'"
}

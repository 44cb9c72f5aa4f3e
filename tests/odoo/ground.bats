#!/usr/bin/env bats
# The ground that the other tests with a real Odoo stand on: Odoo, OCA's modules, the small database, and the modules of
# tests/odoo/addons, which are as right or as wrong as the tests that use them need.

load helper

setup_file() {
    need_odoo || return 0
    restore_small ground
}

teardown_file() {
    remove_odoo
}

setup() {
    take_odoo
    enter_folder
}

# odoo ARGUMENT...: as a person would start it, with OCA's modules and those of the tests.
odoo() {
    "${ODOO_RUN[@]}" "$@" --config="$PLACE/odoo.conf" \
        --addons-path="$ODOO_ADDONS,$ODOO_OCA_ADDONS,$BATS_TEST_DIRNAME/addons"
}

# Each test that changes the database has a copy.
copy_ground() {
    query postgres "CREATE DATABASE $WORK TEMPLATE ground"
}

@test "it is Odoo 19.0, and no script that its pages need is missing" {
    ends_with 0 "${ODOO_RUN[@]}" --version
    says 'Odoo Server 19.0'
    [ -z "$(find "$ODOO_ADDONS" -name '*.js' -xtype l)" ]
    [ -f "$ODOO_OPENUPGRADE/openupgrade_framework/__manifest__.py" ]
    [ -f "$ODOO_OPENUPGRADE/openupgrade_scripts/scripts/base/19.0.1.3/pre-migration.py" ]
}

@test "the small database opens in Odoo's shell, with OCA's modules and those of the tests in sight" {
    odoo shell --database=ground --no-http >shell.txt 2>shell.log <<'PYTHON'
from odoo.modules.module import Manifest
module = env['ir.module.module']
module.update_list()
print('version', module.search([('name', '=', 'base')]).latest_version)
print('installed', *sorted(module.search([('state', '=', 'installed'), ('author', 'like', 'OCA')]).mapped('name')))
print('half way', module.search_count([('state', 'like', 'to ')]))
print('seen', *(name for name in ('auth_api_key', 'auth_api_key_group', 'database_cleanup', 'developer_menu',
    'onchange_helper', 'partner_firstname', 'partner_pricelist_search', 'partner_ref_unique', 'partner_tz', 'queue_job',
    'queue_job_subscribe', 'web_environment_ribbon', 'web_notify') if Manifest.for_addon(name).version.startswith('19.0.')))
print('own', *sorted(module.search([('author', '=', 'drehbuch')]).mapped('name')))
PYTHON
    cat shell.txt
    [[ $(sed -n 's/^version //p' shell.txt) = 19.0.* ]]
    [ "$(sed -n 's/^installed //p' shell.txt)" = \
        'database_cleanup onchange_helper partner_firstname partner_ref_unique partner_tz queue_job' ]
    [ "$(sed -n 's/^half way //p' shell.txt)" = 0 ]
    [ "$(sed -n 's/^seen //p' shell.txt | wc -w)" -eq 13 ]
    [ "$(sed -n 's/^own //p' shell.txt)" = \
        'drehbuch_broken drehbuch_needs drehbuch_needs_too drehbuch_one drehbuch_two' ]
}

@test "the modules of the tests install, and the second goes with the first" {
    copy_ground
    ends_with 0 odoo --database="$WORK" --init=drehbuch_two --stop-after-init --no-http
    says_not ERROR
    [ "$(query "$WORK" "SELECT string_agg(name || ' ' || latest_version, ', ' ORDER BY name) FROM ir_module_module
        WHERE state = 'installed' AND author = 'drehbuch'")" = 'drehbuch_one 19.0.1.0.0, drehbuch_two 19.0.1.0.0' ]
    [ "$(query "$WORK" "SELECT value FROM ir_config_parameter WHERE key = 'drehbuch_one.greeting'")" = Grüezi ]
    [ "$(query "$WORK" "SELECT count(*) FROM ir_ui_view WHERE name = 'drehbuch_one.view_partner_form' AND active")" = 1 ]
    [ "$(query "$WORK" "SELECT to_regclass('drehbuch_note')")" = drehbuch_note ]
    odoo shell --database="$WORK" --no-http >shell.txt 2>&1 \
        <<<"env['ir.module.module'].search([('name', '=', 'drehbuch_one')]).button_immediate_uninstall()"
    [ "$(query "$WORK" "SELECT string_agg(state, ' ') FROM ir_module_module WHERE name IN ('drehbuch_one', 'drehbuch_two')")" = \
        'uninstalled uninstalled' ]
    [ -z "$(query "$WORK" "SELECT to_regclass('drehbuch_note')")" ]
}

@test "what is wrong with the others is what Odoo says of them" {
    copy_ground
    local module
    for module in drehbuch_broken drehbuch_needs drehbuch_needs_too; do
        odoo --database="$WORK" --init=$module --stop-after-init --no-http >$module.log 2>&1 || echo "$?" >$module.code
    done
    tail -n 4 ./*.log
    grep -q 'SyntaxError: invalid syntax' drehbuch_broken.log
    grep -q 'drehbuch-no-such-package' drehbuch_needs.log
    grep -q 'drehbuch_no_such_module' drehbuch_needs_too.log
    [ "$(query "$WORK" "SELECT count(*) FROM ir_module_module WHERE author = 'drehbuch' AND state = 'installed'")" = 0 ]
}

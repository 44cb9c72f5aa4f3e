#!/usr/bin/env bats
# Inspecting with a real Odoo 19.0 as the target: which of a real database's third-party modules it has.

load helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}

setup_file() {
    need_odoo || return 0
    [ -f "$DUMPS/acme_18.dump" ] || return 0
    "$tests/server" restore "$PLACE/pg" "$DUMPS/acme_18.dump" acme_18
}

teardown_file() {
    remove_odoo
}

setup() {
    take_odoo
    [ -f "$DUMPS/acme_18.dump" ] || skip "$DUMPS/acme_18.dump is not there"
    enter_folder
    cat >here.yaml <<ENVIRONMENT
version: 1
environment: here
mode: test
source: { database: "$(url acme_18)" }
work: { database: "$(url work)" }
odoo:
  "19.0":
    run: [$(printf "'%s', " "${ODOO_RUN[@]}")]
    config: $PLACE/odoo.conf
    openupgrade: $ODOO_OPENUPGRADE
    addons: [$ODOO_ADDONS, $ODOO_OCA_ADDONS]
ENVIRONMENT
}

@test "availability is right for each third-party module of acme_18" {
    drehbuch inspect -e here.yaml --json >found.json
    # What the folder of OCA's modules has, and nothing else is there.
    jq -r '.modules[] | select(.class == "third-party" and .state == "installed") | .name' found.json >third-party
    [ "$(wc -l <third-party)" = 15 ]
    while read -r name; do
        if [ -d "$ODOO_OCA_ADDONS/$name" ]; then
            # Odoo puts the series in front of a version that lacks it.
            version=$(python3 -c 'import ast, sys; print(ast.literal_eval(open(sys.argv[1]).read())["version"])' \
                "$ODOO_OCA_ADDONS/$name/__manifest__.py")
            wanted="there $version keep"
        else
            wanted="not there"
        fi
        told=$(jq -r --arg name "$name" '.modules[] | select(.name == $name) |
            if .fate == "there" then "\(.fate) \(.detail) \(.work)" else .fate end' found.json)
        [ "$told" = "$wanted" ] || {
            echo "$name: $told, wanted: $wanted"
            return 1
        }
    done <third-party
    [ "$(jq -r '[.modules[] | select(.class == "third-party" and .state == "installed" and .fate == "there")] | length' found.json)" = 12 ]
}

@test "what was renamed and merged on the way is told by OpenUpgrade's lists" {
    query acme_18 "INSERT INTO ir_module_module (name, state, latest_version, author) VALUES
        ('mail_debrand', 'installed', '18.0.1.0.0', 'OCA') ON CONFLICT DO NOTHING"
    ends_with 0 drehbuch inspect -e here.yaml
    says 'renamed: mail_debranding'
    says 'it is now mail_debranding, says OpenUpgrade; it is not on the addons paths'
    [ "$(drehbuch inspect -e here.yaml --json | jq -r '.modules[] | select(.name == "account_edi_ubl_cii_tax_extension") |
        "\(.fate) \(.successor)"')" = 'merged account_edi_ubl_cii' ]
    query acme_18 "DELETE FROM ir_module_module WHERE name = 'mail_debrand'"
}

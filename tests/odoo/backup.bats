#!/usr/bin/env bats
# Odoo's database manager and drehbuch read each other's backups.

load helper

setup_file() {
    need_odoo || return 0
    restore_small ground
    # A file in the filestore, as Odoo itself stores it.
    "${ODOO_RUN[@]}" shell --config="$PLACE/odoo.conf" --addons-path="$ODOO_ADDONS,$ODOO_OCA_ADDONS" \
        --database=ground --no-http >&2 <<'PYTHON'
env['ir.attachment'].create({'name': 'ours.txt', 'raw': b'content of ours'})
env.cr.commit()
PYTHON
}

teardown_file() {
    remove_odoo
}

setup() {
    take_odoo
    enter_folder
    export TMPDIR=$BATS_TEST_TMPDIR
}

# odoo_db ARGUMENT...: the database manager of Odoo's command line.
odoo_db() {
    "${ODOO_RUN[@]}" db --config="$PLACE/odoo.conf" --addons-path="$ODOO_ADDONS,$ODOO_OCA_ADDONS" "$@"
}

files_of() {
    (cd "$1" && find . -type f ! -path './checklist/*' -exec sha256sum {} + | sort -k2)
}

@test "Odoo loads a zip that drehbuch made" {
    write_odoo_environment here test ground "$WORK"
    sed -i "s,^source: { database: \(.*\) }$,source: { database: \1\, filestore: $PLACE/data/filestore/ground }," here.yaml
    ends_with 0 drehbuch backup -e here.yaml -o ours.zip --json
    jq -e '.method == "zip" and .files >= 1' <<<"$output"
    ends_with 0 odoo_db load "$WORK" ours.zip
    diff <(files_of "$PLACE/data/filestore/ground") <(files_of "$PLACE/data/filestore/$WORK")
    # Odoo has given it a uuid of its own; all else is as it was.
    diff <("$tests/content-hash" "$(url ground)" | grep -v 'ir_config_parameter') \
        <("$tests/content-hash" "$(url "$WORK")" | grep -v 'ir_config_parameter')
    run "${ODOO_RUN[@]}" shell --config="$PLACE/odoo.conf" --addons-path="$ODOO_ADDONS,$ODOO_OCA_ADDONS" \
        --database="$WORK" --no-http <<<"print('read:', env['ir.attachment'].search([('name', '=', 'ours.txt')]).raw)"
    says "read: b'content of ours'"
}

@test "drehbuch restores a zip that Odoo made, and says the same of it" {
    ends_with 0 odoo_db dump ground "$PWD/theirs.zip"
    ends_with 0 drehbuch restore theirs.zip --database "$(url "$WORK")" --filestore "$PWD/files"
    diff <("$tests/content-hash" "$(url ground)") <("$tests/content-hash" "$(url "$WORK")")
    diff <(files_of "$PLACE/data/filestore/ground") <(files_of files)
    write_odoo_environment here test ground "$WORK"
    ends_with 0 drehbuch backup -e here.yaml -o ours.zip
    python3 - <<'PYTHON'
import json, zipfile
theirs, ours = (json.loads(zipfile.ZipFile(name).read("manifest.json")) for name in ("theirs.zip", "ours.zip"))
# Odoo's own version may name its build.
for manifest in (theirs, ours):
    del manifest["version"], manifest["version_info"]
assert theirs == ours, (theirs, ours)
PYTHON
}

# For the tests with a real Odoo 19.0: what tests/odoo/prepare has fetched, a server for the file, and
# databases. Where Odoo cannot be had, the tests skip and say why.
load ../database/helper

addons=$BATS_TEST_DIRNAME/addons

# Call first in setup_file. Sets what tests/odoo/prepare prints, for the tests too.
need_odoo() {
    local status=0 printed
    printed=$("$BATS_TEST_DIRNAME/prepare" 2>"$BATS_FILE_TMPDIR/why") || status=$?
    [ "$status" -ne 77 ] || skip "$(cat "$BATS_FILE_TMPDIR/why")"
    [ "$status" -eq 0 ] || { cat "$BATS_FILE_TMPDIR/why" && return 1; }
    printf '%s\n' "$printed" >"$BATS_FILE_TMPDIR/odoo"
    start_server
    take_odoo
    cat >"$PLACE/odoo.conf" <<CONFIG
[options]
db_host = $PLACE/pg
db_port = 5432
db_user = odoo
data_dir = $PLACE/data
CONFIG
}

# Call in setup: bats does not hand arrays on.
take_odoo() {
    # shellcheck disable=SC1091 # made by need_odoo
    . "$BATS_FILE_TMPDIR/odoo"
}

# odoo ARGUMENT...: as a person would start it, with OCA's modules.
odoo() {
    "${ODOO_RUN[@]}" "$@" --config="$PLACE/odoo.conf" --addons-path="$ODOO_ADDONS,$ODOO_OCA_ADDONS"
}

# The small 19.0 database of tests/odoo/place.py, under a name.
restore_small() {
    python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); from place import OdooPlace
OdooPlace.at(sys.argv[2]).restore_small(sys.argv[3])' "$BATS_TEST_DIRNAME" "$PLACE" "$1" >&2
}

# acme_18 and its filestore, as NAME and as the filestore of each further name.
restore_acme() {
    local name=$1 dumps=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo} work
    [ -f "$dumps/acme_18.dump" ] ||
        skip "no $dumps/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    "$tests/server" restore "$PLACE/pg" "$dumps/acme_18.dump" "$name" >&2
    shift
    for work in "$@"; do
        mkdir -p "$PLACE/data/filestore/$work"
        tar -xzf "$dumps/acme_18-filestore.tar.gz" -C "$PLACE/data/filestore/$work"
    done
}

# write_odoo_environment NAME MODE SOURCE WORK [LINE]...: into NAME.yaml. FOLDERS, where set, are
# further addons folders, each with a comma before it.
write_odoo_environment() {
    local name=$1 mode=$2 source=$3 work=$4 run
    shift 4
    run=$(printf '"%s", ' "${ODOO_RUN[@]}")
    cat >"$name.yaml" <<ENVIRONMENT
version: 1
environment: $name
mode: $mode
source: { database: "$(url "$source")" }
work: { database: "$(url "$work")" }
backup: false
odoo:
  "19.0":
    run: [${run%, }]
    config: $PLACE/odoo.conf
    addons: [$ODOO_ADDONS, $ODOO_OCA_ADDONS${FOLDERS:-}]
    openupgrade: $ODOO_OPENUPGRADE
ENVIRONMENT
    printf '%s\n' "$@" >>"$name.yaml"
}

# Whether no Odoo process works on the database any more.
nobody_works_on() {
    [ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '$1' AND application_name LIKE 'odoo%'")" = 0 ]
}

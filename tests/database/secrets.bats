#!/usr/bin/env bats
# Passwords and secrets: where they come from, and that they go nowhere.

load helper

setup_file() {
    export TCP_PORT=$((20000 + RANDOM % 20000))
    start_server --tcp "$TCP_PORT"
    make_small_database source
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
    write_plan <<<'fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'
    unset PGPASSWORD PGPASSFILE
}

# write_tcp_environment PASSWORD: over TCP, where the role odoo needs a password; '' names none.
write_tcp_environment() {
    local before after
    before='{ url: ' after=", password: $1 }"
    [ -n "$1" ] || before='' after=''
    cat >here.yaml <<ENVIRONMENT
version: 1
environment: here
mode: test
source: { database: $before"postgresql://odoo@127.0.0.1:$TCP_PORT/source"$after }
work: { database: $before"postgresql://odoo@127.0.0.1:$TCP_PORT/$WORK"$after }
ENVIRONMENT
}

@test "the password comes from a file, a variable, a command, PGPASSWORD or PGPASSFILE" {
    echo odoo >password
    write_tcp_environment '{ file: password }'
    ends_with 0 drehbuch run plan.json -e here.yaml
    write_tcp_environment '{ env: THE_PASSWORD }'
    THE_PASSWORD=odoo ends_with 0 drehbuch run plan.json -e here.yaml
    write_tcp_environment '{ command: [echo, odoo] }'
    ends_with 0 drehbuch run plan.json -e here.yaml
    write_tcp_environment ''
    PGPASSWORD=odoo ends_with 0 drehbuch run plan.json -e here.yaml
    echo "127.0.0.1:$TCP_PORT:*:odoo:odoo" >passfile
    chmod 600 passfile
    PGPASSFILE=$PWD/passfile ends_with 0 drehbuch run plan.json -e here.yaml
}

@test "children are given the password too, and not on their command line" {
    echo odoo >password
    write_tcp_environment '{ file: password }'
    echo 'copy: dump' >>here.yaml
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(query "$WORK" 'SELECT count(*) FROM res_partner')" = 300 ]
}

@test "no password, a wrong one, or one in the address: told, never shown" {
    write_tcp_environment ''
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'password'
    echo wrong-and-secret >password
    write_tcp_environment '{ file: password }'
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'password authentication failed'
    says_not wrong-and-secret
    write_tcp_environment ''
    sed -i 's/odoo@/odoo:in-the-address@/' here.yaml
    ends_with 3 drehbuch run plan.json -e here.yaml
    says 'secret-in-url'
    says_not in-the-address
    says_not 'password authentication'
    if grep -r -e wrong-and-secret -e in-the-address runs; then false; fi
}

@test "secrets are masked wherever a step or a server shows them" {
    write_plan <<'PLAN'
bindings: { key: { type: secret } }
settings: { parameters: { acme.shipping.api_secret: "${key}" } }
fixes:
  "18.0":
    - { id: told, command: [sh, -c, 'echo "it is $KEY"; echo "$KEY" >&2'], environment: { KEY: "${key}" }, nature: repeatable }
    - { id: kept, sql: "INSERT INTO ir_config_parameter (key, value) VALUES ('kept', ${key})" }
    - { id: shown, phase: last, sql: "SELECT (${key})::int" }
PLAN
    echo 'top-Secret-77' >key
    write_environment here test 'bindings: { key: { file: key } }'
    drehbuch run plan.json -e here.yaml --json >events.jsonl 2>errors.txt && false
    ends_with 1 drehbuch resume
    says '********'
    says_not top-Secret-77
    ends_with 0 drehbuch log runs 18.0/fix/told
    says 'it is ********'
    [ "$(query "$WORK" "SELECT value FROM ir_config_parameter WHERE key = 'kept'")" = top-Secret-77 ]
    if grep -r top-Secret-77 . --exclude=key; then false; fi
    [ "$(jq -c '.steps[] | select(.kind == "settings.parameters") | .effects.parameters' runs/latest/run.json)" = \
        '{"acme.shipping.api_secret":{"binding":true,"new":"********","old":"********"}}' ]
    # Also what was the value before is nobody's business.
    if grep -r not-a-real-secret runs; then false; fi
}

@test "a secret stands on no command line" {
    write_plan <<'PLAN'
bindings: { key: { type: secret } }
fixes:
  "18.0":
    - { id: sleeps, command: [sleep, "2"], environment: { KEY: "${key}" }, nature: repeatable }
PLAN
    echo 'top-Secret-78' >key
    write_environment here test 'bindings: { key: { file: key } }' 'copy: dump'
    drehbuch run plan.json -e here.yaml >out.txt 2>&1 3>&- &
    local found=0
    while kill -0 $! 2>/dev/null; do
        if cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q 'top-Secret-7[8]'; then found=1; fi
    done
    wait $!
    [ "$found" = 0 ]
}

@test "a binding's value is a literal, whatever is in it" {
    write_plan <<'PLAN'
bindings: { name: { type: text } }
fixes:
  "18.0":
    - { id: x, sql: "UPDATE res_partner SET name = ${name} WHERE id = 1", expect: { rows: 1 } }
PLAN
    local name
    for name in "O'Hara'; DROP TABLE res_partner; --" 'back\slash' "Ünï \$\$ code" '${name}'; do
        jq -n --arg name "$name" '{name: $name}' >bindings.json
        write_environment here test "bindings: $(cat bindings.json | tr '\n' ' ')"
        ends_with 0 drehbuch run plan.json -e here.yaml
        [ "$(query "$WORK" 'SELECT name FROM res_partner WHERE id = 1')" = "$name" ]
    done
}

@test "PGPASSWORD, and each line of a secret of several, are masked too" {
    write_plan <<'PLAN'
bindings: { key: { type: secret } }
fixes:
  "18.0":
    - { id: shows, command: [sh, -c, 'env; printf "%s\\n" "$KEY"'], environment: { KEY: "${key}" }, nature: repeatable }
PLAN
    printf '%s\n' '-----BEGIN KEY-----' 'c2VjcmV0LWxpbmUtb25l' 'c2VjcmV0LWxpbmUtdHdv' >key
    write_environment here test 'bindings: { key: { file: key } }'
    PGPASSWORD=pg-Secret-9 ends_with 0 drehbuch run plan.json -e here.yaml
    if grep -rE 'pg-Secret-9|c2VjcmV0' runs; then false; fi
    grep -rq 'PGPASSWORD=\*\*\*\*' runs
}

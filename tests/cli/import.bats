#!/usr/bin/env bats
# `drehbuch import`: plans from what people have, what it says of the rest, and hostile inputs.

bats_require_minimum_version 1.5.0

setup() {
    here=$BATS_TEST_DIRNAME/imports
    folder=$(mktemp -d)
    cd "$here"
}

teardown() {
    rm -rf "$folder"
}

# imported NAME CODE ARGUMENT...: gives what NAME.plan.yaml and NAME.listed.txt say, twice the same, and
# `check` of the plan ends with CODE, and with 0 once each tbd is decided.
imported() {
    local name=$1 code=$2
    shift 2
    "$DREHBUCH" import "$@" >"$folder/plan.yaml" 2>"$folder/listed"
    diff -u "$name.plan.yaml" "$folder/plan.yaml"
    diff -u "$name.listed.txt" "$folder/listed"
    "$DREHBUCH" import "$@" 2>/dev/null | cmp - "$folder/plan.yaml"
    run -"$code" "$DREHBUCH" check "$folder/plan.yaml"
    sed -i 's/: tbd/: keep/' "$folder/plan.yaml"
    run -0 "$DREHBUCH" check "$folder/plan.yaml"
}

# refused SAID FILE: exit code 3, SAID is the beginning of the first line, and nothing is written.
refused() {
    run -3 --separate-stderr "$DREHBUCH" import --customer a --from 18.0 --to 18.0 "$2" -o "$folder/plan.yaml"
    [ "$output" = "" ]
    [[ $stderr == "$1"* ]] || { echo "$stderr" && false; }
    [[ $stderr == *"nothing was written" ]]
    [ ! -e "$folder/plan.yaml" ]
}

@test "a migration file of marabunta" {
    imported migration 3 migration.yml --customer acme
}

@test "the dotenv file of a playbook" {
    imported playbook 0 playbook.env --with openupgrade
}

@test "the folder of the wizard" {
    imported wizard 3 wizard
}

@test "longer fixes become files beside the plan" {
    run -0 --separate-stderr "$DREHBUCH" import wizard -o "$folder/plan.yaml"
    [ "$output" = "$folder/plan.yaml: 2 decisions, 2 of them tbd; 4 fixes; then: drehbuch check $folder/plan.yaml" ]
    file=$folder/fixes/18.0/step_02__openupgrade__18-0-post-migration.py
    cmp wizard/scripts/step_02__openupgrade__18.0/post-migration.py "$file"
    sed -i 's/: tbd/: keep/' "$folder/plan.yaml"
    run -0 "$DREHBUCH" check "$folder/plan.yaml"
    [[ $output == *": good, "* ]]
}

@test "nothing is written over" {
    echo mine >"$folder/plan.yaml"
    run -4 "$DREHBUCH" import wizard -o "$folder/plan.yaml"
    [ "$(cat "$folder/plan.yaml")" = mine ]
    [ ! -e "$folder/fixes" ]
    rm "$folder/plan.yaml"
    mkdir -p "$folder/fixes/18.0"
    echo mine >"$folder/fixes/18.0/step_02__openupgrade__18-0-post-migration.py"
    run -4 "$DREHBUCH" import wizard -o "$folder/plan.yaml"
    [ ! -e "$folder/plan.yaml" ]
    [ "$(cat "$folder"/fixes/18.0/*)" = mine ]
}

@test "what the file does not tell is asked for" {
    run -2 "$DREHBUCH" import migration.yml
    [ "${lines[0]}" = "error: migration.yml does not tell the customer's short name" ]
    [ "${lines[1]}" = "help: say it with --customer" ]
    run -2 "$DREHBUCH" import playbook.env
    [ "${lines[1]}" = "help: say it with --with" ]
    run -2 "$DREHBUCH" import migration.yml --customer acme --to 19
    [ "${lines[0]}" = 'error: --to: "19" is no version from 14.0 to 19.0' ]
}

@test "values of the dotenv file are shown nowhere" {
    "$DREHBUCH" import playbook.env --with openupgrade >"$folder/all" 2>&1
    grep -q PGPASSWORD "$folder/all"
    run ! grep -q very-secret "$folder/all"
    printf 'PGPASSWORD=very-secret)\n' >"$folder/a.env"
    refused "$folder/a.env:1:23: error: the value cannot be read without a shell" "$folder/a.env"
    [[ $stderr != *very-secret* ]]
}

@test "shell syntax is refused and never done" {
    for value in "\$(touch $folder/done)" '`id`x y' 'a b' 'a;b' '"open' "'a' b" '"a\\"'; do
        printf 'DATABASE=erp\nINIT=%s\n' "$value" >"$folder/a.env"
        refused "$folder/a.env:2:" "$folder/a.env"
    done
    for line in 'touch x' '. other' '1A=b' 'A = b' 'if true; then'; do
        printf '%s\n' "$line" >"$folder/a.env"
        refused "$folder/a.env:1:1: error: this is not NAME=VALUE" "$folder/a.env"
    done
    [ ! -e "$folder/done" ]
}

@test "hostile migration files" {
    printf 'migration: [\n' >"$folder/a.yml"
    refused "$folder/a.yml:" "$folder/a.yml"
    printf 'other: 1\n' >"$folder/a.yml"
    refused "$folder/a.yml:1:1: error: unknown key \"other\"" "$folder/a.yml"
    printf 'migration: {versions: [{version: setup, addon: {}}]}\n' >"$folder/a.yml"
    refused "$folder/a.yml:1:41: error: unknown key \"addon\"" "$folder/a.yml"
    printf 'migration: {versions: [1, {version: setup, addons: {upgrade: sale}}]}\n' >"$folder/a.yml"
    refused "$folder/a.yml:1:24: error: this must be an object" "$folder/a.yml"
    printf 'migration: \xff\n' >"$folder/a.yml"
    refused "$folder/a.yml:1:12: error: this is not text" "$folder/a.yml"
    truncate -s 70M "$folder/a.yml"
    refused "error: " "$folder/a.yml"
    refused "error: " "$folder/missing.yml"
}

@test "what is read cannot become a part of the plan" {
    printf 'migration:\n  versions:\n    - version: 18.0.1.0.0\n      operations:\n        pre:\n          - "a\\nfixes: {}\\u2028checks: 1\\e[31m"\n      addons: {upgrade: ["a: keep\\nb", all, "null"]}\n' >"$folder/a.yml"
    "$DREHBUCH" import "$folder/a.yml" --customer acme 2>"$folder/listed" >"$folder/plan.yaml"
    run ! grep -q '^ *\(fixes\|checks\|b\)' "$folder/plan.yaml"
    run ! grep -q $'\033' "$folder/plan.yaml" "$folder/listed"
    sed -i 's/: tbd/: keep/' "$folder/plan.yaml"
    run -0 "$DREHBUCH" check "$folder/plan.yaml"
}

@test "for programs: decisions, fixes, what has no equivalent, and the plan" {
    "$DREHBUCH" import wizard --json >"$folder/told.json" 2>"$folder/listed"
    [ ! -s "$folder/listed" ]
    jq -j .plan "$folder/told.json" | diff -u wizard.plan.yaml -
    [ "$(jq -c '[.format, .undecided, (.fixes | length), (.without_equivalent | length > 0)]' "$folder/told.json")" = '["drehbuch-import/1",2,4,true]' ]
    "$DREHBUCH" import wizard --json -o "$folder/plan.yaml" >"$folder/told.json"
    [ "$(jq -r '[.output, .plan, (.decisions[0] | .action, .origin)] | @csv' "$folder/told.json")" = "\"$folder/plan.yaml\",,\"tbd\",\"wizard/modules.csv:1\"" ]
    printf 'INIT=a b\n' >"$folder/a.env"
    run -3 --separate-stderr "$DREHBUCH" import "$folder/a.env" --json
    [[ $output == *"cannot be read without a shell"* ]] && jq -e . <<<"$output" >/dev/null
}

@test "what editors and people leave in files: a mark in front, keys with nothing behind" {
    printf '\xef\xbb\xbfmigration:\n  versions:\n    - version: 18.0.1.0.0\n      operations:\n      addons:\n      modes: {test: }\n    - version: 18.0.1.1.0\n      addons: {upgrade: [sale]}\n' >"$folder/a.yml"
    run -0 "$DREHBUCH" import "$folder/a.yml" --customer acme
    [[ $output == *"  sale: tbd # "* ]]
    printf '\xef\xbb\xbfCUSTOMER=acme\nCOMPANY=other\nINIT=sale\n' >"$folder/a.env"
    run -0 "$DREHBUCH" import "$folder/a.env" --from 18.0 --to 18.0
    [[ $output == *'customer: "acme"'* ]]
    [[ $output == *"a.env:2: COMPANY says another customer than before; keep the one that is right"* ]]
    cp -r wizard "$folder/w"
    printf '\xef\xbb\xbfSELECT 1;\nSELECT 2;\n' >"$folder/w/scripts/step_02__openupgrade__18.0/z.sql"
    printf 'SELECT $$\xc2\x9b \xef\xbf\xbe$$\n' >"$folder/w/scripts/step_02__openupgrade__18.0/zz.sql"
    run -0 "$DREHBUCH" import "$folder/w"
    [[ $output == *'SELECT $$\u009B \uFFFE$$\n'* ]]
    [[ $output == *'SELECT 1;'* && $output != *$'\xef\xbb\xbf'* && $output != *$'\xc2\x9b'* && $output != *$'\xef\xbf\xbe'* ]]
}

@test "SQL of the wizard's first step comes before its hop; what is not known is listed; no password is shown" {
    cp -r wizard "$folder/w"
    rm -r "$folder/w/scripts"/*
    printf 'project_name: acme\nodoo_versions: [17.0, 18.0]\ncolour: blue\nmigration_steps:\n  - {name: 1, execution_context: openupgrade, version: 18.0, complete_name: step_01}\n' >"$folder/w/config.yml"
    mkdir -p "$folder/w/scripts/step_01"
    echo 'SELECT 1;' >"$folder/w/scripts/step_01/pre.sql"
    echo 'env.cr' >"$folder/w/scripts/step_01/post.py"
    run -0 "$DREHBUCH" import "$folder/w" --json
    [ "$(jq -c '[.fixes[] | [.id, .version]]' <<<"$output")" = '[["step_01-pre","17.0"],["step_01-post","18.0"]]' ]
    [[ $(jq -r '.without_equivalent[].what' <<<"$output") == *'"colour" is not known'* ]]
    printf 'migration:\n  options: {backup: {command: x}, other: 1}\n  versions:\n    - version: 18.0.1.0.0\n      operations: {pre: ["psql postgresql://me:se@same@h/db -c x; ls", "curl https://h/x"]}\n' >"$folder/a.yml"
    run -0 "$DREHBUCH" import "$folder/a.yml" --customer acme
    [[ $output == *'psql postgresql://********@h/db -c x; ls'* && $output == *'curl https://h/x'* && $output != *same* ]]
    [[ $output == *'"other"; marabunta does not know it'* ]]
    printf 'migration: {options: 3, versions: []}\n' >"$folder/a.yml"
    refused "$folder/a.yml:1:22: error: this must be an object" "$folder/a.yml"
    printf 'INIT=sale\n' >"$folder/a.env"
    run -2 "$DREHBUCH" import "$folder/a.env" --customer a --from 18.0 --to 17.0 --with openupgrade
    [[ $output == *'from 18.0 to 17.0 is no upgrade'* ]]
}

@test "hostile folders of the wizard" {
    cp -r wizard "$folder/w"
    echo 'SELECT 1' >"$folder/outside.sql"
    ln -s ../../../outside.sql "$folder/w/scripts/step_02__openupgrade__18.0/link.sql"
    run -3 "$DREHBUCH" import "$folder/w"
    [[ $output == *"error: $folder/w/scripts/step_02__openupgrade__18.0/link.sql leads out of the folder"* ]]
    rm "$folder/w/scripts/step_02__openupgrade__18.0/link.sql"
    sed -i 's/complete_name: step_03.*/complete_name: ..\/..\/etc/' "$folder/w/config.yml"
    refused "$folder/w/config.yml:25:20: error: a step's name is the name of a folder" "$folder/w"
    sed -i 's/- 18.0/- 7.0/' "$folder/w/config.yml"
    refused "$folder/w/config.yml:7:5: error: this is no version" "$folder/w"
    rm "$folder/w/config.yml"
    refused "error: " "$folder/w"
}

#!/usr/bin/env bats
# `drehbuch explain`, and that it knows every diagnostic there is.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || exit 1
}

explain() {
    "$DREHBUCH" explain "$@"
}

# The names that the sources and the schemas can give to a diagnostic: what stands, in a statement
# that reports, where names stand.
emitted_names() {
    local file
    for file in $(grep -l diagnostic -r base compiler runtime cli --include='*.c'); do
        tr '\n' ' ' <"$file" | sed 's/[;{}]/\n/g'
        echo
    done | grep -E 'diagnostics_(add|warn)\(|report[a-z_]*\(|stop\(|\.severity|const char \*name|"yaml-' |
        grep -oE '"[a-z]+(-[a-z]+)+"|diagnostics_(add|warn)\([^"]*"[a-z]+"|check_report\([^"]*"[a-z]+"' |
        grep -oE '"[a-z-]+"$'
    grep -ohE '"x-diagnostic": "[a-z-]+"' schemas/*.json | grep -oE '"[a-z-]+"$'
}

@test "the catalogue has every diagnostic, and no other one" {
    emitted_names | tr -d '"' | sort -u >"$BATS_TEST_TMPDIR/emitted"
    explain --json | jq -r '.diagnostics[].name' | sort >"$BATS_TEST_TMPDIR/known"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/known")" -gt 50 ]
    diff "$BATS_TEST_TMPDIR/emitted" "$BATS_TEST_TMPDIR/known"
}

@test "a diagnostic is explained" {
    run explain order-unknown
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = 'order-unknown (error): `after` or `before` names a step that is not there' ]
    [[ $output = *$'\nwrong:\n\n    version: 1\n'* ]]
    [[ $output = *$'\n          after: close-dead-activitys\n'* ]]
    [[ $output = *$'\nwhat to do:\n\nWrite the id of a fix or check'* ]]
    [[ $output = *$'\nright:\n\n    version: 1\n'* ]]
    [[ $output = *$'\n          after: close-dead-activities' ]]
}

@test "further files of an example are shown" {
    run explain use-conflict
    [[ $output = *$'\n  with house-rules.yaml:\n\n    version: 1\n'* ]]
    [[ $output = *$'\n  with swiss-rules.yaml:\n'* ]]
}

@test "an example that cannot be shown is described" {
    run explain yaml-depth
    [ "$status" -eq 0 ]
    [[ $output = *$'\nwrong:\n\nA file with 101 opening brackets'* ]]
    [[ $output != *right:* ]]
}

@test "a warning is said to be one" {
    run explain binding-unused
    [[ ${lines[0]} = 'binding-unused (warning): '* ]]
}

@test "no line of the text is wider than 100 columns" {
    for name in $(explain | cut -d' ' -f1); do
        run explain "$name"
        [ "$status" -eq 0 ]
        [ -z "$(awk 'length > 100' <<<"$output")" ] || { echo "$name" && false; }
    done
}

@test "without a name all are listed, in columns" {
    run explain
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq "$(explain --json | jq '.diagnostics | length')" ]
    [ "${lines[0]}" = 'bad-form                  a text does not have the form that is asked for' ]
    [ "$(awk 'length > 120' <<<"$output")" = "" ]
    [ "$(cut -c25-26 <<<"$output" | sort -u)" = "  " ]
}

@test "JSON of one" {
    explain wrong-type --json >"$BATS_TEST_TMPDIR/one"
    jq -e '.name == "wrong-type" and .severity == "error" and .document == "plan"
        and (.bad | contains("active: no")) and (.good | contains("active: false"))
        and (.summary, .explanation, .cure | length > 0)' "$BATS_TEST_TMPDIR/one"
    explain binding-unused --json | jq -e '.severity == "warning"'
}

@test "an unknown name is a usage error with the nearest one" {
    run explain module-undecide
    [ "$status" -eq 2 ]
    [ "${lines[0]}" = 'error: unknown diagnostic "module-undecide"' ]
    [ "${lines[1]}" = 'help: did you mean `module-undecided`?' ]
    run explain xyzzy
    [ "$status" -eq 2 ]
    [ "${lines[1]}" = 'help: `drehbuch explain` lists the names' ]
    run explain xyzzy --json
    [ "$status" -eq 2 ]
    jq -e '.error.exit == 2' <<<"$output"
}

@test "colours only where they are wanted" {
    run explain module-undecided
    [[ $output != *$'\033'* ]]
    run explain module-undecided --color=always
    [[ $output = *$'\033[1mwrong:\033[0m'* ]]
    [[ $output = *$'\033[31m  sale_order_type: tbd\033[0m'* ]]
    [[ $output = *$'\033[32m  sale_order_type: uninstall\033[0m'* ]]
    [[ $output = *$'\n      partner_firstname: keep\n'* ]]
    run explain --color=always
    [[ $output = *$'\033[1mwrong-type'* ]]
}

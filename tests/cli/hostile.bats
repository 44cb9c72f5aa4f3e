#!/usr/bin/env bats
# Files that are made to break a reader: each is refused with a message, or read rightly, within ten
# seconds and a gigabyte, and no signal ends the program.

bats_require_minimum_version 1.5.0

HEAD='version: 1
customer: c
title: t
upgrade: { from: "18.0", to: "18.0", with: none }
'

setup() {
    folder=$(mktemp -d)
    chmod 755 "$folder"
    plan=$folder/plan.yaml
    # The sanitizers reserve address space without end.
    limit=$((1024 * 1024))
    if ldd "$DREHBUCH" | grep -q asan || nm "$DREHBUCH" | grep -q __asan_init; then
        limit=unlimited
    fi
}

teardown() {
    rm -rf "$folder"
}

# check: `drehbuch check` of the plan, within the limits.
check() {
    ulimit -v "$limit"
    timeout 10 "$DREHBUCH" check "$plan" 2>&1
}

# refused TEXT...: the plan is invalid, and what is said has each of the texts.
refused() {
    run check
    [ "$status" -eq 3 ] || { echo "exit code $status: ${output:0:2000}" && false; }
    local text
    for text; do
        [[ $output == *"$text"* ]] || { echo "not said: $text" && echo "${output:0:2000}" && false; }
    done
}

# good: the plan is good.
good() {
    run check
    [ "$status" -eq 0 ] || { echo "exit code $status: ${output:0:2000}" && false; }
}

# repeat COUNT TEXT
repeat() {
    python3 -c 'import sys; sys.stdout.write(sys.argv[2] * int(sys.argv[1]))' "$1" "$2"
}

@test "aliases that multiply" {
    {
        echo "$HEAD"
        echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
        for i in $(seq 1 12); do
            echo "a$i: &a$i [*a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1))," \
                "*a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1)), *a$((i - 1))]"
        done
    } >"$plan"
    refused "$plan:" alias
}

@test "aliases that multiply texts, and one that holds itself" {
    { echo "$HEAD" && printf 'a: &a ' && repeat 1000000 x && echo && printf 'b: [' &&
        repeat 10000 '*a, ' && echo ']'; } >"$plan"
    refused "$plan:"
    echo "$HEAD"'modules: &a { b: *a }' >"$plan"
    refused "$plan:5:"
}

@test "merge keys, and anchors across them" {
    { echo "$HEAD" && echo 'settings: { parameters: &p { a: b } }' &&
        echo 'modules: { <<: *p }'; } >"$plan"
    refused "$plan:7:"
    { echo "$HEAD" && echo 'settings:' && echo '  records:' && echo '    a.b: &r { c: d }' &&
        echo '    a.c: *r'; } >"$plan"
    good
}

@test "10,000 levels, flow and block, closed and not" {
    { echo "$HEAD" && printf 'modules: ' && repeat 10000 '[' && repeat 10000 ']'; } >"$plan"
    refused "$plan:6:" levels
    { echo "$HEAD" && printf 'modules: ' && repeat 1000000 '['; } >"$plan"
    refused "$plan:6:" levels
    { echo "$HEAD" && printf 'modules: ' && repeat 100000 '{a: '; } >"$plan"
    refused "$plan:6:" levels
    python3 -c 'print("".join(" " * i + "a:\n" for i in range(10000)))' >"$plan"
    refused "$plan:" levels
    { echo "$HEAD" && echo 'modules:' && repeat 10000 '- ' && echo x; } >"$plan"
    refused "$plan:7:" levels
    { echo "$HEAD" && printf 'modules: ' && repeat 10000 '? '; } >"$plan"
    refused "$plan:"
}

@test "a gigabyte of spaces, of one text, of nothing" {
    { echo "$HEAD" && printf 'modules: "' && head -c 1073741824 /dev/zero | tr '\0' ' '; } >"$plan"
    refused "$plan" "at most"
    # A little more than is read.
    { echo "$HEAD" && printf 'modules: ' && head -c $((64 << 20)) /dev/zero | tr '\0' x; } >"$plan"
    refused "$plan" "at most"
    rm "$plan"
    truncate -s 10G "$plan"
    refused "$plan" "at most"
    rm "$plan"
}

@test "as large as a plan may be: one text, spaces, line breaks, commas, stars" {
    # A little less than the limit that the message names.
    for filling in x ' ' '\n' , '*' '"' "'" '#' '&' '!' '%' '-' '|' '\t' ':'; do
        { echo "$HEAD" && printf 'modules: ' &&
            python3 -c 'import sys; sys.stdout.write(
                sys.argv[1].encode().decode("unicode_escape") * (16 << 20))' "$filling"; } >"$plan"
        run check
        [ "$status" -eq 3 ] || [ "$status" -eq 0 ] ||
            { echo "filled with $filling: exit code $status ${output:0:300}" && false; }
        [ "${#output}" -lt 100000 ]
    done
}

@test "more values than a document may have" {
    # Each takes far more memory than the file has bytes.
    for filling in 'a,' '{},'; do
        { echo "$HEAD" && printf 'modules: [' && repeat 4100000 "$filling"; } >"$plan"
        refused "$plan:6:" "more than 4000000 values"
    done
}

@test "NUL bytes, and bytes that no text has" {
    { echo "$HEAD" && printf 'modules: { a: "k\0eep" }'; } >"$plan"
    refused "$plan:6:"
    { echo "$HEAD" && printf '\0'; } >"$plan"
    refused "$plan:6:"
    head -c 100000 /dev/zero >"$plan"
    refused "$plan:1:1"
    { echo "$HEAD" && printf 'modules: { a: "\033[31m" }'; } >"$plan"
    refused "$plan:6:"
    [[ $output != *$'\033'* ]]
    head -c 100000 "$DREHBUCH" >"$plan"
    refused "$plan:1:"
}

@test "bytes that are not UTF-8" {
    for bytes in '\xff' '\xc3' '\xc0\x80' '\xed\xa0\x80' '\xf4\x90\x80\x80' '\x80'; do
        { echo "$HEAD" && printf "modules: { a: \"${bytes}\" }\n"; } >"$plan"
        refused "$plan:6:" UTF-8
    done
}

@test "UTF-16 and UTF-32, with and without a byte order mark" {
    for encoding in UTF-16LE UTF-16BE UTF-32LE UTF-32BE; do
        echo "$HEAD" | iconv -t "$encoding" >"$plan"
        refused "$plan"
    done
    for encoding in UTF-16LE UTF-16BE; do
        printf '\ufeff%s' "$HEAD" | iconv -f UTF-8 -t "$encoding" >"$plan"
        refused "$plan:1:1" UTF-16 "UTF-8"
    done
}

@test "a byte order mark and CRLF change nothing, in places neither" {
    echo "$HEAD" >"$plan"
    good
    expected=$output
    printf '\ufeff%s' "$HEAD" >"$plan"
    good
    [ "$output" = "$expected" ]
    sed 's/$/\r/' <<<"$HEAD" >"$plan"
    good
    [ "$output" = "$expected" ]
    tr '\n' '\r' <<<"$HEAD" >"$plan"
    good
    { printf '\ufeff%s' "$HEAD" && echo 'modles: {}'; } | sed 's/$/\r/' >"$plan"
    refused "$plan:5:1: error: unknown key \"modles\""
    [[ $output != *$'\r'* ]]
    echo "$HEAD"'modules: { a: "'$'\ufeff''" }' >"$plan"
    refused "$plan:5:"
}

@test "a CRLF in SQL is a line break" {
    printf '%sfixes:\r\n  "18.0":\r\n    - id: a\r\n      sql: |\r\n        SELECT 1;\r\n        SELECT 2\r\n' \
        "$HEAD" >"$plan"
    good
    "$DREHBUCH" compile "$plan" -o "$folder/out.json"
    [ "$(jq -c '.steps[] | select(.kind == "sql").spec.sql' "$folder/out.json")" = \
        '"SELECT 1;\nSELECT 2\n"' ]
}

@test "keys that stand twice, also in other notations" {
    echo "$HEAD"'modules: { "a": keep, a: keep, '"'a'"': keep }' >"$plan"
    refused "$plan:5:" twice
    [ "$(grep -c twice <<<"$output")" -eq 2 ]
    echo "$HEAD"'"v\x65rsion": 1' >"$plan"
    refused "$plan:5:" twice
}

@test "keys that are no texts" {
    for key in '[a]' '{a: b}' '~' '1' 'true' '? |
  a
'; do
        echo "$HEAD""$key: x" >"$plan"
        refused "$plan:"
    done
}

@test "huge numbers" {
    for number in 99999999999999999999 -99999999999999999999 1e999 -1e999 .inf .nan 0x$(repeat 100 f) \
        $(repeat 10000 9) 9223372036854775808; do
        echo "$HEAD"'settings: { crons: { a.b: { priority: '"$number"' } } }' >"$plan"
        refused "$plan:5:"
    done
    echo "$HEAD"'fixes: { "18.0": [{ id: a, sql: SELECT 1, expect: { rows: 0..99999999999999999999 } }] }' >"$plan"
    refused "$plan:5:"
    echo "$HEAD"'fixes: { "18.0": [{ id: a, wait: 99999999999999999999h }] }' >"$plan"
    refused "$plan:5:"
}

@test "an empty file, one of comments, one of null, one of a text, one of a list" {
    : >"$plan"
    refused "$plan"
    echo '# nothing' >"$plan"
    refused "$plan"
    for text in '~' text '[]' '{}' '--- ' '...' '%YAML 1.2' '!!binary x'; do
        echo "$text" >"$plan"
        refused "$plan"
    done
}

@test "what is no file: a folder, a pipe, a device, a socket" {
    mkdir "$plan"
    refused "$plan"
    rmdir "$plan"
    mkfifo "$plan"
    refused "$plan"
    for device in /dev/zero /dev/null /dev/random; do
        plan=$device
        refused "$device"
    done
}

@test "what is no file, named by a plan" {
    mkdir "$folder/folder.sql" "$folder/fixes"
    mkfifo "$folder/pipe.sql"
    ln -s /dev/zero "$folder/zero.sql"
    ln -s loop.sql "$folder/loop.sql"
    ln -s /etc/passwd "$folder/passwd.sql"
    ln -s / "$folder/root"
    echo 'SELECT 1' >"$folder/fixes/file.sql"
    ln -s fixes/file.sql "$folder/inside.sql"
    for name in folder.sql pipe.sql zero.sql loop.sql passwd.sql root/etc/passwd.sql \
        "$(repeat 300 x).sql" "$(repeat 5000 x/)x.sql" missing.sql fixes/file.sql/x.sql; do
        echo "$HEAD"'fixes: { "18.0": [{ id: a, file: '"$name"' }] }' >"$plan"
        refused "$plan:5:" "^^^"
    done
    [[ $output != *"root:x:"* ]]
    echo "$HEAD"'fixes: { "18.0": [{ id: a, file: inside.sql }] }' >"$plan"
    good
    for name in '""' '" "' '"a\0.sql"' '"a\nb.sql"' . .. ./ 'fixes/'; do
        echo "$HEAD"'fixes: { "18.0": [{ id: a, file: '"$name"' }] }' >"$plan"
        refused "$plan:5:"
    done
}

@test "what one may not read" {
    [ "$(id -u)" -eq 0 ] || skip "only root can be another user"
    cp "$DREHBUCH" "$folder/drehbuch"
    echo "$HEAD"'fixes: { "18.0": [{ id: a, file: closed.sql }, { id: b, file: closed/a.sql }] }' >"$plan"
    mkdir "$folder/closed"
    echo 'SELECT 1' | tee "$folder/closed.sql" >"$folder/closed/a.sql"
    chmod 600 "$folder/closed.sql" "$folder/closed"
    nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$folder/drehbuch" "$@"; }
    run nobody check "$plan"
    [ "$status" -eq 3 ]
    [ "$(grep -c 'Permission denied' <<<"$output")" -eq 2 ]
    chmod 600 "$plan"
    run nobody check "$plan"
    [ "$status" -eq 3 ]
    [[ $output == *"$plan"*"Permission denied"* ]]
    run nobody compile "$plan" -o "$folder/out.json"
    [ "$status" -eq 3 ]
}

@test "files that are not text, or too large, named by a plan" {
    echo "$HEAD"'fixes: { "18.0": [{ id: a, file: a.sql }] }' >"$plan"
    printf 'SELECT 1;\n\0' >"$folder/a.sql"
    refused "$plan:5:" NUL
    printf 'SELECT 1;\n\xff' >"$folder/a.sql"
    refused "$plan:5:" UTF-8
    : >"$folder/a.sql"
    refused "a.sql:1:1" "no statement"
    rm "$folder/a.sql"
    truncate -s 10G "$folder/a.sql"
    refused "$plan:5:" "at most"
    rm "$folder/a.sql"
}

@test "SQL that goes on and on" {
    echo "$HEAD"'fixes: { "18.0": [{ id: a, file: a.sql }] }' >"$plan"
    for piece in '/*' '(' "'" '"' '$' '$$' '${' '\\' 'BEGIN;' 'CASE ' ';' '-- '; do
        repeat 1000000 "$piece" >"$folder/a.sql"
        run check
        [ "$status" -eq 3 ] || [ "$status" -eq 0 ] ||
            { echo "$piece: exit code $status ${output:0:300}" && false; }
    done
    { printf 'SELECT 1' && repeat 30000000 ' + 1'; } >"$folder/a.sql"
    run check
    [ "$status" -eq 3 ] || [ "$status" -eq 0 ]
}

@test "100,000 errors: some are shown, the rest is counted" {
    { echo "$HEAD" && echo 'fixes: { "18.0": [' && repeat 100000 '{ id: "a b" },
' && echo ']}'; } >"$plan"
    refused "$plan:7:" "error"
    [ "${#lines[@]}" -lt 5000 ]
    [[ ${lines[-2]} == *more* || ${lines[-1]} == *more* || ${lines[-1]} =~ [0-9]{4,}" errors" ]]
    run timeout 10 "$DREHBUCH" check --json "$plan"
    [ "$status" -eq 3 ]
    jq -e . <<<"$output" >/dev/null
    { echo "$HEAD" && repeat 100000 'x: &a *b
'; } >"$plan"
    refused "$plan:"
    { echo "$HEAD" && echo 'modules:' && python3 -c '
for i in range(100000): print(f"  m{i}: tbd")'; } >"$plan"
    refused "$plan:7:" "error"
}

@test "a long circle of fixes, a long chain of them, and names that are nearly known" {
    { echo "$HEAD" && echo 'fixes: { "18.0": [' && python3 -c '
for i in range(20000): print(f"{{ id: f{i}, sql: SELECT 1, after: f{(i + 1) % 20000} }},")' &&
        echo ']}'; } >"$plan"
    refused "$plan:" circle
    { echo "$HEAD" && echo 'fixes: { "18.0": [' && python3 -c '
for i in range(20000): print(f"{{ id: f{i}, sql: SELECT 1, after: f{i + 1} }},")' &&
        echo '{ id: f20000, sql: SELECT 1 }]}'; } >"$plan"
    good
    { echo "$HEAD" && echo 'fixes: { "18.0": [' && python3 -c '
for i in range(20000): print(f"{{ id: fix-{i}, sql: SELECT 1, after: fixx-{i} }},")' &&
        echo ']}'; } >"$plan"
    refused "$plan:" 'there is no fix or check "fixx-0"'
}

@test "parts that use parts: 10,000 in a row, themselves, each other" {
    for i in $(seq 1 10000); do
        echo "version: 1
use: [part-$((i + 1)).yaml]" >"$folder/part-$i.yaml"
    done
    echo "$HEAD"'use: [part-1.yaml]' >"$plan"
    refused part- "levels deep"
    echo "$HEAD"'use: [plan.yaml]' >"$plan"
    refused "$plan:5:" "uses itself"
    printf 'version: 1\nuse: [part-2.yaml]\n' >"$folder/part-1.yaml"
    printf 'version: 1\nuse: [part-1.yaml, ./part-2.yaml]\n' >"$folder/part-2.yaml"
    echo "$HEAD"'use: [part-1.yaml]' >"$plan"
    refused "part-2.yaml:2:"
}

@test "parts that are used by two others are read once" {
    # 2^30 ways lead to the last one.
    for i in $(seq 1 30); do
        echo "version: 1
use: [a$((i + 1)).yaml, b$((i + 1)).yaml]" | tee "$folder/a$i.yaml" >"$folder/b$i.yaml"
    done
    echo 'version: 1' | tee "$folder/a31.yaml" >"$folder/b31.yaml"
    echo "$HEAD"'use: [a1.yaml, b1.yaml]' >"$plan"
    good
}

@test "names that would act on a terminal are shown, not obeyed" {
    echo "$HEAD"'modules: { "\e]0;owned\a\e[2J": keep, "\u202Eevil": keep }' >"$plan"
    refused "$plan:5:"
    [[ $output != *$'\033'* && $output != *$'\u202e'* && $output != *$'\a'* ]]
    echo "$HEAD" >"$folder/"$'\033[31m'.yaml
    plan=$folder/$'\033[31m'.yaml
    echo 'x: 1' >>"$plan"
    run check
    [ "$status" -eq 3 ]
    [[ $output != *$'\033'* ]]
}

@test "regular expressions that never end do not begin here" {
    { echo "$HEAD" && printf 'checks: [{ id: a, log: { forbid: "' && repeat 10000 '(a*)*' &&
        echo '" } }]'; } >"$plan"
    run check
    [ "$status" -eq 3 ] || [ "$status" -eq 0 ]
    { echo "$HEAD" && printf 'checks: [{ id: a, log: { forbid: "' && repeat 10000 '(' &&
        echo '" } }]'; } >"$plan"
    refused "$plan:6:" "regular expression"
    echo "$HEAD"'checks: [{ id: a, log: { forbid: "((a{1,65535}){1,65535}){1,65535}" } }]' >"$plan"
    refused "$plan:5:" "regular expression"
}

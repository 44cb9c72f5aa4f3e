#!/usr/bin/env bats
# `drehbuch compile`: the same bytes everywhere, in canonical form, and steps in the order that the
# design promises.

bats_require_minimum_version 1.5.0

setup() {
    here=$BATS_TEST_DIRNAME
    folder=$(mktemp -d)
    # Others than root must be able to look into it.
    chmod 755 "$folder"
    cp "$DREHBUCH" "$folder/drehbuch"
    cp -r "$here/plans" "$folder/plans"
    chmod -R a+rX "$folder"
    program=$folder/drehbuch
    plan=$folder/plans/acme/plan.yaml
}

teardown() {
    rm -rf "$folder"
}

# reference: compiles the plan to $folder/reference.json.
reference() {
    "$program" compile "$plan" -o "$folder/reference.json"
}

# same_bytes COMMAND...: its standard output is the reference, to the byte.
same_bytes() {
    "$@" >"$folder/other.json"
    cmp "$folder/reference.json" "$folder/other.json"
}

# write_plan FILE: a small plan from standard input.
write_plan() {
    { printf 'version: 1\ncustomer: c\ntitle: t\n' && cat; } >"$1"
}

@test "the same bytes again, and to a file as to standard output" {
    reference
    same_bytes "$program" compile "$plan" -o -
    run -0 "$program" compile "$plan"
    cmp "$folder/reference.json" "$folder/plans/acme/plan.compiled.json"
}

@test "the same bytes from another folder, under other paths to it" {
    reference
    mkdir -p "$folder/some where/deep"
    cp -r "$here/plans" "$folder/some where/deep/plans"
    same_bytes "$program" compile "$folder/some where/deep/plans/acme/plan.yaml" -o -
    ln -s "$folder/some where" "$folder/link"
    same_bytes "$program" compile "$folder/link/deep/plans/acme/plan.yaml" -o -
    cd "$folder/some where/deep/plans/acme"
    same_bytes "$program" compile plan.yaml -o -
    same_bytes "$program" compile ../../plans//acme/./plan.yaml -o -
    cd /
    same_bytes "$program" compile "${folder#/}/plans/acme/plan.yaml" -o -
}

@test "the same bytes in another time zone, home, umask and environment" {
    reference
    same_bytes env TZ=Pacific/Kiritimati "$program" compile "$plan" -o -
    same_bytes env TZ=nonsense HOME=/nonexistent "$program" compile "$plan" -o -
    same_bytes env -i "$program" compile "$plan" -o -
    same_bytes env NO_COLOR=1 TERM=dumb COLUMNS=20 "$program" --color=always compile "$plan" -o -
    (umask 0777 && same_bytes "$program" compile "$plan" -o -)
}

@test "the same bytes as another user" {
    [ "$(id -u)" -eq 0 ] || skip "only root can be another user"
    reference
    same_bytes setpriv --reuid=65534 --regid=65534 --clear-groups "$program" compile "$plan" -o -
}

@test "the same bytes in a locale with decimal commas" {
    reference
    same_bytes env LC_ALL=C "$program" compile "$plan" -o -
    mkdir "$folder/locale"
    localedef -i de_DE -f UTF-8 "$folder/locale/de_DE.UTF-8" 2>/dev/null ||
        skip "localedef cannot make a locale here"
    # That it counts at all: printf of this locale writes commas.
    [ "$(LOCPATH=$folder/locale LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 0,5')" = 0,5 ]
    # glibc itself keeps what LOCPATH says.
    same_bytes env ASAN_OPTIONS=detect_leaks=0 LOCPATH="$folder/locale" LC_ALL=de_DE.UTF-8 "$program" compile "$plan" -o -
}

@test "the same bytes from gcc and from clang" {
    root=$here/../..
    other=$root/build-clang/drehbuch
    [ -x "$other" ] || skip "build-clang/drehbuch is not there"
    [ -z "$(find "$root"/{base,compiler,cli,schemas} -type f -newer "$other" | head -n 1)" ] ||
        skip "build-clang/drehbuch is older than its sources"
    cmp -s "$other" "$program" && skip "it is the program under test itself"
    reference
    same_bytes "$other" compile "$plan" -o -
}

@test "the umask decides who may read what is written" {
    (umask 027 && "$program" compile "$plan" -o "$folder/out.json")
    [ "$(stat -c %a "$folder/out.json")" = 640 ]
}

@test "a plan with every kind of step" {
    reference
    jq -r '.steps[].kind' "$folder/reference.json" | sort -u >"$folder/have"
    jq -r '."$defs".step.properties.kind.enum[]' "$here/../../schemas/compiled.schema.json" |
        sort -u >"$folder/want"
    [ -s "$folder/want" ]
    # One plan cannot use both ways to upgrade.
    diff <(grep -v hop.enterprise "$folder/want") "$folder/have"
}

@test "what is written is canonical: jq -S would write the same" {
    reference
    jq -S . "$folder/reference.json" | cmp - "$folder/reference.json"
}

@test "origins and paths are seen from the root folder, and nothing tells where that lies" {
    reference
    run ! grep -F "$folder" "$folder/reference.json"
    run ! grep -E '"(origin|path)": "(/|\.\.)' "$folder/reference.json"
    origins=$(jq -r '.steps[].origin | split(":")[0]' "$folder/reference.json" | sort -u)
    [ "$origins" = "drehbuch
plans/acme/plan.yaml
plans/library/house-rules.yaml
plans/library/mail.yaml" ]
}

@test "an origin is where the step stands" {
    reference
    origin=$(jq -r '.steps[] | select(.id == "19.0/fix/repair").origin' "$folder/reference.json")
    line=$(echo "$origin" | cut -d: -f2) column=$(echo "$origin" | cut -d: -f3)
    [ "$(sed -n "${line}p" "$plan" | cut -c"$column"-)" = "id: repair" ]
}

@test "files are taken in whole, and the folder is not needed any more" {
    reference
    jq -j '.steps[] | select(.id == "19.0/fix/close-dead-activities").spec.sql' \
        "$folder/reference.json" | cmp - "$folder/plans/library/fixes/close-dead-activities.sql"
    jq -j '.steps[] | select(.id == "19.0/fix/count-users").spec.python' \
        "$folder/reference.json" | cmp - "$folder/plans/library/fixes/count_users.py"
    jq -j '.steps[] | select(.id == "19.0/views").spec | .. | strings | select(test("<data>")) | gsub("[$][$][{]"; "${")' \
        "$folder/reference.json" >"$folder/views"
    cat "$folder/plans/acme/views/note.xml" "$folder/plans/acme/views/note.xml" |
        cmp - "$folder/views"
}

# digest FILTER: what the filter gives of the plan as it is now.
digest() {
    "$program" compile "$plan" -o - | jq -r "$1"
}

@test "a comment or an empty line changes the checksum, never a digest" {
    before=$(digest '.digest, (.steps[] | .digest)') checksum=$(digest .checksum)
    sed -i '2i # a comment\n' "$plan"
    [ "$(digest '.digest, (.steps[] | .digest)')" = "$before" ]
    [ "$(digest .checksum)" != "$checksum" ]
}

@test "a changed file changes its step, what needs it, and nothing before it" {
    reference
    printf -- '-- changed\n' >>"$folder/plans/library/fixes/close-dead-activities.sql"
    "$program" compile "$plan" -o "$folder/changed.json"
    first=$(diff <(jq -r '.steps[] | .id + " " + .digest' "$folder/reference.json") \
        <(jq -r '.steps[] | .id + " " + .digest' "$folder/changed.json") |
        sed -n 's/^< \([^ ]*\) .*/\1/p' | head -n 1)
    [ "$first" = 19.0/fix/close-dead-activities ]
    unchanged=$(comm -12 <(jq -r '.steps[].digest' "$folder/reference.json" | sort) \
        <(jq -r '.steps[].digest' "$folder/changed.json" | sort) | wc -l)
    number=$(jq '[.steps[].id] | index("19.0/fix/close-dead-activities")' "$folder/reference.json")
    [ "$unchanged" -eq "$number" ]
}

@test "what the digest of the plan covers: the mode, a binding, the acceptance list" {
    for change in 's/only: test }$/only: production }/' 's/the address that/the address/' \
        's/Open Sales,/Open sales,/'; do
        before=$(digest .digest)
        sed -i "$change" "$plan"
        [ "$(digest .digest)" != "$before" ]
    done
}

@test "the digests are SHA-256 over what the design says" {
    reference
    # Of a step that needs one other: kind, the other's digest, spec.
    jq -c -S '(.steps | map({key: .id, value: .digest}) | from_entries) as $digests
        | .steps[] | select(.id == "18.0/fix/vacuum")
        | {kind, needs: [.needs[] | $digests[.]], spec}' "$folder/reference.json" |
        tr -d '\n' | sha256sum | cut -d' ' -f1 >"$folder/step"
    [ "$(cat "$folder/step")" = \
        "$(jq -r '.steps[] | select(.id == "18.0/fix/vacuum").digest' "$folder/reference.json")" ]
    [ "$(jq -c -S 'del(.checksum)' "$folder/reference.json" | tr -d '\n' | sha256sum |
        cut -d' ' -f1)" = "$(jq -r .checksum "$folder/reference.json")" ]
    [ "$(jq -c -S 'del(.checksum, .digest, .steps[].origin)' "$folder/reference.json" |
        tr -d '\n' | sha256sum | cut -d' ' -f1)" = "$(jq -r .digest "$folder/reference.json")" ]
}

# Each tests/cli/orders/NAME.yaml is a plan, NAME.txt its steps with what they need.
@test "steps stand in the order that the design promises" {
    count=0 failed=0
    for order in "$here"/orders/*.yaml; do
        "$program" compile "$order" -o - |
            jq -r '.steps[] | .id + " <- " + (.needs | join(", "))' | sed 's/ *$//' \
            >"$folder/order.txt"
        diff "${order%.yaml}.txt" "$folder/order.txt" ||
            { echo "^ $(basename "$order")" && failed=1; }
        count=$((count + 1))
    done
    [ "$count" -ge 10 ] && [ "$failed" -eq 0 ]
}

@test "nothing is written where anything is wrong, and an older result stays" {
    echo old >"$folder/out.json"
    sed -i 's/to: "19.0"/to: "19.5"/' "$plan"
    run -3 "$program" compile "$plan" -o "$folder/out.json"
    [[ $output == *"nothing was written"* ]]
    [ "$(cat "$folder/out.json")" = old ]
}

@test "warnings do not keep a plan from being compiled" {
    write_plan "$folder/plan.yaml" <<'PLAN'
upgrade: { from: "18.0", to: "18.0", with: none }
bindings: { unused: { type: text } }
PLAN
    run -0 --separate-stderr "$program" compile "$folder/plan.yaml" -o "$folder/out.json"
    [[ $stderr == *"warning"*"unused"* ]]
    [ -s "$folder/out.json" ]
}

@test "--json tells what was written, or what is wrong" {
    run -0 "$program" compile "$plan" -o "$folder/out.json" --json
    [ "$(jq -r .digest <<<"$output")" = "$(jq -r .digest "$folder/out.json")" ]
    [ "$(jq -r .steps <<<"$output")" = "$(jq '.steps | length' "$folder/out.json")" ]
    sed -i 's/to: "19.0"/to: "19.5"/' "$plan"
    run -3 "$program" compile "$plan" -o "$folder/out.json" --json
    jq -e '.. | objects | select(.line? == 5)' <<<"$output"
}

@test "a place that cannot be written to is an error, not half a file" {
    run -1 "$program" compile "$plan" -o "$folder/missing/out.json"
    [[ $output == *"$folder/missing"* ]]
    run -1 "$program" compile "$plan" -o "$folder/plans"
    mkfifo "$folder/fifo"
    run -1 timeout 10 "$program" compile "$plan" -o "$folder/fifo"
    [ "${lines[0]}" = "error: cannot write $folder/fifo: it is not a regular file" ]
    [ -p "$folder/fifo" ]
}

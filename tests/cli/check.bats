#!/usr/bin/env bats
# `drehbuch check`: what it says of mistakes, in which order, and in which forms.

bats_require_minimum_version 1.5.0

setup() {
    here=$BATS_TEST_DIRNAME
    folder=$(mktemp -d)
}

teardown() {
    rm -rf "$folder"
}

# Each tests/cli/mistakes/NAME.yaml is a plan with a mistake, NAME.txt what is said of it.
@test "mistakes that authors make, and what they are told" {
    cd "$here/mistakes"
    count=0 failed=0
    for mistake in *.yaml; do
        "$DREHBUCH" check "$mistake" >"$folder/said" 2>&1 && code=0 || code=$?
        echo "exit code $code" >>"$folder/said"
        diff -u "${mistake%.yaml}.txt" "$folder/said" || failed=$((failed + 1))
        count=$((count + 1))
    done
    [ "$count" -ge 50 ]
    [ "$failed" -eq 0 ]
}

@test "every error says where, shows the line with a caret, and is named and explained" {
    cd "$here/mistakes"
    for mistake in *.yaml; do
        "$DREHBUCH" check --json "$mistake" >"$folder/json" || true
        # Of what is wrong with the plan as a whole, the place is its beginning.
        jq -e 'all(.diagnostics[]; .path != null and .line >= 1 and .column >= 1
            and (.name | test("^[a-z-]+$")) and .message != "")' "$folder/json" >/dev/null ||
            { echo "$mistake" && false; }
        jq -r '.diagnostics[].name' "$folder/json" >>"$folder/names"
    done
    for name in $(sort -u "$folder/names"); do
        run -0 "$DREHBUCH" explain "$name"
    done
}

@test "a good plan: one line, exit code 0" {
    run -0 "$DREHBUCH" check "$here/plans/acme/plan.yaml"
    [ "$output" = "$here/plans/acme/plan.yaml: good, 57 steps" ]
}

@test "warnings alone: exit code 0, in JSON too" {
    run -0 "$DREHBUCH" check "$here/mistakes/reset-without-update.yaml"
    [[ $output == *"0 errors, 3 warnings"* ]]
    run -0 "$DREHBUCH" check --json "$here/mistakes/reset-without-update.yaml"
    [ "$(jq '[.diagnostics[] | select(.severity == "warning")] | length' <<<"$output")" = 3 ]
}

@test "several plans are checked each for itself" {
    cd "$here/mistakes"
    run -3 "$DREHBUCH" check undecided.yaml ../plans/acme/plan.yaml backwards.yaml
    [[ $output == *"../plans/acme/plan.yaml: good, 57 steps"* ]]
    [[ $output == *"undecided.yaml:6:3: error"* ]]
    [[ $output == *"backwards.yaml:4:30: error"* ]]
    [[ $output == *"3 errors"* ]]
}

@test "what is said does not depend on the order in which it was found" {
    cd "$here/mistakes"
    for mistake in two-kinds bad-names rename-without-to use-a-plan; do
        "$DREHBUCH" check --json "$mistake.yaml" >"$folder/json" || true
        jq -e '.diagnostics | map([.path, .line, .column]) | . == sort' "$folder/json"
        "$DREHBUCH" check --json "$mistake.yaml" | cmp - "$folder/json"
    done
}

@test "paths are shown as seen from where the user is" {
    cd "$here"
    run -3 "$DREHBUCH" check mistakes/use-cycle.yaml
    [[ ${lines[0]} == mistakes/parts/cycle-two.yaml:2:7:* ]]
    cd "$here/mistakes/parts"
    run -3 "$DREHBUCH" check ../use-cycle.yaml
    [[ ${lines[0]} == ../parts/cycle-two.yaml:2:7:* ]]
}

@test "a mistake in a file that a plan names is shown there" {
    mkdir "$folder/fixes"
    cat >"$folder/plan.yaml" <<'PLAN'
version: 1
customer: a
title: b
upgrade: { from: "18.0", to: "18.0", with: none }
fixes: { "18.0": [{ id: a, file: fixes/a.sql }] }
PLAN
    printf 'SELECT 1;\n  ROLLBACK;\n' >"$folder/fixes/a.sql"
    cd "$folder"
    run -3 "$DREHBUCH" check plan.yaml
    [[ ${lines[0]} == "fixes/a.sql:2:3: error: SQL must not begin or end transactions"* ]]
    [ "${lines[1]}" = "     2 |   ROLLBACK;" ]
    [ "${lines[2]}" = "       |   ^^^^^^^^" ]
    [[ ${lines[3]} == "         help: "* ]]
}

@test "--json has what the text has" {
    cd "$here/mistakes"
    run -3 "$DREHBUCH" check --json unknown-key.yaml
    jq -e '.diagnostics[1] | .path == "unknown-key.yaml" and .line == 4 and .column == 38
        and .severity == "error" and .name == "unknown-key"
        and .message == "unknown key \"wiht\"" and .help == "did you mean \"with\"?"' <<<"$output"
    run -0 "$DREHBUCH" check --json "$here/plans/acme/plan.yaml"
    jq -e '.diagnostics == []' <<<"$output"
}

@test "--sarif is SARIF 2.1.0 that names its rules" {
    cd "$here/mistakes"
    for mistake in unknown-key.yaml reset-without-update.yaml ../plans/acme/plan.yaml; do
        "$DREHBUCH" check --sarif "$mistake" >"$folder/sarif" || [ $? -eq 3 ]
        jq -e '.version == "2.1.0" and (."$schema" | test("sarif")) and (.runs | length == 1)
            and .runs[0].tool.driver.name == "drehbuch"' "$folder/sarif"
        jq -e '.runs[0] as $run | all($run.results[];
            (.ruleId as $id | any($run.tool.driver.rules[]; .id == $id))
            and .message.text != "" and (.level == "error" or .level == "warning")
            and .locations[0].physicalLocation.region.startLine >= 1
            and .locations[0].physicalLocation.artifactLocation.uri != null)' "$folder/sarif"
    done
    "$DREHBUCH" check --sarif unknown-key.yaml >"$folder/sarif" || true
    [ "$(jq '.runs[0].results | length' "$folder/sarif")" = 3 ]
}

@test "colours only where they are asked for, and nothing else changes by them" {
    cd "$here/mistakes"
    "$DREHBUCH" --color=always check unknown-key.yaml >"$folder/coloured" || true
    "$DREHBUCH" check unknown-key.yaml >"$folder/plain" || true
    grep -q $'\033' "$folder/coloured"
    run ! grep -q $'\033' "$folder/plain"
    sed $'s/\033\\[[0-9;]*m//g' "$folder/coloured" | cmp - "$folder/plain"
}

@test "a plan that cannot be read" {
    run -3 "$DREHBUCH" check "$folder/nothing.yaml"
    [[ $output == *"$folder/nothing.yaml"*"No such file or directory"* ]]
    run -3 "$DREHBUCH" check "$folder"
    [[ $output == *"$folder"*"folder"* ]]
}

@test "--root widens and narrows what a plan may name" {
    mkdir -p "$folder/plan" "$folder/other"
    printf 'SELECT 1' >"$folder/other/a.sql"
    cat >"$folder/plan/plan.yaml" <<'PLAN'
version: 1
customer: a
title: b
upgrade: { from: "18.0", to: "18.0", with: none }
fixes: { "18.0": [{ id: a, file: ../other/a.sql }] }
PLAN
    run -3 "$DREHBUCH" check "$folder/plan/plan.yaml"
    [[ $output == *"leads out of the plan's root folder"* ]]
    run -0 "$DREHBUCH" check --root "$folder" "$folder/plan/plan.yaml"
    run -3 "$DREHBUCH" check --root "$folder/other" "$folder/plan/plan.yaml"
    [[ $output == *"lies outside of the root folder"* ]]
    run -3 "$DREHBUCH" check --root "$folder/missing" "$folder/plan/plan.yaml"
    [[ $output == *"$folder/missing"* ]]
}

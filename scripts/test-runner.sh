# For test.sh and test-install.sh, which read it with `.`: the test runner, and its totals. Sets `status`.
# shellcheck shell=bash
output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0

# Runs these test files, or all *.test.ts; prints what is not as it should be.
run() { bun test --timeout=20000 "$@" 2>&1 | tee -a "$output" | grep -v '^(pass)' || status=1; }

# The totals of all runs, added up, in a line that other programs know; then ends.
finish() {
  echo "$(total pass) passed, $(total fail) failed"
  exit "$status"
}

total() { awk -v word="$1" '$2 == word && NF == 2 { sum += $1 } END { print sum + 0 }' "$output"; }

# For test.sh and test-install.sh, which read it with `.`: the test runner, and its totals.
# shellcheck shell=bash
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Runs these test files, or all *.test.ts, and prints what is not as it should be. Two may run side by side.
run() { bun test --timeout=20000 "$@" 2>&1 | tee -a "$results/output" | grep --line-buffered -av '^(pass)' || touch "$results/failed"; }

# The totals of all runs, added up, in a line that other programs know; then ends.
finish() {
  echo "$(total pass) passed, $(total fail) failed"
  if [ -e "$results/failed" ]; then exit 1; fi
  exit 0
}

total() { awk -v word="$1" '$2 == word && NF == 2 { sum += $1 } END { print sum + 0 }' "$results/output"; }

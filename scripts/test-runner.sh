# The test runner and its totals, sourced by test.sh and test-install.sh.
# shellcheck shell=bash
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Runs these test files, or all *.test.ts, and prints what failed. Two may run side by side.
run() { bun test --timeout=20000 "$@" 2>&1 | tee -a "$results/output" | grep --line-buffered -av '^(pass)' || touch "$results/failed"; }

# Prints the totals of all runs in a line for other programs, and exits.
finish() {
  echo "$(total pass) passed, $(total fail) failed"
  if [ -e "$results/failed" ]; then exit 1; fi
  exit 0
}

total() { awk -v word="$1" '$2 == word && NF == 2 { sum += $1 } END { print sum + 0 }' "$results/output"; }

#!/usr/bin/env bash
# The alert rules, by Prometheus' own tool; exits 77 (skipped) where it is not installed:
#   bash gateway/install-packages.sh alerts
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../gateway/operations"
command -v promtool >/dev/null || { echo "no promtool: gateway/install-packages.sh alerts"; exit 77; }
promtool check rules alerts.yml
promtool test rules alerts_test.yml

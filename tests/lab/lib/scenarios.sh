#!/usr/bin/env bash
# Inside a guest: runs scenarios one after the other. TOP/NAME is the result directory of each, as of scenario.sh.
#
#   scenarios.sh TOP FILE...        with LAB_MODE in the environment
top=$1
shift
for file; do
	out=$top/$(basename "$file" .sh)
	: >/run/modprobe.log
	started=$SECONDS
	LAB_OUT=$out "${BASH_SOURCE[0]%/*}/scenario.sh" "$file"
	echo "$((SECONDS - started))" >"$out/seconds"
done

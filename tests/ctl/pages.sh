# The manual pages: they can be made, name every verb, option and setting, and their examples work.
# shellcheck shell=bash

man=$root/docs/man
bin=$tmp/bin
mkdir -p "$bin"
# Programs by their names, as the examples call them.
printf '#!/bin/sh\nexec "%s" --socket "%s" "$@"\n' "$LVSCTL" "$tmp/run/admin.sock" >"$bin/lvsctl"
ln -sf "$LVSD" "$bin/lvsd"
chmod +x "$bin/lvsctl"
for page in "$man"/*.scd; do
	name=$(basename "$page" .scd)
	if scdoc <"$page" >"$tmp/page" 2>"$tmp/err"; then ok "$name can be made"; else not_ok "$name can be made" "$tmp/err"; fi
	lvsd_start
	mkdir -p "$tmp/examples.$name"
	(cd "$tmp/examples.$name" && PATH=$bin:$PATH python3 "$root/tests/ctl/pages.py" "$page" "$tmp/run") >"$tmp/tap"
	cat "$tmp/tap"
	passed=$((passed + $(grep -c '^ok' "$tmp/tap")))
	failed=$((failed + $(grep -c '^not ok' "$tmp/tap")))
	if [[ $(grep -c '^ok' "$tmp/tap") == 0 ]]; then not_ok "$name has examples"; fi
done

named() { # PAGE WHAT WORD…: the page names each of them
	local page=$1 what=$2 word missing=''
	shift 2
	for word; do
		grep -qF -- "*$word" "$man/$page.scd" || missing+=" $word"
	done
	same "$page names all $what" '' "$missing"
}
mapfile -t words < <(lvsctl --help | sed -n '/^options:/q; s/^  \([a-z]\+\) .*/\1/p')
named lvsctl.1 verbs "${words[@]}"
mapfile -t words < <(lvsctl --help | sed -n '/^options:/,$ s/^  .\{0,4\}\(--[a-z-]*\).*/\1/p')
named lvsctl.1 options "${words[@]}"
mapfile -t words < <("$LVSD" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p')
named lvsd.8 options "${words[@]}"
mapfile -t words < <(sed -n 's/^#\([a-z][a-z-]*\) = .*/\1/p' "$root/docs/lvsd.conf.example" | sort -u)
named lvsd.conf.5 settings "${words[@]}"

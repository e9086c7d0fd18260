# The settings of lvsd: each is in docs/CONFIG.md, in the example and once in the manual page, with its
# default; each line of the example can be taken; and each changes at a reload or a restart as CONFIG.md says.
# shellcheck shell=bash

example=$root/docs/lvsd.conf.example
table=$(sed -n 's/^| `\([a-z-]*\)` | \(.*\) | \(reload\|restart\) | .*/\1 \3 \2/p' "$root/docs/CONFIG.md")
settings=$(sort -u <<<"$(cut -d' ' -f1 <<<"$table")")

same 'docs/CONFIG.md has the settings of the example' "$(sed -n 's/^#\([a-z][a-z-]*\) = .*/\1/p' "$example" | sort -u)" "$settings"
same 'and those of the command line' "$("$LVSD" --help | sed -n 's/^  --\([a-z-]*\) .*/\1/p' | grep -vxE 'config|check|version|help' | sort)" "$settings"
same 'lvsd.conf(5) describes each once' "$settings" "$(grep -oE '\*[a-z-]+\* = ' "$root/docs/man/lvsd.conf.5.scd" | tr -d '* =' | sort)"
same 'lvsd(8) names each once' "$settings" "$(grep -oE '\*--[a-z-]+\*' "$root/docs/man/lvsd.8.scd" | tr -d '*' | sed 's/^--//' |
	grep -vxE 'config|check|version|help' | sort)"
wrong=''
while read -r name _ default; do
	[[ $default == '`'* ]] || continue
	default=${default//\`/}
	"$LVSD" --help | grep -E -- "^  --$name( .*)?\($default\)\$" >/dev/null || wrong+=" $name=$default"
done <<<"$table"
same 'the defaults are those of --help' '' "$wrong"

# A configuration that another process can have running, and the files that settings name.
conf=$tmp/settings.conf
base() {
	printf '%s\n' 'kernel = fake' 'state = :memory:' "runtime-dir = $tmp/settings"
}

wrong=''
while IFS= read -r line; do
	{ base | grep -v "^${line%% *} = "; echo "$line"; } >"$conf"
	[[ $line != tokens* && $line != tls-* && $line != *192.0.2.7* ]] || continue # need files, or TLS
	"$LVSD" --config "$conf" --check >/dev/null 2>"$tmp/err" || wrong+=" $line: $(<"$tmp/err")"
done < <(sed -n 's/^#\([a-z][a-z-]* = .*\)/\1/p' "$example")
same 'each line of the example is taken' '' "$wrong"

# Which settings a running daemon takes over. Values that differ from those that it started with.
changed() { # NAME
	case $1 in
	state) echo "$tmp/other" ;;
	runtime-dir) echo "$tmp/another" ;;
	kernel) echo netlink ;;
	listen) echo tcp://127.0.0.1:1 ;;
	tls-client-role) echo reader ;;
	resync | metrics-cpu-share | connections-limit) echo 77 ;;
	drift-notice | metrics-real-servers) echo off ;;
	log-level) echo debug ;;
	tcp-host | metrics-label) echo other ;;
	*) echo "$tmp/new" ;; # a file
	esac
}

base >"$conf"
: >"$tmp/settings.log"
"$LVSD" --config "$conf" >/dev/null 2>"$tmp/settings.log" &
other=$!
for _ in {1..200}; do
	grep -q 'serves in' "$tmp/settings.log" && break
	sleep 0.05
done
wrong=''
reloads=0 restarts=0
while read -r name when _; do
	{ base | grep -v "^$name = "; echo "$name = $(changed "$name")"; } >"$conf"
	kill -HUP "$other"
	reloads=$((reloads + 1))
	for _ in {1..200}; do
		[[ $(grep -c 'configuration read again' "$tmp/settings.log") == "$reloads" ]] && break
		sleep 0.02
	done
	told=reload
	if (($(grep -c 'change without a' "$tmp/settings.log") > restarts)); then
		told=restart
		restarts=$((restarts + 1))
	fi
	[[ $told == "$when" ]] || wrong+=" $name: $told"
done <<<"$table"
kill "$other"
wait "$other"
same 'settings change at a reload or a restart as docs/CONFIG.md says' '' "$wrong"

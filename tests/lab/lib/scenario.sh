#!/usr/bin/env bash
# Runs one scenario file in process, mount and network namespaces of its own, so that nothing it
# starts outlives it. Called inside user-mode-linux by uml-init.sh, natively by the runner.
#
#   scenario.sh FILE        with LAB_OUT (the result directory) in the environment
#
# Writes LAB_OUT/tap (verdicts), LAB_OUT/output.log (what the scenario printed), LAB_OUT/logs/*, and
# LAB_OUT/done at the very end: a result directory without it is a scenario that was cut off.
set -Eeuo pipefail

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SCENARIO=$(basename "$1" .sh)
LAB=$LAB_OUT/work
export LAB_DIR LAB SCENARIO

seconds_allowed() { # FILE: from its line "# timeout: SECONDS"
	local seconds
	seconds=$(sed -n 's/^# timeout: *\([0-9]*\).*/\1/p' "$1" | head -n 1)
	echo "${LAB_SECONDS:-$((${seconds:-120} * ${LAB_SLOW:-1}))}"
}

contained() { # FILE
	local status=0 seconds
	seconds=$(seconds_allowed "$1")
	timeout --foreground -k 5 "$seconds" unshare --mount --net --pid --fork --kill-child --mount-proc \
		"$BASH" "${BASH_SOURCE[0]}" "$1" inside <&- >"$LAB_OUT/output.log" 2>&1 || status=$?
	exec 3>>"$LAB_OUT/tap"
	. "$LAB_DIR/lib/report.sh"
	if ((status == 124 || status == 137)); then
		not_ok "ends within $seconds s" "$(tail -n 20 "$LAB_OUT/output.log")"
	elif [[ ! -e $LAB_OUT/finished ]]; then
		not_ok "runs to its end" "exit status: $status" "$(tail -n 20 "$LAB_OUT/output.log")"
	elif ((status != 0)) && ! grep -q '^not ok ' "$LAB_OUT/tap"; then
		not_ok "ends well" "exit status: $status" "$(tail -n 20 "$LAB_OUT/output.log")"
	elif ! grep -q '^\(not \)\?ok ' "$LAB_OUT/tap"; then
		not_ok "checks something" "$(tail -n 20 "$LAB_OUT/output.log")"
	fi
	sync
	touch "$LAB_OUT/done"
	sync
}

# A failure that leaves nothing more to do.
give_up() { # WHAT DETAIL...
	not_ok "$@"
	lab_explained=1
	exit 1
}

stumbled() { # where and what
	[[ ${lab_stumble:-} ]] || lab_stumble="$*"
}

finish() {
	local status=$?
	trap - ERR EXIT
	set +e
	if ((status != 0)) && [[ ! ${lab_explained:-} ]]; then
		not_ok "runs to its end" "stopped at: ${lab_stumble:-?}" "$(tail -n 20 "$LAB_OUT/output.log")"
	fi
	lvsd_finish
	touch "$LAB_OUT/finished"
}

inside() { # FILE
	exec 3>>"$LAB_OUT/tap"
	mount -t tmpfs lab "$LAB"
	[[ -d /run/netns ]] || mkdir -p /run/netns
	# Nobody writes into the first one: see pause. The others are of hand and start_client.
	mkfifo "$LAB"/{never,hand.words,hand.statuses} "$LAB/api.client.$$".{words,statuses}
	# shellcheck disable=SC2034 # report.sh
	exec {lab_never}<>"$LAB/never"
	mount -t tmpfs netns /run/netns
	mount -t sysfs sys /sys
	ip link set lo up
	local part
	for part in report hosts traffic kernel daemon api topologies balancing; do
		# shellcheck source=/dev/null
		. "$LAB_DIR/lib/$part.sh"
	done
	lvsd_checkers
	trap 'stumbled "${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
	trap finish EXIT
	# shellcheck source=/dev/null
	. "$1"
}

if [[ ${2:-} == inside ]]; then
	inside "$1"
else
	contained "$1"
fi

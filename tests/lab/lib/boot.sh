# On the host: which way to run (native or user-mode-linux) and one boot. Sourced by run and demo.

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PROJECT=$(cd "$LAB_DIR/../.." && pwd)

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

native_possible() {
	((EUID == 0)) && { [[ -e /proc/net/ip_vs ]] || modprobe -q ip_vs 2>/dev/null; } && [[ -e /proc/net/ip_vs ]]
}

# Prints native or uml; the argument is a wish or empty.
choose_mode() { # ""|native|uml
	case $1 in
	native) native_possible || die "this kernel has no ip_vs, or this is not root: try --uml" ;;
	uml) uml_possible || die "user-mode-linux or /lib/modules is missing: packaging/install-deps lab" ;;
	*)
		if native_possible; then
			set -- native
		elif uml_possible; then
			set -- uml
		else
			die "neither ip_vs in this kernel (as root) nor user-mode-linux: packaging/install-deps lab"
		fi
		;;
	esac
	echo "$1"
}

uml_possible() {
	[[ -x $(command -v linux.uml) && -d /lib/modules ]]
}

# A fresh result directory for one scenario.
prepare_out() { # OUT
	mkdir -p "$1/logs" "$1/work" "$1/run"
	: >"$1/tap"
	: >"$1/output.log"
}

# Boots for all of them, and once more for those that come after one that the kernel did not survive: booting takes
# as long as a short scenario. DIRECTORY/NAME is the result directory of each; calls REPORT FILE OUT as its boot has ended.
#
# BOOT DIRECTORY LOG SECONDS FILE... is one boot: it runs lib/scenarios.sh inside and returns when that has ended.
run_together() { # BOOT REPORT DIRECTORY FILE...
	local boot=$1 report=$2 directory=$3 file out seconds crashed log
	local -a left
	shift 3
	mkdir -p "$directory"
	while (($#)); do
		seconds=60
		for file; do
			prepare_out "$directory/$(basename "$file" .sh)"
			seconds=$((seconds + $(seconds_of "$file") * LAB_SLOW))
		done
		log=$(mktemp "$directory/console.XXXXXX")
		"$boot" "$directory" "$log" "$seconds" "$@" || true
		crashed='' left=()
		for file; do
			out=$directory/$(basename "$file" .sh)
			if [[ ! -e $out/done && $crashed ]]; then
				left+=("$file")
				continue
			fi
			[[ -e $out/done ]] || crashed=yes
			cp "$log" "$out/console.log"
			"$report" "$file" "$out"
		done
		set -- "${left[@]}"
	done
}

boot_uml_for() { # DIRECTORY LOG SECONDS FILE...
	local status=0
	rm -rf "$1/uml"
	boot_uml "$1" "$3" "$LAB_DIR/lib/scenarios.sh" "$1" "${@:4}" || status=$?
	mv "$1/console.log" "$2"
	return "$status"
}

# Runs one scenario file, here or in user-mode-linux; see lib/scenario.sh for what OUT then holds.
run_scenario() { # native|uml OUT SECONDS FILE
	local status=0
	if [[ $1 == uml ]]; then
		boot_uml "$2" $(($3 + 30)) "$LAB_DIR/lib/scenario.sh" "$4"
	else
		LAB_OUT=$2 LAB_MODE=native guarded "$LAB_DIR/lib/scenario.sh" "$4" >"$2/console.log" 2>&1 || status=$?
		((!interrupted)) || exit 143
		return "$status"
	fi
}

# What scenarios get of the environment.
passed_on() {
	declare -px | grep -E '^declare -x (LVSD|LVSCTL|LAB|CONNECTIONS|FOREIGN|FRONT|HURTS|KILL9|NOTICE|QUIET|TEXT|VIPS)[A-Z_0-9]*=' || true
}

# User-mode-linux is one processor: its kernel and its processes, which are processes of the host, take turns. On one
# processor of the host the next one runs at once; on several that do other things too, it waits for one at each turn,
# and all of it takes twice as long. Sets uml_cpu to one that no other boot has, as long as there is one, and uml_lock.
choose_cpu() {
	local range cpu cpus=()
	for range in $(taskset -cp $$ | sed 's/.*: //; s/,/ /g'); do
		for ((cpu = ${range%-*}; cpu <= ${range#*-}; cpu++)); do
			cpus+=("$cpu")
		done
	done
	for uml_cpu in "${cpus[@]}"; do
		# Whoever has chosen it keeps the file open, as long as the boot lasts.
		{ exec {uml_lock}>"${TMPDIR:-/tmp}/lvsd-lab-cpu.$uml_cpu"; } 2>/dev/null || continue
		! flock -n "$uml_lock" || return 0
		exec {uml_lock}>&-
	done
	uml_lock=''
	uml_cpu=${cpus[RANDOM % ${#cpus[@]}]}
}

guarded_uml() { # SECONDS KERNEL-ARGUMENTS...
	local status=0 uml_cpu uml_lock
	choose_cpu
	guarded taskset -c "$uml_cpu" timeout --foreground -k 5 "$1" linux.uml "${@:2}" || status=$?
	[[ ! $uml_lock ]] || exec {uml_lock}>&-
	return "$status"
}

# Boots user-mode-linux for one program. Returns when it has powered off, or non-zero after SECONDS.
# The host's root is read-only inside; only OUT is shared. Console output goes to OUT/console.log.
boot_uml() { # OUT SECONDS PROGRAM [ARGUMENTS...]; more kernel arguments in the array UML_ARGUMENTS
	local out=$1 seconds=$2 status=0
	shift 2
	{
		local -a LAB_RUN=("$@") LAB_SEEN=("$PROJECT" "$(dirname "$LVSD")" "${LAB_PROGRAMS:-$PROJECT}" "${@%/*}")
		declare -p LAB_RUN LAB_SEEN
		passed_on
	} >"$out/env"
	guarded_uml "$seconds" root=none rootfstype=hostfs rootflags=/ ro \
		"mem=${LAB_MEM:-512M}" "init=$LAB_DIR/lib/uml-init.sh" "uml_dir=$out/uml" umid=lab \
		con=null con0=null,fd:1 quiet "${UML_ARGUMENTS[@]}" "lab_out=$out" >"$out/console.log" 2>&1 || status=$?
	# A kernel that was killed leaves its processes behind, in the group of the first one.
	if [[ -e $out/uml/lab/pid ]]; then
		end_group "$(<"$out/uml/lab/pid")"
	fi
	((!interrupted)) || exit 143
	return "$status"
}

# Runs a command in a process group of its own that does not outlive this call. A signal ends the
# command; interrupted says so.
guarded() { # COMMAND...
	local pid status=0
	ulimit -c 0
	setsid "$@" </dev/null &
	pid=$!
	interrupted=0
	trap 'interrupted=1' TERM INT
	wait "$pid" || status=$?
	trap - TERM INT
	end_group "$pid"
	return "$status"
}

end_group() { # PROCESS-GROUP
	if kill -TERM -- "-$1" 2>/dev/null; then
		sleep 0.5
		kill -KILL -- "-$1" 2>/dev/null || true
	fi
}

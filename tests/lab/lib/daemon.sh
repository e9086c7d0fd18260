# The daemon in a host: start, stop, kill -9, restart; its log, and what sanitizers said about it.

# LVSD_RUNTIME, when set, is the runtime directory of the next daemon (default: one per host).
declare -gA lvsd_pid=() lvsd_args=() lvsd_runtime=()

lvsd_log() { # HOST: the file with all that it wrote
	echo "$LAB_OUT/logs/lvsd-$1.log"
}

lvsd_socket() { # HOST admin|readonly
	echo "${lvsd_runtime[$1]}/$2.sock"
}

# Starts the daemon and waits until it answers. State survives a restart in the same scenario.
lvsd_start() { # HOST [ARGUMENTS...]
	local name=$1
	shift
	lvsd_args[$name]=${*@Q}
	lvsd_runtime[$name]=${LVSD_RUNTIME:-$LAB/$name/run}
	[[ -d $LAB/$name/state && -d ${lvsd_runtime[$name]} ]] ||
		hand '' busybox mkdir -p "$LAB/$name/state" "${lvsd_runtime[$name]}"
	[[ -x $LVSD ]] || give_up "lvsd starts in $name" "no such program: $LVSD"
	printf -- '--- start %s\n' "$*" >>"$LAB_OUT/logs/lvsd-$name.log"
	{
		export "${lvsd_env[@]}"
		exec "$HAND" "$name" "${lvsd_wrapper[@]}" "$LVSD" --state "$LAB/$name/state" \
			--runtime-dir "${lvsd_runtime[$name]}" "$@"
	} 2>>"$LAB_OUT/logs/lvsd-$name.log" >&2 &
	lvsd_pid[$name]=$!
	local end=$((SECONDS + LVSD_PATIENCE))
	until lvsd_answers "$name"; do
		if ! kill -0 "${lvsd_pid[$name]}" 2>/dev/null; then
			unset "lvsd_pid[$name]"
			give_up "lvsd starts in $name" "it ended at once"
		fi
		((SECONDS < end)) || give_up "lvsd starts in $name" "no answer within $LVSD_PATIENCE s"
		pause 0.05
	done
}

lvsd_answers() { # HOST
	local api_status=''
	[[ ! -S ${lvsd_runtime[$1]}/admin.sock ]] || ask "${lvsd_runtime[$1]}/admin.sock" GET /v1 ''
	[[ $api_status == 200 ]]
}

# SIGTERM; the daemon has to end by itself with status 0.
lvsd_stop() { # HOST
	local pid=${lvsd_pid[$1]} status=0 end=$((SECONDS + LVSD_PATIENCE))
	unset "lvsd_pid[$1]"
	kill -TERM "$pid"
	while lvsd_lives "$pid"; do
		if ((SECONDS >= end)); then
			not_ok "lvsd in $1 stops on SIGTERM" "still there after $LVSD_PATIENCE s"
			kill -9 "$pid"
			break
		fi
		pause 0.05
	done
	wait "$pid" || status=$?
	((status == 0)) || not_ok "lvsd in $1 stops on SIGTERM" "exit status: $status"
}

lvsd_lives() { # PID: it is there, and no zombie
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	[[ $stat != *') Z '* ]]
}

lvsd_kill() { # HOST: kill -9
	kill -9 "${lvsd_pid[$1]}"
	wait "${lvsd_pid[$1]}" || true
	unset "lvsd_pid[$1]"
}

# Stops the daemon if it runs and starts it with the arguments of the last start.
lvsd_restart() { # HOST
	local -a arguments
	[[ ! -v "lvsd_pid[$1]" ]] || lvsd_stop "$1"
	eval "arguments=(${lvsd_args[$1]})"
	lvsd_start "$1" "${arguments[@]}"
}

# A helper program that starts and kills the daemon itself and prints verdicts.
lvsd_trial() { # HOST PROGRAM [ARGUMENTS...]
	mkdir -p "$LAB/$1/state" "$LAB/$1/run"
	verdicts_of on "$1" env "${lvsd_env[@]}" python3 -I -B "$LAB_DIR/lib/$2" "${@:3}" \
		--log "$(lvsd_log "$1")" --directory "$LAB/$1" -- "${lvsd_wrapper[@]}" "$LVSD"
}

# How the checkers are asked to write what they find into files of the log directory.
lvsd_checkers() {
	lvsd_env=(
		"ASAN_OPTIONS=log_path=$LAB_OUT/logs/asan:detect_leaks=1"
		"UBSAN_OPTIONS=log_path=$LAB_OUT/logs/ubsan:print_stacktrace=1"
	)
	lvsd_wrapper=()
	LVSD_PATIENCE=$((12 * ${LAB_SLOW:-1}))
	if [[ ${LVSD_VALGRIND:-} ]]; then
		lvsd_wrapper=(valgrind -q --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite
			"--log-file=$LAB_OUT/logs/valgrind.%p")
	fi
}

# At the end of a scenario: running daemons must stop well, and no checker may have complained.
lvsd_finish() {
	local name file
	for name in "${!lvsd_pid[@]}"; do
		lvsd_stop "$name"
	done
	for file in "$LAB_OUT"/logs/{asan,ubsan,valgrind}.*; do
		[[ -e $file ]] || continue
		# Lines with "--" are valgrind's about itself: it does not know openat2(), which has a fallback.
		if grep -qv '^--[0-9]*-- ' "$file" 2>/dev/null; then
			not_ok "memory and undefined behaviour checkers are silent" "$(head -n 60 "$file")"
		fi
	done
}

# Completion of lvsctl for bash: verbs and options by its own help, ids by asking the daemon.

# The options of this call that say which daemon it is, for the questions below.
_lvsctl_connection() {
	local i
	connection=()
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-s | --socket | -u | --url | --token-file | --cacert | --cert | --key)
			connection+=("${words[i]}" "${words[i + 1]//[\"\']/}")
			((i++))
			;;
		esac
	done
}

_lvsctl_ask() {
	timeout 2 "${words[0]}" "${connection[@]}" "$@" 2>/dev/null
}

# _lvsctl_ids services|vips|sysctls…
_lvsctl_ids() {
	local kind
	for kind; do
		_lvsctl_ask get "$kind" -o ndjson | sed -n 's/^{"id":"\([^"]*\)".*/\1/p'
	done
}

# The real servers of a service.
_lvsctl_real_servers() {
	_lvsctl_ask get "$1" -o ipvsadm | sed -n 's/^-a .* -r \([^ ]*\) .*/\1/p'
}

_lvsctl_verbs() {
	"${words[0]}" --help 2>/dev/null | sed -n '/^options:/q; s/^  \([a-z]\+\) .*/\1/p'
}

_lvsctl_options() {
	"${words[0]}" --help 2>/dev/null | sed -n '/^options:/,$ s/^  .\{0,4\}\(--[a-z-]*\).*/\1/p'
}

# The words of the command so far without options: verb, and what follows it.
_lvsctl_plain() {
	local i
	plain=()
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-s | --socket | -u | --url | --token-file | --cacert | --cert | --key | -o | --output | --owner | \
			-l | --label | --wait | -f | --file) ((i++)) ;;
		-*) ;;
		*) plain+=("${words[i]}") ;;
		esac
	done
}

_lvsctl_candidates() {
	local all='services vips sysctls'
	case ${#plain[@]} in
	0)
		_lvsctl_verbs
		return
		;;
	1)
		case ${plain[0]} in
		get)
			echo services vips sysctls config state capabilities problems policy director real-server
			_lvsctl_ids $all
			;;
		describe | delete) echo director real-server policy; _lvsctl_ids $all ;;
		set) echo weight scheduler label; _lvsctl_ids $all ;;
		vip) echo add del list announce ;;
		realserver) echo on off status ;;
		director) echo on set off status ;;
		sysctl) echo list set del ;;
		sync) echo master backup ;;
		policy) echo get set reset ;;
		stats) echo total zero; _lvsctl_ids services ;;
		adopt) echo all ;;
		export) echo kernel ;;
		esac
		return
		;;
	esac
	case ${plain[*]:0:2} in
	'set weight' | 'set scheduler' | 'stats zero')
		case ${#plain[@]}:${plain[1]} in
		2:*) _lvsctl_ids services ;;
		3:weight) _lvsctl_real_servers "${plain[2]}" ;;
		3:scheduler) _lvsctl_ask get capabilities -o ndjson | sed 's/.*"schedulers":\["\([^]]*\)"\],"persistenceEngines.*"loaded.*/\1/; s/","/ /g' ;;
		esac
		;;
	'set label') ((${#plain[@]} > 2)) || _lvsctl_ids $all ;;
	'vip del' | 'vip announce') _lvsctl_ids vips ;;
	'vip add') ((${#plain[@]} != 3)) || ls /sys/class/net ;;
	'sysctl del' | 'sysctl set') ((${#plain[@]} > 2)) || _lvsctl_ids sysctls ;;
	get\ * | describe\ * | delete\ *) ((${#plain[@]} > 2)) || _lvsctl_real_servers "${plain[1]}" ;;
	esac
}

# Words of the command line with their colons: bash splits at them.
_lvsctl_words() {
	local line=${COMP_LINE:0:COMP_POINT}
	read -ra words <<<"$line"
	[[ $line != *[[:space:]] ]] || words+=('')
	cword=$((${#words[@]} - 1))
}

_lvsctl() {
	local words cword connection plain current previous prefix
	_lvsctl_words
	current=${words[cword]} previous=${words[cword - 1]}
	_lvsctl_connection
	_lvsctl_plain
	COMPREPLY=()
	case $previous in
	-f | --file | -s | --socket | --token-file | --cacert | --cert | --key)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	-o | --output)
		mapfile -t COMPREPLY < <(compgen -W 'table wide json ndjson ipvsadm' -- "$current")
		return
		;;
	-u | --url | --owner | -l | --label | --wait) return ;;
	esac
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_lvsctl_options)" -- "$current")
	else
		mapfile -t COMPREPLY < <(_lvsctl_candidates | tr ' ' '\n' | grep -F -- "$current" | while IFS= read -r word; do
			[[ $word != "$current"* ]] || printf '%s\n' "$word"
		done)
	fi
	# What readline takes as words done already, up to the last colon, is not repeated.
	if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
		prefix=${current%"${current##*:}"}
		COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
	fi
}

complete -F _lvsctl lvsctl

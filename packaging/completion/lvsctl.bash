# Completion of lvsctl for bash: verbs and options by its own help, ids by asking the daemon.

# The options of this call that say which daemon it is, for the questions below.
_lvsctl_connection() {
	local i
	connection=()
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		ipvsadm) return ;; # what follows is its own
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

_lvsctl_schedulers() {
	_lvsctl_ask get capabilities -o ndjson | sed 's/.*"schedulers":\["\([^]]*\)"\],"persistenceEngines.*"loaded.*/\1/; s/","/ /g'
}

# The service that the words of ipvsadm name, as lvsd names it.
_lvsctl_ipvsadm_service() {
	local i mark=fwm
	[[ " ${words[*]} " != *' -6 '* ]] || mark=fwm6
	for ((i = 1; i < cword - 1; i++)); do
		case ${words[i]} in
		-t | --tcp-service) echo "tcp:${words[i + 1]}" ;;
		-u | --udp-service) echo "udp:${words[i + 1]}" ;;
		--sctp-service) echo "sctp:${words[i + 1]}" ;;
		-f | --fwmark-service) echo "$mark:${words[i + 1]}" ;;
		esac
	done
}

# Behind the verb ipvsadm: its options, and what they name.
_lvsctl_ipvsadm() {
	case ${words[cword - 1]} in
	-t | --tcp-service) _lvsctl_ids services | sed -n 's/^tcp://p' ;;
	-u | --udp-service) _lvsctl_ids services | sed -n 's/^udp://p' ;;
	--sctp-service) _lvsctl_ids services | sed -n 's/^sctp://p' ;;
	-f | --fwmark-service) _lvsctl_ids services | sed -n 's/^fwm6\{0,1\}://p' ;;
	-s | --scheduler) _lvsctl_schedulers ;;
	-r | --real-server) _lvsctl_real_servers "$(_lvsctl_ipvsadm_service)" ;;
	--mcast-interface) ls /sys/class/net ;;
	--start-daemon | --stop-daemon) echo master backup ;;
	*) "${words[0]}" ipvsadm -h 2>/dev/null | grep -oE -- '--[a-z0-9][a-z0-9-]*' ;;
	esac
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
		3:scheduler) _lvsctl_schedulers ;;
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

# What a function says and what begins as the current word does.
_lvsctl_offer() {
	local word prefix
	mapfile -t COMPREPLY < <("$1" | tr ' ' '\n' | grep -F -- "$current" | sort -u | while IFS= read -r word; do
		[[ $word != "$current"* ]] || printf '%s\n' "$word"
	done)
	# What readline takes as words done already, up to the last colon, is not repeated.
	if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
		prefix=${current%"${current##*:}"}
		COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
	fi
}

_lvsctl() {
	local words cword connection plain current previous
	_lvsctl_words
	current=${words[cword]} previous=${words[cword - 1]}
	_lvsctl_connection
	_lvsctl_plain
	COMPREPLY=()
	if [[ ${plain[0]:-} == ipvsadm ]]; then
		_lvsctl_offer _lvsctl_ipvsadm
		return
	fi
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
		_lvsctl_offer _lvsctl_candidates
	fi
}

complete -F _lvsctl lvsctl

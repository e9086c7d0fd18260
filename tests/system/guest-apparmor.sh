# In the guest, where the kernel has AppArmor: from here on the daemon runs under its profile. Sourced by
# guest-test.sh.

apparmor() {
	local profile
	if [[ $(cat /sys/module/apparmor/parameters/enabled 2>/dev/null) != Y ]]; then
		ok "AppArmor # SKIP this kernel runs without it"
		return
	fi
	for profile in /etc/apparmor.d/lvsd /usr/local/etc/apparmor.d/lvsd; do
		[[ ! -e $profile ]] || break
	done
	expect "the profile is loaded" apparmor_parser -r "$profile"
	expect "lvsd starts under it" systemctl restart lvsd
	expect_same "in enforce mode" "lvsd (enforce)" "$(cat "/proc/$(property MainPID)/attr/current")"
	expect_not "it cannot keep its state anywhere else" \
		lvsd --kernel fake --state "$LAB/elsewhere" --runtime-dir "$LAB/elsewhere-run"
	expect "which the kernel has told" denials 'name="[^"]*/elsewhere'
}

denials() { # WHAT: the kernel's records about the profile
	journalctl -q -k -g 'apparmor="DENIED".*profile="lvsd"' --no-pager | grep -E "$1"
}

# After everything else.
apparmor_denied_nothing() {
	[[ -d /sys/kernel/security/apparmor && $(cat /sys/module/apparmor/parameters/enabled) == Y ]] || return 0
	systemctl start lvsd # the part before may have stopped it
	expect_same "AppArmor has denied nothing else all the time" "" "$(denials . | grep -v 'name="[^"]*/elsewhere')"
	expect_same "and still is in force" "lvsd (enforce)" "$(cat "/proc/$(property MainPID)/attr/current")"
}

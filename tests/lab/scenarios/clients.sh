# The clients of tests/clients against the real kernel: plain curl, and the one that is generated from
# the OpenAPI document. The latter needs node, and tests/contract/run to have compiled it.
# timeout: 240

host director
lvsd_start director
clients=$LAB_DIR/../clients
compiled=$LAB_DIR/../../build/clients/scenario.js
socket=$(lvsd_socket director admin)

# The clients count their verdicts, the lab does not.
without_numbers() { # COMMAND...
	on director env "LVSD_SOCKET=$socket" "$@" | sed -E 's/^((not )?ok) [0-9]+ /\1 /; /^1\.\./d'
	return "${PIPESTATUS[0]}"
}

verdicts_of without_numbers "$clients/curl/scenario"
expect_same "curl leaves nothing in the kernel" "" "$(ipvs_rules director)"
if [[ -e $compiled ]] && command -v node >/dev/null; then
	verdicts_of without_numbers node "$compiled"
	expect_same "the generated client leaves nothing in the kernel" "" "$(ipvs_rules director)"
else
	not_ok "node and the compiled client are there" "run tests/contract/run clients once"
fi

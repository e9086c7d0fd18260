# Every scheduler that this kernel has can be set; a name that is none never reaches modprobe.

host director
lvsd_start director
service=/v1/services/tcp:192.0.2.10:80
write director PUT "$service" '{}'
expect "wlc is the default" ipvs_has director '-s wlc'

mapfile -t schedulers < <(scheduler_modules)
expect "the kernel has the usual schedulers (${schedulers[*]})" test "${#schedulers[@]}" -ge 10
for scheduler in "${schedulers[@]}"; do
	write director PATCH "$service" '{"scheduler": "'"$scheduler"'"}'
	expect "$scheduler can be set" ipvs_has director "-s $scheduler\b"
done

api director GET /v1/capabilities
expect_same "capabilities name them all" "$(printf '%s\n' "${schedulers[@]}" | sort)" \
	"$(json '.schedulers[]' | sort)"

rules=$(ipvs_rules director)
modules=$(loaded_modules)
requests=$(modprobe_requests)
# ftp and pe_sip are modules called ip_vs_ftp and ip_vs_pe_sip, yet no schedulers.
for scheduler in nosuch ftp pe_sip RR 'rr ' ../rr ''; do
	api director PATCH "$service" '{"scheduler": "'"$scheduler"'"}'
	expect_status 422 "'$scheduler' is refused"
	expect_json '.errors[0].pointer' /scheduler "'$scheduler' is refused by its pointer"
done
expect_same "the kernel is as before" "$rules" "$(ipvs_rules director)"
expect_same "no module came" "$modules" "$(loaded_modules)"
expect_same "modprobe was not called" "$requests" "$(modprobe_requests)"

api director GET /v1/capabilities
expect_same "capabilities say which are loaded" "$(loaded_modules | sed -n 's/^ip_vs_//p' | grep -Ev '^(pe_|ftp$)')" \
	"$(json '.loaded.schedulers[]' | sort)"

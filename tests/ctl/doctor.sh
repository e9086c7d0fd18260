# doctor, with the daemon and without it.
# shellcheck shell=bash

lvsd_start
runs 1 doctor
says out '^ok    the socket .* answers'
says out '^ok    InSync is True'
says out '^ok    kernel [0-9]'
runs 1 doctor -o json
same "as JSON" ok "$(jq -r '.[] | select(.what | startswith("InSync")) | .verdict' "$tmp/out")"
runs 1 vip add 192.0.2.10 nothere
runs 1 doctor
says out '^FAIL  InSync is False: HostDiffers'
says out 'lvsctl diff shows what differs'
lvsd_stop
runs 1 doctor
says out '^FAIL  the socket .*(No such file|Connection refused)'
says out 'systemctl start lvsd|start lvsd'
silent err

# lvsctl, called as ipvsadm, against the real one: every line of lib/ipvsadm-front.txt and random ones make the same
# table, output and exit status.
# timeout: 300

host director real
LVSD_RUNTIME=/run/lvsd lvsd_start director --resync 3600
on real ipvsadm -C # loads IPVS
printf '%s\n' '127.0.0.1 localhost' '192.0.2.190 lab-vip.example' '10.0.0.90 lab-rs.example' '2001:db8::1 lab-six.example' >"$LAB/hosts"
mount --bind "$LAB/hosts" /etc/hosts
echo 'hosts: files' >"$LAB/nsswitch" # nobody answers here, and resolvers wait long for that
mount --bind "$LAB/nsswitch" /etc/nsswitch.conf
ln -s "$(realpath "${LVSCTL:-$LAB_DIR/../../build/agent/ctl/lvsctl}")" "$LAB/ipvsadm"
verdicts_of on real python3 -I -B "$LAB_DIR/lib/ipvsadm-front.py" --director director --front "$LAB/ipvsadm" \
	--lines "$LAB_DIR/lib/ipvsadm-front.txt" --random "${FRONT_RANDOM:-30}" --seed "${FRONT_SEED:-1}"

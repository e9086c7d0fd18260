# Every row of the table in docs/IPVSADM.md: the real ipvsadm and lvsd make the same of it.
# timeout: 120

host director real
lvsd_start director --resync 3600
on real ipvsadm -C # loads IPVS
verdicts_of on real python3 -I -B "$LAB_DIR/lib/ipvsadm-rows.py" --socket "$(lvsd_socket director admin)" \
	--director director --document "$LAB_DIR/../../docs/IPVSADM.md"

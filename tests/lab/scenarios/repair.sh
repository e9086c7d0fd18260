# Somebody flushes a table of 2,000 services with 10 real servers each: lvsd puts it back, and serves meanwhile.

host director
services=2000
[[ ! ${LVSD_VALGRIND:-} ]] || services=300
lvsd_start director --resync 300
verdicts_of on director python3 -I -B "$LAB_DIR/lib/repair.py" --socket "$(lvsd_socket director admin)" \
	--services $services --pool 10 --limit "$((LAB_SLOW))e-1" --seed $RANDOM

# Another program changes services of its own a thousand times a second, most of all while lvsd reads the kernel's
# lists: lvsd takes nothing for drift that is none, repairs what is spoilt by hand, and touches nothing of the other.
# timeout: 240
#
# FOREIGN_PASSES (80; long: 200) says how many passes, FOREIGN_SERVICES (600) of how many services; FOREIGN_SEED makes a run
# repeatable.

host director
ip -n director link add nlmon0 type nlmon # the other program sees by it when somebody lists
ip -n director link set nlmon0 up
passes=80 services=600
[[ ! ${LVSD_VALGRIND:-} ]] || passes=25 services=200
lvsd_start director --resync 1
verdicts_of on director python3 -I -B "$LAB_DIR/lib/foreign-writers.py" --socket "$(lvsd_socket director admin)" \
	--services "${FOREIGN_SERVICES:-$services}" --passes "${FOREIGN_PASSES:-$passes}" --rate 1000 \
	--rounds 6 --interval 1 --slack $((3 * LAB_SLOW)) --seed "${FOREIGN_SEED:-$RANDOM}"

# kill -9 at random moments of a stream of writes: every acknowledged write survives, the kernel
# converges to it, and nothing that nobody asked for is ever seen there.
# timeout: 600
#
# KILL9_COUNT (50) says how many kills, KILL9_SEED makes a run repeatable.

host director
ipvs director -A -t 192.0.2.21:80 -s rr
lvsd_trial director kill9.py --count "${KILL9_COUNT:-50}" --seed "${KILL9_SEED:-$RANDOM}" --foreign tcp:192.0.2.21:80
expect "the foreign service is still there" ipvs_has director '^-A -t 192.0.2.21:80 -s rr$'

# On the host: boots Debian's kernel in QEMU without KVM. The second kernel of the lab: two processors, and
# room for AddressSanitizer. Sourced by run; the guest's side is qemu-init.sh.

# The newest installed kernel that has its modules; prints its version.
qemu_kernel() {
	local image version
	while IFS= read -r image; do
		version=${image#/boot/vmlinuz-}
		if [[ -r $image && -d /lib/modules/$version/kernel/net/netfilter/ipvs ]]; then
			echo "$version"
			return
		fi
	done < <(printf '%s\n' /boot/vmlinuz-* | sort -rV)
	return 1
}

qemu_possible() {
	[[ -x $(command -v qemu-system-x86_64) && -x $(command -v cpio) && -x $(command -v busybox) ]] &&
		qemu_kernel >/dev/null
}

# A first file system with what it takes to reach the host's root: busybox and the modules of 9p.
make_initrd() { # DIRECTORY: gets initrd.img and version
	local tree=$1/initrd version module
	version=$(qemu_kernel)
	mkdir -p "$tree"/{bin,modules,proc,root}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	: >"$tree/order"
	for module in virtio_pci 9pnet_virtio 9p; do
		modprobe -S "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while IFS= read -r module; do
		cp "$module" "$tree/modules"
		echo "/modules/${module##*/}" >>"$tree/order"
	done
	cat >"$tree/init" <<-'EOF'
		#!/bin/busybox sh
		while read -r module; do
			/bin/busybox insmod "$module"
		done </order
		/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro root0 /root
		exec /bin/busybox switch_root /root "$lab_init"
	EOF
	chmod 755 "$tree/init"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$1/initrd.img"
	echo "$version" >"$1/version"
	rm -r "$tree"
}

# Boots for several scenarios, one after the other: booting is what takes time. QEMU_BOOT is the
# directory that make_initrd filled. TOP/NAME is the result directory of each.
boot_qemu() { # TOP LOG SECONDS FILE...
	local top=$1 log=$2 seconds=$3 status=0
	shift 3
	{
		local -a LAB_SCENARIOS=("$@") LAB_SEEN=("$PROJECT" "$(dirname "$LVSD")" "${LAB_PROGRAMS:-$PROJECT}" "${@%/*}")
		declare -p LAB_SCENARIOS LAB_SEEN
		passed_on
	} >"$log.env"
	# 57-bit addresses cost one more level of page tables, which TCG has to walk.
	guarded timeout --foreground -k 5 "$seconds" qemu-system-x86_64 -accel tcg,thread=multi \
		-cpu max,la57=off -smp 2 -m "${LAB_MEM:-1024M}" -nographic -no-reboot -nic none \
		-kernel "/boot/vmlinuz-$(<"$QEMU_BOOT/version")" -initrd "$QEMU_BOOT/initrd.img" \
		-virtfs local,path=/,mount_tag=root0,security_model=none,readonly=on,multidevs=remap \
		-virtfs "local,path=$top,mount_tag=out0,security_model=none,multidevs=remap" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off lab_init=$LAB_DIR/lib/qemu-init.sh lab_top=$top lab_env=$log.env" \
		>"$log" 2>&1 || status=$?
	((!interrupted)) || exit 143
	return "$status"
}

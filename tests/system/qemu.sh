# The same boot on Debian's kernel in QEMU, without KVM: two processors, AppArmor. Sourced by run. What the
# guest sees of the host comes by 9p, where user-mode-linux has hostfs.

# A first file system that mounts the disk and what is shared, and starts guest-prepare.sh in it.
system_initrd() { # DIRECTORY KERNEL: gets initrd.img
	local tree=$1/initrd module
	mkdir -p "$tree"/{bin,modules,proc,disk}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	for module in virtio_pci virtio_blk ext4 9pnet_virtio 9p; do
		modprobe -S "$2" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while IFS= read -r module; do
		cp "$module" "$tree/modules"
		echo "/modules/${module##*/}"
	done >"$tree/order"
	cat >"$tree/init" <<-EOF
		#!/bin/busybox sh
		while read -r module; do
			/bin/busybox insmod "\$module"
		done </order
		mount() { /bin/busybox mount "\$@"; }
		mount -t ext4 /dev/vda /disk || { mount -t devtmpfs none /dev; mount -t ext4 /dev/vda /disk; }
		mount -t proc proc /disk/proc
		mount -t devtmpfs none /disk/dev
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 share0 /disk/mnt
		/bin/busybox mkdir -p /disk/lib/modules/$2
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro modules0 /disk/lib/modules/$2
		exec /bin/busybox switch_root /disk /bin/bash /mnt/guest-prepare.sh
	EOF
	chmod 755 "$tree/init"
	mkdir "$tree/dev"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$1/initrd.img"
	rm -r "$tree"
}

# Boots, and returns when it has powered off, or non-zero after SECONDS.
boot_system_qemu() { # TOP IMAGE SHARE SECONDS
	local kernel
	kernel=$(qemu_kernel)
	system_initrd "$1" "$kernel"
	# What the guest writes to the disk goes to a file that is thrown away.
	TMPDIR=$1 guarded timeout --foreground -k 5 "$4" qemu-system-x86_64 -accel tcg,thread=multi -cpu max,la57=off -smp 2 \
		-m "${SYSTEM_MEM:-1024M}" -nographic -no-reboot -nic none \
		-kernel "/boot/vmlinuz-$kernel" -initrd "$1/initrd.img" \
		-drive "file=$2,format=raw,if=virtio,snapshot=on,file.locking=off" \
		-virtfs "local,path=$3,mount_tag=share0,security_model=none,multidevs=remap" \
		-virtfs "local,path=/lib/modules/$kernel,mount_tag=modules0,security_model=none,readonly=on,multidevs=remap" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off apparmor=1 security=apparmor ${SYSTEM_ARGUMENTS[*]}"
}

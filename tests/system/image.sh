# The cached disk image that tests/system boots: Debian with systemd and what lvsd needs, but not lvsd,
# which comes in at boot. Sourced by run.

# procps and jq are for the tests; the libraries are what lvsd links to.
IMAGE_PACKAGES=(
	apparmor systemd systemd-sysv kmod iproute2 ipvsadm curl jq procps
	libgnutls30 libinih1 libjansson4 libmicrohttpd12 libnl-3-200 libnl-genl-3-200 libsqlite3-0 libsystemd0
)

# The program that the kernel starts. It is all that the image has to know of the test.
image_boot_script() {
	cat <<-'EOF'
		#!/bin/sh
		# lvsd_share=DIRECTORY on the kernel's command line is a directory of the host.
		mount -t proc proc /proc
		mount -t hostfs -o "$lvsd_share" none /mnt && exec /bin/bash /mnt/guest-prepare.sh
	EOF
}

# This machine's own sources of its distribution, in one-line form.
image_sources() {
	local id
	id=$(. /etc/os-release && echo "$ID")
	apt-get indextargets --format '$(ORIGIN)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		sort -u | grep -i "^$id|" | cut -d '|' -f 2-
}

image_suite() {
	. /etc/os-release && echo "$VERSION_CODENAME"
}

# Prints the path of the image; makes it when there is none for these packages yet.
cached_image() { # SCRATCH-DIRECTORY
	local cache=${XDG_CACHE_HOME:-$HOME/.cache}/lvsd key image
	key=$({
		printf '%s\n' "$(image_suite)" "$(uname -m)" "${IMAGE_PACKAGES[@]}"
		image_boot_script
		declare -f make_image
	} | sha256sum | cut -c 1-16)
	image=$cache/system-$key.ext4
	mkdir -p "$cache"
	{
		flock 9
		if [[ ! -e $image ]]; then
			printf '# making the system image, once: %s\n' "$image" >&2
			make_image "$1" "$image.new" >"$1/image.log" 2>&1 || {
				tail -n 30 "$1/image.log" >&2
				die "the system image cannot be made"
			}
			# Images of other package lists are of no use any more.
			rm -f "$cache"/system-*.ext4
			mv "$image.new" "$image"
		fi
	} 9>"$cache/lock"
	echo "$image"
}

make_image() { # SCRATCH-DIRECTORY IMAGE
	local as_root=() packages proxy
	local -a options=()
	((EUID == 0)) || as_root=(fakeroot)
	packages=$(
		IFS=,
		echo "${IMAGE_PACKAGES[*]}"
	)
	proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
	[[ -z $proxy ]] || options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")
	# Unsafe: who loses power loses this image, too.
	image_sources | timeout 600 mmdebstrap --dpkgopt=force-unsafe-io --variant=minbase --include="$packages" "${options[@]}" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' "$(image_suite)" "$1/root.tar" - || return
	image_boot_script >"$1/lvsd-boot"
	rm -f "$2"
	truncate -s 700M "$2"
	"${as_root[@]}" bash -euc '
		mkdir "$1/tree"
		tar -x -p -f "$1/root.tar" -C "$1/tree" --exclude="./var/cache/apt/*" --exclude="./var/lib/apt/lists/*"
		install -m 755 "$1/lvsd-boot" "$1/tree/sbin/lvsd-boot"
		PATH=$PATH:/usr/sbin:/sbin
		mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -E root_owner=0:0 -d "$1/tree" -F "$2"
	' - "$1" "$2" || return
	rm -rf "$1/tree" "$1/root.tar"
}

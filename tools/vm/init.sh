#!/bin/busybox sh
# The first process of a virtual machine (tools/vm.mjs): lays a disk over the machine's files, mounts what Linux programs
# expect, with control groups of version 2, runs the command and turns the machine off.
set -e
export PATH=/bin
/bin/busybox --install -s /bin
. /settings
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in $FIRST_MODULES; do modprobe "$module"; done

# see TAG PATH OPTIONS TARGET: mounts a folder of the machine outside.
if grep -q 'User Mode' /proc/cpuinfo; then
  disk=/dev/ubda swap=/dev/ubdb cached=
  see() { mount -t hostfs -o "$3,$2" "$1" "$4"; }
else
  disk=/dev/vda swap=/dev/vdb cached=,cache=loose
  see() { mount -t 9p -o "$3,trans=virtio,version=9p2000.L,msize=512000" "$1" "$4"; }
fi
see machine / "ro$cached" /machine
mount -t ext4 $disk /disk
mkdir -p /disk/upper /disk/work
for folder in $OVER; do cp -a "/machine$folder/." /disk/upper/; done
mount -t overlay -o "lowerdir=/machine$ROOT,upperdir=/disk/upper,workdir=/disk/work" overlay /root
if [ "$ROOT" != / ]; then
  mkdir -p "/root$PROJECT" /disk/project /disk/project-work
  lower="/machine$PROJECT"
  if [ -d "/machine$ROOT$PROJECT" ]; then lower="/machine$ROOT$PROJECT:$lower"; fi
  mount -t overlay -o "lowerdir=$lower,upperdir=/disk/project,workdir=/disk/project-work" overlay "/root$PROJECT"
fi

# Containers' layers lie in temporary folders, which become folders of the disk: overlayfs cannot lie on overlayfs. The
# project may be in one of them.
mkdir -p /project
mount --bind "/root$PROJECT" /project
for folder in tmp var/tmp; do
  mkdir -p "/disk/$folder"
  chmod 1777 "/disk/$folder"
  mount --bind "/disk/$folder" "/root/$folder"
done
mkdir -p "/root$PROJECT"
mount --move /project "/root$PROJECT"

mount -t proc proc /root/proc
mount -t sysfs sysfs /root/sys
mount -t devtmpfs dev /root/dev
mkdir -p /root/dev/pts /root/dev/shm /root/dev/mqueue /root/dev/hugepages
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /root/dev/pts
mount -t tmpfs shm /root/dev/shm
mount -t mqueue mqueue /root/dev/mqueue
mount -t tmpfs -o mode=755 run /root/run
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
# Not every kernel has these.
mount -t hugetlbfs hugetlbfs /root/dev/hugepages 2>/dev/null || true
mount -t securityfs securityfs /root/sys/kernel/security 2>/dev/null || true
mount -t selinuxfs selinuxfs /root/sys/fs/selinux 2>/dev/null || true
# A policy of SELinux is loaded before there is anything to be labelled.
if [ -d /root/sys/fs/selinux ] && [ -f /root/etc/selinux/config ]; then chroot /root /usr/sbin/load_policy -i; fi
for one in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -sfn "/proc/self/${one#*:}" "/root/dev/${one%:*}"; done

# What the kernel loads when it is needed, such as bridges and nftables.
version=$(uname -r)
mkdir -p "/root/lib/modules/$version" /root/run/vm/share
mount --bind "/machine$KERNEL_MODULES" "/root/lib/modules/$version"
cp /bin/busybox /root/run/vm/busybox
cp /bin/busybox /root/run/vm/modprobe
echo /run/vm/modprobe > /proc/sys/kernel/modprobe
# Nothing asks for this one before its device is there.
chroot /root /run/vm/modprobe loop || true

ip link set lo up
hostname gorae-vm
if [ -b $swap ]; then swapon $swap; fi
see share "$SHARE" rw /root/run/vm/share
cat > /root/run/vm/main.sh <<'END'
export VM_SHARE=/run/vm/share
{ sh $VM_SHARE/command.sh < /dev/null; echo $? > $VM_SHARE/code; } 2>&1 | cat
sync
/run/vm/busybox poweroff -f
END
if [ -z "$SYSTEMD" ]; then exec switch_root /root /bin/sh /run/vm/main.sh; fi

# The command as a service of systemd, beside logind and the bus. What else the machine starts is not wanted.
units=/root/run/systemd/system
mkdir -p $units
cat > $units/vm.target <<'END'
[Unit]
Requires=vm.service
AllowIsolate=yes
END
cat > $units/vm.service <<'END'
[Unit]
Wants=dbus.service systemd-logind.service
After=dbus.service systemd-logind.service
[Service]
ExecStart=/bin/sh /run/vm/main.sh
StandardOutput=tty
TTYPath=/dev/console
Delegate=yes
END
exec switch_root /root /lib/systemd/systemd --unit=vm.target --log-target=console --log-level=warning

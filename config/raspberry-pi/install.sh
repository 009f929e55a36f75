#!/usr/bin/env bash
# Make a kiosk of a Raspberry Pi with Raspberry Pi OS (64 bit, Lite or desktop): it starts by itself into the citizen's
# screen, without a log-in, a desktop, a pointer or blanking. Safe to run again: what is right already is left alone.
#
#   sudo git clone … /opt/nucuoi && cd /opt/nucuoi
#   config/raspberry-pi/install.sh --dry-run        # print every act, change nothing
#   sudo config/raspberry-pi/install.sh             # do it; then enrol and restart, as it says at the end
#
#   --read-only-root   keep the system as it is now at every start (ratings need a partition of their own for this)
#   --allow-mouse      a mouse that somebody plugs in may be used
#   --root DIR         lay the files under DIR instead of /, and only print what would be run (to prepare an image)
#
# Exit codes: 0 done, 1 failed (the message says what to do), 2 wrong usage.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly here home=/opt/nucuoi user=nucuoi-kiosk data=/var/lib/nucuoi-kiosk
# KMS/DRM is opened by SDL at run time: no package asks for these by itself.
readonly packages=(make python3-venv libgbm1 libdrm2 libudev1 libgles2 libegl1 libgl1-mesa-dri)

dry='' root='' read_only='' mouse='' changed=0

say() { printf 'install: %s\n' "$*"; }

fail() {
    printf 'install: %s\n' "$*" >&2
    exit 1
}

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '/^set /d'
}

read_words() {
    while (($#)); do
        case $1 in
            --dry-run) dry=1 ;;
            --read-only-root) read_only=1 ;;
            --allow-mouse) mouse=1 ;;
            --root)
                [[ ${2:-} == /* ]] || { echo "install: --root wants a whole path, not '${2:-}'" >&2 && exit 2; }
                root=${2%/}
                shift
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            *)
                echo "install: '$1' is no option; see --help" >&2
                exit 2
                ;;
        esac
        shift
    done
}

act() { # the one door to every program that changes something
    if [[ $dry || $root ]]; then
        printf 'would run: %s\n' "$*"
    else
        printf 'run: %s\n' "$*"
        "$@"
    fi
}

note() { # $1: what is done to a file
    changed=$((changed + 1))
    if [[ $dry ]]; then printf 'would %s\n' "$1"; else printf '%s\n' "$1"; fi
}

put() { # $1: a file of the repository, $2: where it belongs
    [[ -f $here/$1 ]] || fail "$1 is missing from $here; clone the repository again"
    cmp -s "$here/$1" "$root$2" && return 0
    note "put: $1 → $root$2"
    [[ $dry ]] || install -D -m 644 "$here/$1" "$root$2"
}

put_once() { # like put, but what the unit's people have changed is theirs
    [[ -e $root$2 ]] || put "$1" "$2"
}

take_away() { # $1: a file that another option would have put
    [[ -e $root$1 ]] || return 0
    note "take away: $root$1"
    [[ $dry ]] || rm -f "$root$1"
}

boot_file() { # $1: its name. Bookworm moved the boot partition.
    local folder
    for folder in /boot/firmware /boot; do
        if [[ -f $root$folder/$1 ]]; then
            echo "$root$folder/$1"
            return
        fi
    done
}

add_to_boot_line() { # $@: words of the kernel's one line; a word with the same name before = is replaced
    local file line new word
    file=$(boot_file cmdline.txt)
    if [[ -z $file ]]; then
        say "there is no cmdline.txt under $root/boot: this is no Raspberry Pi; kernel words are left out: $*"
        return
    fi
    line=$(tr -d '\n' <"$file") new=" $line "
    for word in "$@"; do
        # console=… may stand there several times and is none of ours: only whole names are compared.
        new=$(sed -E "s/ ${word%%=*}(=[^ ]*)?( |$)/ /g" <<<"$new")
        new="$new $word"
    done
    new=$(tr -s ' ' <<<"$new" | sed 's/^ //; s/ $//')
    [[ $new == "$line" ]] && return
    note "write in $file: $*"
    # Written beside and renamed: a kernel line cut in half would not start.
    [[ $dry ]] || { printf '%s\n' "$new" >"$file.new" && sync "$file.new" && mv "$file.new" "$file"; }
}

add_to_boot_config() { # $1: a line of config.txt
    local file
    file=$(boot_file config.txt)
    [[ -n $file ]] || return 0
    grep -qxF "$1" "$file" && return 0
    note "add to $file: $1"
    # Under [all]: the last section of the file may be for another board.
    [[ $dry ]] || printf '\n[all]\n%s\n' "$1" >>"$file"
}

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [[ $read_only ]] && { dpkg-query -W overlayroot >/dev/null 2>&1 || missing+=(overlayroot); }
    ((${#missing[@]})) || return 0
    act apt-get update -qq
    act env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

install_program() {
    [[ -x $here/.venv/bin/nucuoi-kiosk ]] || act make -C "$here" setup PART=kiosk
}

make_user() { # no password, no shell, no home that could be logged in to
    getent passwd "$user" >/dev/null && return 0
    act adduser --system --group --home "$data" --shell /usr/sbin/nologin "$user"
}

check_system_is_writable() {
    grep -qE '(^| )overlayroot=[^ ]*tmpfs' /proc/cmdline || return 0
    fail "the system is read-only and would forget this; take overlayroot=… out of cmdline.txt, restart, run this again"
}

check_data_partition() {
    mountpoint -q "$root$data" && return 0
    local remedy="make a partition for it (ext4, in /etc/fstab with data=journal,noatime), mount it, and run this again"
    if [[ $dry || $root ]]; then
        say "STOP: $data is no partition of its own, and a read-only system forgets every rating at power-off; $remedy"
    else
        fail "$data is no partition of its own, and a read-only system forgets every rating at power-off; $remedy"
    fi
}

lay_files() {
    put config/systemd/nucuoi-kiosk.service /etc/systemd/system/nucuoi-kiosk.service
    put config/raspberry-pi/journal.conf /etc/systemd/journald.conf.d/nucuoi.conf
    put config/raspberry-pi/hardware-watchdog.conf /etc/systemd/system.conf.d/nucuoi.conf
    put config/raspberry-pi/sysctl.conf /etc/sysctl.d/99-nucuoi.conf
    put config/raspberry-pi/99-nucuoi-stick.rules /etc/udev/rules.d/99-nucuoi-stick.rules
    put config/raspberry-pi/99-nucuoi-backlight.rules /etc/udev/rules.d/99-nucuoi-backlight.rules
    if [[ $mouse ]]; then
        take_away /etc/udev/rules.d/99-nucuoi-touch.rules
    else
        put config/raspberry-pi/99-nucuoi-touch.rules /etc/udev/rules.d/99-nucuoi-touch.rules
    fi
    put_once config/kiosk.toml /etc/nucuoi/kiosk.toml
}

set_boot() {
    # No blanking of the console, no cursor, no penguins, no text before the kiosk's first screen.
    local words=(consoleblank=0 vt.global_cursor_default=0 logo.nologo quiet loglevel=3)
    # recurse=0: other partitions stay writable, the one with the ratings first of all.
    [[ -z $read_only ]] || words+=(overlayroot=tmpfs:recurse=0)
    add_to_boot_line "${words[@]}"
    add_to_boot_config disable_splash=1
}

set_services() {
    ((changed)) || return 0
    act systemctl daemon-reload
    act udevadm control --reload
    # A desktop, where one is installed, is not started any more; nothing of it is removed.
    act systemctl set-default multi-user.target
    act systemctl disable getty@tty1.service
    act systemctl mask ctrl-alt-del.target
    act systemctl enable nucuoi-kiosk.service
    act systemctl restart systemd-journald.service
}

read_words "$@"
[[ $dry || $root || $EUID -eq 0 ]] || fail "this changes the system: run it with sudo, or see what it would do: --dry-run"
[[ $dry || $root || $here == "$home" ]] || fail "the unit starts what is in $home: move this checkout there from $here"
[[ $dry || $root ]] || check_system_is_writable
[[ -z $read_only ]] || check_data_partition
install_packages
install_program
make_user
lay_files
set_boot
set_services

if [[ $dry ]]; then
    say "nothing was changed"
elif ((changed)); then
    say "done. Edit /etc/nucuoi/kiosk.toml, restart (sudo reboot), and scan the server's QR on the first screen"
else
    say "everything is as it should be already"
fi

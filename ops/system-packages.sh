#!/usr/bin/env bash
# Installs Debian packages without letting the servers among them start: they would hold the stack's ports.
# usage: ops/system-packages.sh PACKAGE...
set -euo pipefail

POLICY=/usr/sbin/policy-rc.d
SUDO=""
[ "$(id -u)" = 0 ] || SUDO=sudo

port_mapper_runs() { grep -qsx epmd /proc/[0-9]*/comm; }

allow_servers() { [ ! -e "$POLICY.candlewick" ] || $SUDO rm -f "$POLICY" "$POLICY.candlewick"; }

forbid_servers() {
    [ ! -e "$POLICY" ] || return 0
    trap allow_servers EXIT
    $SUDO touch "$POLICY.candlewick"
    printf '#!/bin/sh\nexit 101\n' | $SUDO tee "$POLICY" >/dev/null
    $SUDO chmod 755 "$POLICY"
}

# Nobody uses a server that was installed a moment ago, but after a reboot it would be there first.
disable() {
    [ -d /run/systemd/system ] || return 0
    $SUDO systemctl disable --now "$@" || true
}

forbid_servers
port_mapper_ran=no
if port_mapper_runs; then port_mapper_ran=yes; fi

$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"

for package in "$@"; do
    case "$package" in
        postgresql) disable postgresql ;;
        rabbitmq-server) disable rabbitmq-server epmd.socket ;;
    esac
done
# Erlang's tools leave their port mapper behind, open to the network.
if [ "$port_mapper_ran" = no ] && port_mapper_runs; then $SUDO epmd -kill || true; fi

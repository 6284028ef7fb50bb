#!/bin/sh
# Installs what the tests need beside Python packages: a headless Chromium with a font, strace, pngcheck, and what
# checks the scripts of the viewer.
# usage: sh tests/install_tools.sh PYTHON
# Debian packages the browser; where there is none (Ubuntu has only a snap), Playwright brings its own.
set -eu
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
missing() { ! command -v "$1" >/dev/null; }

tools=
missing strace && tools="$tools strace"
missing pngcheck && tools="$tools pngcheck"
browser=
if [ -z "${RUNLOG_CHROMIUM:-}" ] && missing chromium-headless-shell && missing chromium; then browser=wanted; fi
scripts=$(dirname "$0")/scripts
checks=
if [ ! -e "$scripts/node_modules/.package-lock.json" ] ||
    [ "$scripts/package-lock.json" -nt "$scripts/node_modules/.package-lock.json" ]; then checks=wanted; fi
if [ -n "$checks" ] && missing npm; then tools="$tools npm"; fi

if [ -n "$tools$browser" ]; then as_root apt-get update -qq; fi
if [ -n "$browser" ] && apt-cache show chromium-headless-shell >/dev/null 2>&1; then
    tools="$tools chromium-headless-shell libatomic1 fonts-dejavu-core"
    browser=
fi
if [ -n "$tools" ]; then
    # shellcheck disable=SC2086 - a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $tools >/dev/null
fi
if [ -n "$browser" ]; then as_root "$1" -m playwright install --with-deps chromium-headless-shell; fi
if [ -n "$checks" ]; then (cd "$scripts" && npm ci --silent); fi

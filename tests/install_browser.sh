#!/bin/sh
# Installs what the browser tests need: a headless Chromium, and a font for its pages.
# Debian packages one; where there is none (Ubuntu has only a snap), Playwright brings its own.
set -eu
if [ -n "${RUNLOG_CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null; then
    exit 0
fi
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
as_root apt-get update -qq
if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell libatomic1 fonts-dejavu-core
else
    as_root "$1" -m playwright install --with-deps chromium-headless-shell
fi

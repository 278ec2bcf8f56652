#!/usr/bin/env bash
# setup.sh [tests]: all that a build (and the tests) needs, in order: Debian packages, third-party sources, llama.cpp. Quick when all is there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$root/scripts/deps.sh" "$@"
take_lock
"$root/scripts/thirdparty.sh"
"$root/scripts/llama.sh" ensure
rm -rf "$cache/tools"   # npm, where it had to be fetched: 200 MB that nothing needs now

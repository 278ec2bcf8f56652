#!/usr/bin/env bash
# deps.sh [tests] [vllm]: installs what the build needs from Debian's packages, with `tests` what the tests need too, with `vllm` what vLLM
# needs, and nothing when nothing is missing.
# A probe is a command, a header (with a dot), a shared library or a Python module (with a colon before it): what is there counts, whoever
# installed it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

needs="
ca-certificates        /etc/ssl/certs/ca-certificates.crt
g++                    c++
gcc                    cc
git                    git
cmake                  cmake
ninja-build            ninja
python3                python3
python3-pip            :pip
libboost1.81-dev       boost/beast.hpp
libfmt-dev             fmt/core.h
libssl-dev             openssl/ssl.h
libsqlite3-dev         sqlite3.h
nlohmann-json3-dev     nlohmann/json.hpp
libsimdjson-dev        simdjson.h
liburing-dev           liburing.h
libtomlplusplus-dev    toml++/toml.h
libcli11-dev           CLI/CLI.hpp
"
[[ " $* " != *" tests "* ]] || needs+="
libgtest-dev           gtest/gtest.h
libgmock-dev           gmock/gmock.h
librapidcheck-dev      rapidcheck.h
tidy                   tidy
xz-utils               xz
chromium               chromium
fonts-dejavu-core      /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
"
[[ " $* " != *" vllm "* ]] || needs+="
python3-venv           :ensurepip
libnuma1               libnuma.so.1
"

is_there() {
  case $1 in
    /*) [ -e "$1" ] ;;
    :pip) has_pip /usr/bin/python3 || has_pip python3 ;;
    :*) /usr/bin/python3 -c "import ${1#:}" 2>/dev/null ;;
    *.so.*) [[ $(/sbin/ldconfig -p) == *"$1"* ]] ;;
    *.h|*.hpp) compgen -G "/usr/include/$1" >/dev/null || compgen -G "/usr/local/include/$1" >/dev/null || compgen -G "/usr/include/$(uname -m)-linux-gnu/$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing=()
while read -r package probe; do
  [ -z "$package" ] || is_there "$probe" || missing+=("$package")
done <<<"$needs"
[ ${#missing[@]} -gt 0 ] || exit 0

say "missing Debian packages: ${missing[*]}"
install="apt-get install -y --no-install-recommends ${missing[*]}"
command -v apt-get >/dev/null || die "this machine has no apt-get" "install what the packages above hold by its own means, then run this again"
[ "$(id -u)" = 0 ] || die "installing them needs root; nothing was changed" "run: sudo apt-get update && sudo $install" "then run this again as you are"
take_lock
export DEBIAN_FRONTEND=noninteractive
watched "apt-get update" apt-get update
say "they take 1 to 3 minutes on a bare machine"
# shellcheck disable=SC2086
watched "apt-get install" $install

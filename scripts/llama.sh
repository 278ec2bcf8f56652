#!/usr/bin/env bash
# llama.sh [ensure|quick|native]: llama.cpp's programs in the cache, at llama/current/bin.
#   quick   four programs on the release's prebuilt libraries, with the CPU kernels built here (x86-64 only)
#   native  everything from source for this very processor
#   ensure  whichever is current already, else quick, else (said aloud) native
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
release=v0.5.0   # of ggml-org/llama.cpp; the two llama rows of pins.tsv carry it
programs="llama-server llama-quantize llama-perplexity llama-bench"
home=$cache/llama
mkdir -p "$home"

# Processor flag as Linux names it -> ggml's option. AVX512 stands for F, CD, BW, DQ and VL together.
cpu_options() {
  local flags pair
  flags=" $(sed -n 's/^flags[[:space:]]*: //p' /proc/cpuinfo | head -n 1) "
  has() { local f; for f in "$@"; do [[ $flags == *" $f "* ]] || return 1; done; }
  for pair in sse4_2:SSE42 avx:AVX f16c:F16C fma:FMA bmi2:BMI2 avx2:AVX2 avx_vnni:AVX_VNNI amx_tile:AMX_TILE amx_int8:AMX_INT8 amx_bf16:AMX_BF16; do
    if has "${pair%:*}"; then echo "-DGGML_${pair#*:}=ON"; else echo "-DGGML_${pair#*:}=OFF"; fi
  done
  if ! has avx512f avx512cd avx512bw avx512dq avx512vl; then return; fi
  echo -DGGML_AVX512=ON
  for pair in avx512_vbmi:AVX512_VBMI avx512vbmi:AVX512_VBMI avx512_vnni:AVX512_VNNI avx512_bf16:AVX512_BF16; do
    ! has "${pair%:*}" || echo "-DGGML_${pair#*:}=ON"
  done
}

route_options() {
  case $1 in
    quick) cpu_options; echo -DGGML_OPENMP=ON ;;
    native) printf '%s\n' -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=ON -DCMAKE_BUILD_RPATH_USE_ORIGIN=ON -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF \
      -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF ;;  # the last: no download at configure time
  esac
}

# Version, flags and compiler, and for a build "for this processor" the processor.
build_facts() {
  printf 'release=%s\nroute=%s\ncompiler=%s\n' $release "$1" "$(c++ --version | head -n 1)"
  printf 'options=%s\n' "$(route_options "$1" | tr '\n' ' ')"
  printf 'source_sha256=%s\n' "$(pin llama-source sha256)"
  case $1 in
    quick) printf 'prebuilt_sha256=%s\nrecipe_sha256=%s\n' "$(pin llama-prebuilt sha256)" "$(sha256sum <"$root/cmake/llama-tools/CMakeLists.txt" | cut -d' ' -f1)" ;;
    native) printf 'processor_flags=%s\n' "$(sed -n 's/^\(flags\|Features\)[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" ;;
  esac
}
folder_of() { printf '%s-%s-%s' $release "$1" "$(build_facts "$1" | short_hash)"; }
# A program that someone deleted is made again.
is_complete() {
  local program folder; folder=$home/$(folder_of "$1")
  [ -e "$folder/build.txt" ] || return 1
  for program in $programs; do [ -x "$folder/bin/$program" ] || return 1; done
}
point() { ln -sfn "$2" "$home/$1.new" && mv -T "$home/$1.new" "$home/$1"; }

unpack_source() {
  "$root/scripts/fetch.sh" llama-source
  [ ! -e "$1/.complete" ] || return 0
  rm -rf "$1" "$1.package"; mkdir -p "$1.package"
  tar -xzf "$(downloaded llama-source)" -C "$1.package" package/llama/gitRelease.bundle
  git -c advice.detachedHead=false clone --quiet "$1.package/package/llama/gitRelease.bundle" "$1"
  rm -rf "$1.package"; touch "$1/.complete"
}

build_quick() {
  local work=$1 source=$2 bin=$1/out/bin
  "$root/scripts/fetch.sh" llama-prebuilt
  rm -rf "$work/package"; mkdir -p "$work/package" "$bin"
  tar -xzf "$(downloaded llama-prebuilt)" -C "$work/package"
  cp -p "$work"/package/package/bins/linux-x64/lib*.so "$bin"
  rm -f "$bin"/libggml-cpu-*.so   # theirs; ours takes their place
  [ -e "$bin/libllama.$release.so" ] || die "the prebuilt libraries are not of llama.cpp $release" "they are: $(cd "$bin" && echo *.so)"
  ln -sf libggml-base.so "$bin/libggml-base.so.0"   # the name that our ggml-cpu asks for
  local options; mapfile -t options < <(route_options quick)
  watched "llama.cpp $release: configure" cmake -S "$root/cmake/llama-tools" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DLLAMA_SRC="$source" -DLLAMA_BIN="$bin" "${options[@]}"
  say "llama.cpp takes about 2 minutes on 2 cores, once"
  watched "llama.cpp $release: programs and CPU kernels" ninja -C "$work/build" -j "$jobs"
}

build_native() {
  local work=$1 source=$2 options
  mapfile -t options < <(route_options native)
  watched "llama.cpp $release: configure" cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release "${options[@]}"
  say "llama.cpp wholly from source takes about 10 minutes on 2 cores, once"
  # shellcheck disable=SC2086
  watched "llama.cpp $release: from source" ninja -C "$work/build" -j "$jobs" $programs
  rm -rf "$work/out/bin"; mkdir -p "$work/out"; cp -a "$work/build/bin" "$work/out/bin"
}

# Leaves the programs, the headers and the licence; the source and the objects go.
build() {
  local route=$1 folder work program status
  folder=$(folder_of "$route"); work=$home/work-$folder
  if is_complete "$route"; then return 0; fi
  mkdir -p "$work/out"
  unpack_source "$work/source" || return 1
  "build_$route" "$work" "$work/source" || return 1
  for program in $programs; do
    status=0; "$work/out/bin/$program" --help >/dev/null 2>&1 || status=$?
    # llama-quantize ends its help with 1; what can't be loaded or crashes ends with 126 or more.
    [ $status -le 1 ] || { say "$program was built but does not run (exit status $status): $work/out/bin/$program --help"; return 1; }
  done
  mkdir -p "$work/out/include"
  cp "$work/source/LICENSE" "$work/out"; cp "$work/source"/include/llama*.h "$work/source"/ggml/include/*.h "$work/out/include"
  build_facts "$route" >"$work/out/build.txt"
  rm -rf "${home:?}/$folder"; mv "$work/out" "$home/$folder"; rm -rf "$home"/work-*   # and what broken-off builds left
}

# In a process of its own, so that a failure anywhere in it is a status here and not our end.
try() { local status=0; "$0" "$1" || status=$?; return $status; }

ensure() {
  local current
  current=$(readlink "$home/current" || true)
  for route in quick native; do
    if [ "$current" = "$(folder_of $route)" ] && is_complete $route; then return 0; fi
  done
  if [ "$(uname -m)" != x86_64 ]; then
    say "the prebuilt libraries are for x86-64 and this is $(uname -m): llama.cpp is built wholly from source (about 10 minutes on 2 cores)"
  elif try quick; then return 0
  else
    say "THE QUICK ROUTE FAILED (see above). Falling back to the native build from source: about 10 minutes on 2 cores, the same figures."
  fi
  try native
}

case ${1:-ensure} in
  quick|native)
    [ "$1" = native ] || [ "$(uname -m)" = x86_64 ] || die "the quick route needs x86-64, this is $(uname -m)" "run: make llama-native"
    take_lock
    build "$1"
    point "$1" "$(folder_of "$1")"; point current "$(folder_of "$1")" ;;
  ensure) take_lock; ensure ;;
  *) die "llama.sh: unknown route '$1'" "accepted: ensure, quick, native" ;;
esac

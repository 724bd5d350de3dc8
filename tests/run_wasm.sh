#!/bin/sh
# Compiles the whole core for WebAssembly, then runs the walks over kernels and transforms in Node:
# run_wasm.sh SOURCE_FOLDER CORE_SOURCE...
# Skips (exit 77) where the compiler, the C library for it or Node is missing.
set -eu
root=$1
shift
cc=${PS_WASM_CC:-clang}
for tool in "$cc" wasm-ld node; do
    command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

compile() {
    "$cc" --target=wasm32-wasi -std=c11 -O2 -Wall -Wextra -Wpedantic \
        -Wno-missing-field-initializers -Werror -ffp-contract=off \
        -fno-math-errno -fno-trapping-math -DPS_HAVE_SIMD128=1 -DPS_VERSION='"0"' \
        -I "$root/include" -I "$root/src" -I "$root/tests" "$@"
}
echo 'int main(void) { return 0; }' >"$build/probe.c"
compile "$build/probe.c" -o "$build/probe.wasm" 2>"$build/probe.txt" ||
    { echo "skipped: $cc cannot link for wasm32-wasi:"; cat "$build/probe.txt"; exit 77; }

for source in "$@"; do
    compile -c "$source" -o "$build/core.o"
done
echo "the core compiles: $# files"
compile -msimd128 -c "$root/src/kernel/kernel_simd128.c" -o "$build/simd128.o"
compile "$root/tests/kernel_main.c" "$root/src/kernel/kernel.c" "$root/src/kernel/rows.c" \
    "$build/simd128.o" -o "$build/kernels.wasm"
node --no-warnings "$root/tests/run_wasm.mjs" "$build/kernels.wasm"

for loops in fft_passes fft_float_run fft_products; do
    compile -c "$root/src/dsp/$loops.c" -o "$build/$loops.o"
    compile -msimd128 -DPS_ROW_NAME=simd128 -c "$root/src/dsp/$loops.c" -o "$build/${loops}_128.o"
done
compile "$root/tests/fft_main.c" "$root/src/dsp/fft.c" "$root/src/dsp/fft_float.c" \
    "$root/src/base/memory.c" "$root/src/base/status.c" "$root/src/kernel/kernel.c" \
    "$root/src/kernel/rows.c" "$build/simd128.o" "$build"/fft_*.o -o "$build/ffts.wasm"
node --no-warnings "$root/tests/run_wasm.mjs" "$build/ffts.wasm"

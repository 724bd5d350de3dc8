#!/bin/sh
# Builds kernels and transforms for aarch64 and runs their walks under qemu: run_neon.sh SOURCE_FOLDER
# Skips (exit 77) where the cross compiler or the emulator is missing.
set -eu
root=$1
cc=${PS_AARCH64_CC:-aarch64-linux-gnu-gcc}
qemu=${PS_AARCH64_QEMU:-qemu-aarch64}
for tool in "$cc" "$qemu"; do
    command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

compile() {
    "$cc" -std=c11 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -ffp-contract=off \
        -fno-math-errno -fno-trapping-math -DPS_HAVE_NEON=1 \
        -I "$root/include" -I "$root/src" -I "$root/tests" "$@"
}
compile -ffp-contract=fast -c "$root/src/kernel/kernel_neon.c" -o "$build/neon.o"
compile -static "$root/tests/kernel_main.c" "$root/src/kernel/kernel.c" \
    "$root/src/kernel/rows.c" "$build/neon.o" -o "$build/kernels"
"$qemu" "$build/kernels"

# The transforms, whose loops exist once per row.
for loops in fft_passes fft_float_run fft_products; do
    compile -c "$root/src/dsp/$loops.c" -o "$build/$loops.o"
    compile -ffp-contract=fast -DPS_ROW_NAME=neon -c "$root/src/dsp/$loops.c" -o "$build/${loops}_neon.o"
done
compile -Wno-missing-field-initializers -static "$root/tests/fft_main.c" "$root/src/dsp/fft.c" \
    "$root/src/dsp/fft_float.c" "$root/src/base/memory.c" "$root/src/base/status.c" \
    "$root/src/kernel/kernel.c" "$root/src/kernel/rows.c" "$build/neon.o" "$build"/fft_*.o -lm \
    -o "$build/ffts"
"$qemu" "$build/ffts"

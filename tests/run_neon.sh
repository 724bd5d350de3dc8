#!/bin/sh
# Builds the kernels for aarch64 and runs their walk under qemu: run_neon.sh SOURCE_FOLDER
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

#!/bin/sh
# Builds and runs bench/gpu.c with nothing but a C compiler, OpenCL's headers and vkFFT.h:
#
#   bench/gpu.sh [-I FOLDER]... [--build FOLDER] [OPTION...]
#
# -I names folders with the headers (CL/cl.h, vkFFT.h), which can be carried to a machine that has no
# packages; the OpenCL library is opened when it runs. The rest are options of the program, see
# bench/gpu.c. CC and CFLAGS are honoured. What is built stays in build-bench/gpu.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cc=${CC:-cc}
build=$root/build-bench/gpu
headers=
while [ $# -gt 0 ]; do
    case $1 in
    -I) headers="$headers -I'$2'" ;;
    --build) build=$2 ;;
    *) break ;;
    esac
    shift 2
done
mkdir -p "$build"
build=$(cd "$build" && pwd)

# As in meson.build: no contraction, so that a sample means the same everywhere.
common="-std=c11 -O3 -DNDEBUG -ffp-contract=off -fno-math-errno -fno-trapping-math -pthread"
common="$common -D_GNU_SOURCE -I'$root/include' -I'$root/src' -I'$root/edge' $headers"
common="$common ${CFLAGS:-}"

# What the convolver, a voice and the GPU need of the tree. Those in $rows are compiled once for each
# instruction set, which src/kernel/meson.build lists with its flags.
core="base/accelerator base/memory base/status base/workers kernel/kernel kernel/rows
    dsp/convolve dsp/fft dsp/fft_float
    base/decimal voice/carrier_tones voice/curve voice/expression voice/operations voice/tones"
rows="dsp/convolve_head dsp/fft_float_run dsp/fft_passes dsp/fft_products voice/carrier"
machine=$($cc -dumpmachine)
case $machine in
arm64-*) family=aarch64 ;;
*) family=${machine%%-*} ;;
esac
instruction_sets=$(sed -n "/^  '$family': {/,/}/p" "$root/src/kernel/meson.build" |
    tr -d "[]{}' " | sed "s/^$family://" | sed -n 's/^\([a-z0-9]*\):\(.*[^,]\),*$/\1:\2/p')

list=$build/commands
: >"$list"
compile() { # OBJECT SOURCE FLAGS...
    object=$build/$1.o source=$2
    shift 2
    echo "$cc $common $* -c '$source' -o '$object'" >>"$list"
}

rm -f "$build"/*.o
sets=
for set in $instruction_sets; do
    name=${set%%:*}
    flags=$(echo "${set#*:}" | tr ',' ' ')
    # shellcheck disable=SC2086
    if ! echo 'int x;' | $cc $flags -x c -c - -o "$build/probe.o" 2>/dev/null; then
        continue
    fi
    sets="$sets -DPS_HAVE_$(echo "$name" | tr '[:lower:]' '[:upper:]')=1"
    compile "kernel_$name" "$root/src/kernel/kernel_$name.c" "$flags"
    for row in $rows; do
        compile "$(basename "$row")_$name" "$root/src/$row.c" "$flags -DPS_ROW_NAME=$name"
    done
done
rm -f "$build/probe.o"
common="$common $sets"
for source in $core $rows; do
    compile "$(echo "$source" | tr / _)" "$root/src/$source.c"
done

$cc -o "$build/embed" "$root/edge/gpu/embed.c"
for kernels in "$root"/edge/gpu/kernels/*.cl; do
    name=$(basename "$kernels" .cl)
    "$build/embed" "ps_${name}_source" "$kernels" >"$build/${name}_source.c"
    compile "${name}_source" "$build/${name}_source.c"
done
for name in fail file processors target workers; do
    compile "$name" "$root/edge/$name.c"
done
for source in "$root"/edge/gpu/*.c "$root/bench/gpu.c" "$root/bench/gpu_voices.c"; do
    case $source in
    */absent.c | */embed.c) ;;
    */plan.c) compile plan "$source" -w -Os ;; # VkFFT is a library of 33,000 lines in a header
    */bench/gpu.c) compile main "$source" ;;
    *) compile "$(basename "$source" .c)" "$source" ;;
    esac
done
processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
echo "gpu.sh: compiling $(wc -l <"$list") files with $cc, $processors at a time" >&2
rm -f "$build/failed"
share=0
while [ "$share" -lt "$processors" ]; do
    awk -v share="$share" -v of="$processors" 'NR % of == share' "$list" |
        while read -r command; do
            eval "$command" || echo "$command" >>"$build/failed"
        done &
    share=$((share + 1))
done
wait
[ ! -e "$build/failed" ] || { echo "gpu.sh: this failed:" >&2; cat "$build/failed" >&2; exit 1; }
$cc -pthread "$build"/*.o -o "$build/gpu" -lm -ldl
exec "$build/gpu" "$@"

#!/bin/sh
# Installs what is missing: tools/deps.sh SET..., where a set is build, demo, test, bench or docs.
# Says what it installs; says and does nothing when everything is there.
#
# Debian and its children: apt-get, through sudo when not root. macOS: Homebrew. Elsewhere it says
# what to install by hand. Something that only a test or a picture wants may stay missing (the test
# then skips and says so); what the build wants may not.
set -eu

# need | set | how to see that it is there | Debian package | Homebrew formula
#   must: nothing works without it     may: something is skipped without it
rows='
must | build | command -v cc                                  | gcc libc6-dev   | -
must | build | command -v c++                                 | g++             | -
must | build | command -v python3                             | python3         | python3
must | build | at_least 1.0 "$(meson --version)"              | meson           | meson
must | build | command -v ninja                               | ninja-build     | ninja
must | build | command -v pkg-config                          | pkg-config      | pkg-config
must | build | pkg-config --exists "sndfile >= 1.1"           | libsndfile1-dev | libsndfile
must | build | pkg-config --exists soxr                       | libsoxr-dev     | libsoxr
must | build | pkg-config --exists libpng                     | libpng-dev      | libpng
must | build | pkg-config --exists "jansson >= 2.13"          | libjansson-dev  | jansson
may  | build | has_header CL/cl.h                             | opencl-headers  | opencl-headers
may  | build | has_header vkFFT.h                             | libvkfft-dev    | -
may  | demo  | test -n "$(soundfonts)"                        | timgm6mb-soundfont | -
must | test  | pkg-config --exists cmocka                     | libcmocka-dev   | cmocka
must | test  | pkg-config --exists jansson                    | libjansson-dev  | jansson
may  | test  | pkg-config --exists libebur128                 | libebur128-dev  | libebur128
may  | test  | has_opencl                                     | ocl-icd-libopencl1 pocl-opencl-icd | -
may  | test  | command -v clang                               | clang           | -
may  | test  | clang_links -fsanitize=fuzzer,address          | libclang-rt-dev | -
may  | test  | python3 -c "import venv, ensurepip"         | python3-venv    | -
may  | test  | has_python_headers                          | python3-dev     | -
may  | test  | command -v clang-format                        | clang-format    | clang-format
may  | test  | command -v sox                                 | sox             | sox
may  | test  | command -v fluidsynth                          | fluidsynth      | fluid-synth
may  | test  | test -e /usr/share/sounds/sf2/TimGM6mb.sf2     | timgm6mb-soundfont | -
may  | test  | test -e /usr/share/sounds/sf2/FluidR3_GM.sf2   | fluid-soundfont-gm | -
may  | test  | test -e /usr/share/sounds/sf3/MuseScore_General_Lite.sf3 | musescore-general-soundfont-small | -
may  | test  | command -v qemu-aarch64                        | qemu-user       | -
may  | test  | command -v aarch64-linux-gnu-gcc               | gcc-aarch64-linux-gnu | -
may  | test  | test -e /usr/aarch64-linux-gnu/include/stdio.h | libc6-dev-arm64-cross | -
may  | test  | command -v wasm-ld                             | lld             | -
may  | test  | test -d /usr/include/wasm32-wasi               | wasi-libc       | -
may  | test  | wasm_links                                     | libclang-rt-dev-wasm32 | -
may  | test  | command -v node                                | nodejs          | node
may  | bench | command -v fluidsynth                          | fluidsynth      | fluid-synth
may  | bench | command -v cargo                               | cargo           | rust
may  | bench | pkg-config --exists fluidsynth                 | libfluidsynth-dev | -
may  | bench | test -e /usr/share/sounds/sf2/TimGM6mb.sf2     | timgm6mb-soundfont | -
may  | bench | test -e /usr/share/sounds/sf2/FluidR3_GM.sf2   | fluid-soundfont-gm | -
may  | bench | test -e /usr/share/sounds/sf3/MuseScore_General_Lite.sf3 | musescore-general-soundfont-small | -
may  | bench | python3 -c "import venv, ensurepip"            | python3-venv    | -
'

# A GM bank in one of the folders that the command searches.
soundfonts() {
    for folder in "${HOME:-/nowhere}/.local/share/soundfonts" /usr/share/sounds/sf2 /usr/share/sounds/sf3 \
        /usr/share/soundfonts /usr/local/share/soundfonts /opt/homebrew/share/soundfonts; do
        for bank in "$folder"/*.sf2 "$folder"/*.sf3; do
            [ ! -e "$bank" ] || echo "$bank"
        done
    done
    echo "${PLAINSONG_SOUNDFONT:-}"
}

has_header() { echo "#include <$1>" | cc -E - >/dev/null; }

has_python_headers() {
    test -e "$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h"
}

# A library and a driver.
has_opencl() { ldconfig -p | grep -q 'libOpenCL\.so\.1' && ls /etc/OpenCL/vendors/*.icd; }

at_least() { test "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1"; }

# Whether clang finds the run-time library that these flags need.
clang_links() {
    echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n); int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return n ? d[0] : 0; }' |
        clang -x c - -o /dev/null "$@"
}

wasm_links() {
    test -e "$(clang --target=wasm32-wasi -print-libgcc-file-name)"
}

say() { echo "plainsong: $*" >&2; }

# Prints "need package" for each row of the wanted sets whose check fails; column 4 or 5.
missing() {
    echo "$rows" | while IFS='|' read -r need set check debian brew; do
        set=$(echo "$set" | tr -d ' ')
        case " $sets " in *" ${set:-none} "*) ;; *) continue ;; esac
        [ "$system" = brew ] && package=$brew || package=$debian
        package=$(echo "$package" | sed 's/^ *//; s/ *$//')
        [ "$package" != - ] || continue
        (eval "$check") >/dev/null 2>&1 </dev/null || echo "$need $package"
    done
}

packages() { missing | sed 's/^[a-z]* *//' | tr ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/ $//'; }

has_candidate() {
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

run_apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

install_debian() {
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        if ! command -v sudo >/dev/null; then
            say "cannot install without root: apt-get install $1"
            return 1
        fi
    fi
    log=$(mktemp)
    for package in $1; do
        if ! has_candidate "$package"; then
            run_apt update >"$log" 2>&1 || { cat "$log" >&2; say "apt-get update failed"; }
            break
        fi
    done
    known=
    for package in $1; do
        if has_candidate "$package"; then
            known="$known $package"
        else
            say "this system has no package $package"
        fi
    done
    if [ -z "$known" ]; then
        rm -f "$log"
        return 0
    fi
    say "installing with apt-get:$known"
    # Stale lists name files that are gone: fetch new ones and try again.
    if ! run_apt install -y --no-install-recommends $known >"$log" 2>&1; then
        run_apt update >>"$log" 2>&1 || true
        run_apt install -y --no-install-recommends $known >>"$log" 2>&1 ||
            { tail -n 30 "$log" >&2; say "apt-get install failed"; }
    fi
    rm -f "$log"
}

install_brew() {
    say "installing with Homebrew: $1"
    brew install $1 >&2 || say "brew install failed"
}

sets=
for set in "$@"; do
    case $set in
    build | docs) sets="$sets build" ;;
    demo | test | bench) sets="$sets build $set" ;;
    *) say "no such set of dependencies: $set (build, demo, test, bench, docs)"; exit 2 ;;
    esac
done
[ -n "$sets" ] || { say "usage: tools/deps.sh build|demo|test|bench|docs..."; exit 2; }

if command -v apt-get >/dev/null 2>&1; then
    system=debian
elif command -v brew >/dev/null 2>&1; then
    system=brew
else
    system=unknown
fi

# Twice at most: pkg-config or clang may be what made the first look see too much missing.
before=
for round in 1 2; do
    wanted=$(packages)
    [ -n "$wanted" ] || exit 0
    [ "$wanted" != "$before" ] || break
    before=$wanted
    case $system in
    debian) install_debian "$wanted" || break ;;
    brew) install_brew "$wanted" || break ;;
    unknown) say "please install (Debian's names): $wanted"; break ;;
    esac
done

lacking=$(missing | grep '^must' | sed 's/^must *//' | tr '\n' ' ' | sed 's/ $//')
if [ -n "$lacking" ]; then
    say "still missing: $lacking"
    exit 1
fi

#!/bin/sh
# Builds FFTW 3.3.10 in single precision from its own source, twice: with the instruction sets up to
# AVX2, and with AVX-512 too (Debian's library stops at AVX). Takes minutes, once.
#
#   build.sh FOLDER     leaves FOLDER/avx2/lib/libfftw3f.so.3 and FOLDER/avx512/lib/libfftw3f.so.3
#
# The source is FOLDER/fftw-3.3.10.tar.gz if it lies there, else that of Debian's source package; the
# machine's own list of packages is left as it is.
set -eu
mkdir -p "$1"
cd "$1"
folder=$(pwd)
name=fftw-3.3.10
sum=56c932549852cddcfafdab3820b0200c7742675be92179e59e6215b340e26467

# The sources of what the machine takes its packages from.
fetch() {
    mkdir -p apt/sources apt/lists/partial
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"apt/sources/$(basename "$file")"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] && sed -n 's/^deb /deb-src /p' "$file" >"apt/sources/$(basename "$file" .list).list"
    done
    set -- -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/apt/sources" \
        -o Dir::State::Lists="$folder/apt/lists" -o APT::Sandbox::User=root
    apt-get "$@" update
    (cd apt && apt-get "$@" source --download-only fftw3=3.3.10-1)
    mv apt/fftw3_3.3.10.orig.tar.gz $name.tar.gz
}

[ -f $name.tar.gz ] || fetch
echo "$sum  $name.tar.gz" | sha256sum --check --quiet
[ -d $name ] || tar xf $name.tar.gz

for row in avx2 avx512; do
    [ -f $row/lib/libfftw3f.so.3 ] && continue
    wide=
    [ $row = avx512 ] && wide=--enable-avx512
    mkdir -p build-$row
    (cd build-$row &&
        ../$name/configure --quiet --enable-single --enable-sse2 --enable-avx --enable-avx2 $wide \
            --enable-shared --disable-static --disable-fortran --disable-doc \
            --prefix="$folder/$row" >configure.txt &&
        make -s -j"$(nproc)" >make.txt 2>&1 && make -s install >>make.txt 2>&1)
done

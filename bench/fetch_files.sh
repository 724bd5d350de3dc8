#!/bin/sh
# Puts real MIDI files, written by other people, into build-bench/files: taken out of Debian packages
# (free games and music programs). They are measured here and never copied into the repository.
#
#   bench/fetch_files.sh [FOLDER [PACKAGE...]]     all packages (about 90 MB), or only those named
set -eu
here=$(cd "$(dirname "$0")" && pwd)
files=${1:-$here/../build-bench/files}
[ $# -gt 0 ] && shift
wanted=" $* "
packages=$files/../packages
mkdir -p "$files" "$packages"
files=$(cd "$files" && pwd)
packages=$(cd "$packages" && pwd)

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
    echo "fetch_files.sh: needs Debian's apt-get and dpkg; the synthetic files are measured without it" >&2
    exit 1
fi

# name in build-bench/files, package, path inside it. Kinds: solo keyboard, band, orchestra, techno
# with GS system exclusives, XG, many bends, format 0, hundreds of tracks, ten minutes.
while read -r name package path; do
    case $name in '' | \#*) continue ;; esac
    [ -s "$files/$name.mid" ] && continue
    case "$wanted" in '  ' | *" $package "*) ;; *) continue ;; esac
    if [ ! -d "$packages/$package" ]; then
        (cd "$packages" && apt-get download -q "$package" >/dev/null 2>&1) || {
            echo "fetch_files.sh: package $package cannot be had; $name is left out" >&2
            continue
        }
        mkdir -p "$packages/$package"
        dpkg -x "$packages/$package"_*.deb "$packages/$package"
        rm "$packages/$package"_*.deb
    fi
    found=$packages/$package/$path
    if [ -f "$found.gz" ]; then
        gunzip -c "$found.gz" >"$files/$name.mid"
    elif [ -f "$found" ]; then
        cp "$found" "$files/$name.mid"
    else
        echo "fetch_files.sh: $package no longer holds $path; $name is left out" >&2
    fi
done <<'LIST'
bach-invention      playmidi                usr/share/doc/playmidi/examples/bach-invention-01.mid
bwv772-harpsichord  chuck-data              usr/share/doc/chuck-data/examples/midi/bwv772.mid
what-a-friend-piano faust-common            usr/share/faust/examples/physicalModeling/faust-stk/pd-patches/fancy/what-a-friend/what_a_friend.mid
keep-on-rolling     openttd-openmsx         usr/share/games/openttd/baseset/openmsx/keep_on_rolling.mid
tttheme2            openttd-openmsx         usr/share/games/openttd/baseset/openmsx/tttheme2.mid
harp-harmony        openttd-openmsx         usr/share/games/openttd/baseset/openmsx/harp_harmony.mid
alternative         simutrans-data          usr/share/games/simutrans/music/40-alternative.mid
libertador          simutrans-data          usr/share/games/simutrans/music/41-Libertador.mid
niagara             simutrans-data          usr/share/games/simutrans/music/14-Last-journey-of-the-Niagara.mid
techno-gs           simutrans-data          usr/share/games/simutrans/music/48-Techno-movement.mid
oriental-xg         simutrans-data          usr/share/games/simutrans/music/52-Dreamy-Oriental-Nights.mid
steamin             simutrans-data          usr/share/games/simutrans/music/12-Steamin-across-the-prairies.mid
out-there           yoshimi-data            usr/share/yoshimi/examples/Out_There.mid
kobo-bends          kobodeluxe-data         usr/share/kobo-deluxe/sfx/test2.mid
dink-1003           freedink-data           usr/share/games/dink/dink/Sound/1003.mid
dink-104            freedink-data           usr/share/games/dink/dink/Sound/104.mid
pangzero            pangzero                usr/share/perl5/auto/share/dist/Games-PangZero/UPiPang.mid
crimson-380-tracks  crimson                 usr/share/games/crimson/music/default.mid
planetblupi-long    planetblupi-music-midi  usr/share/planetblupi/music/music009.mid
LIST
rm -r "$packages"
ls "$files"/*.mid | wc -l | sed 's/$/ real MIDI files in build-bench\/files/'

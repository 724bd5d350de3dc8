#!/bin/sh
# Renders one MIDI file and one track, draws the waveform, says where all lie:
# tools/demo.sh COMMAND MIDI FOLDER
set -eu
command=$1 midi=$2 folder=$3
name=$(basename "$midi" .mid)

# TimGM6mb where it is; else what the command finds; else the small bank of the tests.
set --
for bank in /usr/share/sounds/sf2/TimGM6mb.sf2 "${PLAINSONG_SOUNDFONT:-}"; do
    [ ! -f "$bank" ] || { set -- --soundfont "$bank"; break; }
done
if [ $# -eq 0 ] && [ -z "$("$command" list soundfonts 2>/dev/null)" ]; then
    set -- --soundfont tests/data/soundfont/VintageDreamsWaves-v2.sf2
fi

show() {
    echo "\$ $*"
    "$@"
}
show "$command" render "$midi" -o "$folder/$name.wav" "$@" --level peak:-1
show "$command" waveform "$folder/$name.wav" -o "$folder/$name.png" --width 1000 --height 200
show "$command" render examples/tracks/evening.json -o "$folder/evening.flac"
echo
echo "The sound:    $folder/$name.wav"
echo "The waveform: $folder/$name.png"
echo "The track:    $folder/evening.flac"

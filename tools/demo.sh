#!/bin/sh
# Renders one MIDI file, draws its waveform, says where both lie: tools/demo.sh COMMAND MIDI FOLDER
set -eu
command=$1 midi=$2 folder=$3
name=$(basename "$midi" .mid)

"$command" render "$midi" -o "$folder/$name.wav" --json >"$folder/$name.json"
"$command" waveform "$folder/$name.wav" -o "$folder/$name.png" --width 1000 --height 200
python3 - "$folder" "$name" <<'END'
import json, sys
folder, name = sys.argv[1:]
report = json.load(open(f'{folder}/{name}.json'))
print(json.dumps(report, indent=1))
END

#!/usr/bin/env python3
"""Writes share/presets/*.json as a C table: embed_presets.py OUT.c FILE..."""
import json
import pathlib
import sys


def literal(text):
    lines = text.splitlines(keepends=True) or ['']
    return '\n'.join('     ' + json.dumps(line, ensure_ascii=True) for line in lines)


def main():
    out, files = sys.argv[1], sorted(map(pathlib.Path, sys.argv[2:]))
    rows = []
    for file in files:
        text = json.dumps(json.loads(file.read_text()), ensure_ascii=True, indent=1) + '\n'
        rows.append(f'    {{"{file.stem}",\n{literal(text)}}},\n')
    pathlib.Path(out).write_text(
        '/* Made of share/presets by tools/embed_presets.py. */\n#include "presets.h"\n\n'
        'const ps_builtin_preset ps_builtin_presets[] = {\n' + ''.join(rows) + '    {0, 0},\n};\n')


if __name__ == '__main__':
    main()

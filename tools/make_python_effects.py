#!/usr/bin/env python3
"""Writes python/plainsong/effects.py, a typed class for each effect, from the engine's tables.

    tools/make_python_effects.py COMMAND            writes it
    tools/make_python_effects.py --check COMMAND    fails when it is not what it would write
"""
import json
import pathlib
import subprocess
import sys
import textwrap

FILE = pathlib.Path(__file__).resolve().parent.parent / 'python/plainsong/effects.py'
HEAD = '''"""The effects, a class each. Written by tools/make_python_effects.py from the engine's tables.

>>> import plainsong
>>> from plainsong.effects import Compressor, Gain
>>> str(Compressor(threshold=-30, ratio=2.5) + Gain(gain=2))
'compressor:threshold=-30,ratio=2.5 | gain:gain=2'
>>> plainsong.process(memoryview(bytes(800)).cast('f'), 8000, Gain(gain=-6)).frames
200
"""
from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from ._effect import Effect

'''


def tables(command):
    said = subprocess.run([command, 'list', 'effects', '--json'], text=True, check=True,
                          capture_output=True)
    return json.loads(said.stdout)


def class_name(effect):
    return ''.join(word.capitalize() for word in effect['name'].split('-'))


def field_name(row):
    return row['name'].replace('-', '_')


def type_of(row):
    if row['kind'] == 'number':
        kind = 'float'
    elif row['kind'] == 'flag':
        kind = 'bool'
    elif row['kind'] == 'choice':
        kind = f"Literal[{', '.join(repr(word) for word in row['choices'])}]"
    else:
        kind = 'str | os.PathLike[str]'
    return f'Sequence[{kind} | None]' if row.get('copies') else kind


def preset_of(row):
    if row.get('copies'):
        return '()'
    if row['kind'] == 'number':
        return repr(float(row['preset']))
    if row['kind'] == 'flag':
        return repr(bool(row['preset']))
    return repr(row['preset'] or '')


def words_of(row):
    words = f"{field_name(row)}: {row['meaning']}"
    if row['kind'] == 'number':
        unit = f" {row['unit']}" if row['unit'] else ''
        words += f" ({row['low']:g}..{row['high']:g}{unit})"
    if row.get('copies'):
        preset = f"{row['preset']:g}" if row['kind'] == 'number' else row['preset']
        words += f"; one for each of up to {row['copies']}, None: {preset}"
    return textwrap.fill(words, 96, initial_indent=' ' * 8, subsequent_indent=' ' * 12)


def field_of(row):
    line = f"    {field_name(row)}: {type_of(row)} = {preset_of(row)}"
    if len(line) <= 100:
        return line
    head, inside = line.split('[', 1)
    inside, tail = inside.rsplit(']', 1)
    body = textwrap.fill(inside, 92, initial_indent=' ' * 8, subsequent_indent=' ' * 8,
                         break_on_hyphens=False, break_long_words=False)
    return f'{head}[\n{body}]{tail}'


def class_of(effect):
    rows = effect['parameters']
    words = '\n'.join(words_of(row) for row in rows)
    summary = effect['summary'][:1].upper() + effect['summary'][1:] + '.'
    doc = f'    """{summary}\n\n    Args:\n{words}\n    """\n' if rows else f'    """{summary}"""\n'
    fields = '\n'.join(field_of(row) for row in rows)
    return (f'\n@dataclass(frozen=True, kw_only=True)\nclass {class_name(effect)}(Effect):\n{doc}\n'
            f"    name: ClassVar[str] = '{effect['name']}'\n{fields}\n")


def module(command):
    effects = tables(command)
    names = ''.join(f'    {class_name(effect)!r},\n' for effect in effects)
    return HEAD + f"__all__ = [\n    'Effect',\n{names}]\n\n" + '\n'.join(map(class_of, effects))


def main():
    check = sys.argv[1:2] == ['--check']
    text = module(sys.argv[-1])
    if not check:
        FILE.write_text(text)
    elif FILE.read_text() != text:
        sys.exit(f'{FILE.name} is not what {sys.argv[0]} writes: run it')


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main()

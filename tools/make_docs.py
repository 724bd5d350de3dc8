#!/usr/bin/env python3
"""Writes what the command says of itself into docs/: all of command-line.md, the tables of voices in
tracks.md, those of effects and presets in effects.md.

    tools/make_docs.py COMMAND            writes the pages
    tools/make_docs.py --check COMMAND    fails when a page is not what it would write
"""
import json
import os
import pathlib
import re
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parent.parent / 'docs'
HEAD = '''# The command line

What `plainsong COMMAND --help` prints, in one place. The manual page (`man plainsong`) and the
completions of bash, zsh and fish come from the same tables. `make docs` writes this page.
'''
VOICES_BEGIN = '<!-- voices: written by tools/make_docs.py -->\n'
VOICES_END = '<!-- end of voices -->\n'
COMMON = {'transition': 'Of transitions', 'flanger': 'Of the flanger', 'spatial': 'Of the place in the room'}


def said_by(command, *words):
    said = subprocess.run([command, *words], text=True, check=True, capture_output=True,
                          env=dict(os.environ, COLUMNS='80', NO_COLOR='1', LC_ALL='C'))
    return said.stdout.rstrip()


def commands_in(text):
    """The names in the paragraph that begins with "commands:"."""
    listed = re.search(r'^commands:\n((?:  .*\n)+)', text + '\n', re.M)
    return re.findall(r'^  (\S+) {2,}', listed.group(1), re.M) if listed else []


def sections(command, names=()):
    text = said_by(command, *names, '--help')
    yield f'{"#" * (2 + len(names[1:]))} {" ".join(["plainsong", *names])}\n\n```text\n{text}\n```\n'
    for name in commands_in(text):
        yield from sections(command, (*names, name))


def number(value):
    return f'{value:.6g}'


def preset(row):
    if row['kind'] == 'number':
        return number(row['preset'])
    if row['kind'] in ('flag', 'switch'):
        return 'yes' if row['preset'] else 'no'
    return f'`{row["preset"]}`' if row['preset'] else ''


def meaning(row):
    words = row['meaning']
    if row.get('choices'):
        words += ': ' + ', '.join(f'`{word}`' for word in row['choices'])
    if row['glide'] == 'own':
        words += (f'; in a transition `{row["start"]}` ({number(row["start_preset"])}) and'
                  f' `{row["end"]}` ({number(row["end_preset"])})')
    elif row['glide'] == 'chain' and row['start'] != 'start' + row['name'][0].upper() + row['name'][1:]:
        words += f'; in a transition `{row["start"]}` and `{row["end"]}`'
    else:
        words += {'start': '; a transition keeps it at its start', 'absent': '; not in a transition',
                  'only': '; only in a transition', 'none': '', 'chain': '',
                  'apart': '; each end of a transition falls back on it'}[row['glide']]
    return words.replace('|', '\\|')


def table(rows):
    lines = ['| parameter | preset | range | unit | meaning |', '| --- | --- | --- | --- | --- |']
    for row in rows:
        span = f'{number(row["low"])} to {number(row["high"])}' if 'low' in row else ''
        lines.append(f'| `{row["name"]}` | {preset(row)} | {span} | {row["unit"]} | {meaning(row)} |')
    return '\n'.join(lines) + '\n'


def voices(command):
    said = json.loads(said_by(command, 'list', 'voices', '--json'))
    for voice in said['voices']:
        moves = '' if voice['transition'] else ' It has no transition.'
        summary = voice['summary'][0].upper() + voice['summary'][1:]
        yield f'\n### {voice["name"]}\n\n{summary}.{moves}\n\n{table(voice["parameters"])}'
    yield '\n## What voices take besides\n'
    for name, rows in said['common'].items():
        yield f'\n### {COMMON[name]}\n\n{table(rows)}'


def tracks(command):
    text = (DOCS / 'tracks.md').read_text()
    before, rest = text.split(VOICES_BEGIN)
    return before + VOICES_BEGIN + ''.join(voices(command)) + '\n' + VOICES_END + rest.split(VOICES_END)[1]


def effect_name(row):
    return f'{row["name"]}1..{row["copies"]}' if 'copies' in row else row['name']


def effect_meaning(row):
    words = row['meaning'] + (': ' + ', '.join(f'`{word}`' for word in row['choices'])
                              if 'choices' in row else '')
    return words.replace('|', '\\|') + ('; fixed while it runs' if row['fixed'] else '')


def effects_tables(command):
    for effect in json.loads(said_by(command, 'list', 'effects', '--json')):
        summary = effect['summary'][0].upper() + effect['summary'][1:]
        yield f'\n### {effect["name"]}\n\n{summary}.\n'
        if 'items' in effect:
            yield f'\n`{effect["name"]}:` {effect["items"].replace("|", chr(92) + "|")}\n'
        if not effect['parameters']:
            continue
        yield '\n| parameter | preset | range | unit | meaning |\n| --- | --- | --- | --- | --- |\n'
        for row in effect['parameters']:
            span = f'{number(row["low"])} to {number(row["high"])}' if 'low' in row else ''
            value = (number(row['preset']) if row['kind'] == 'number' else
                     ('on' if row['preset'] else 'off') if row['kind'] == 'flag' else
                     f'`{row["preset"]}`')
            yield (f'| `{effect_name(row)}` | {value} | {span} | {row["unit"]} |'
                   f' {effect_meaning(row)} |\n')


def presets_table(command):
    env = dict(os.environ, PLAINSONG_PRESETS='/nowhere')
    said = subprocess.run([command, 'list', 'presets', '--effects', '--json'], text=True, check=True,
                          capture_output=True, env=env)
    yield '\n| preset | what for | chain |\n| --- | --- | --- |\n'
    for row in json.loads(said.stdout)['effects']:
        chain = row['chain'].replace('|', '\\|')
        yield f'| `{row["name"]}` | {row["description"]} | `{chain}` |\n'


def between(text, name, written):
    begin, end = f'<!-- {name}: written by tools/make_docs.py -->\n', f'<!-- end of {name} -->\n'
    before, rest = text.split(begin)
    return before + begin + written + '\n' + end + rest.split(end)[1]


def effects(command):
    text = (DOCS / 'effects.md').read_text()
    text = between(text, 'presets', ''.join(presets_table(command)))
    return between(text, 'effects', ''.join(effects_tables(command)))


def main():
    check, command = sys.argv[1:2] == ['--check'], sys.argv[-1]
    pages = {'command-line.md': HEAD + '\n' + '\n'.join(sections(command)), 'tracks.md': tracks(command),
             'effects.md': effects(command)}
    for name, page in pages.items():
        path = DOCS / name
        if not check:
            path.write_text(page)
        elif not path.exists() or path.read_text() != page:
            sys.exit(f'docs/{name} is not what the command says: make docs writes it anew')


if __name__ == '__main__':
    main()

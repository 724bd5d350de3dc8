#!/usr/bin/env python3
"""Writes docs/command-line.md from what the command says of itself.

    tools/make_docs.py COMMAND            writes the page
    tools/make_docs.py --check COMMAND    fails when the page is not what it would write
"""
import os
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / 'docs' / 'command-line.md'
HEAD = '''# The command line

What `plainsong COMMAND --help` prints, in one place. The manual page (`man plainsong`) and the
completions of bash, zsh and fish come from the same tables. `make docs` writes this page.
'''


def help_of(command, names):
    said = subprocess.run([command, *names, '--help'], text=True, check=True, capture_output=True,
                          env=dict(os.environ, COLUMNS='80', NO_COLOR='1', LC_ALL='C'))
    return said.stdout.rstrip()


def commands_in(text):
    """The names in the paragraph that begins with "commands:"."""
    listed = re.search(r'^commands:\n((?:  .*\n)+)', text + '\n', re.M)
    return re.findall(r'^  (\S+) {2,}', listed.group(1), re.M) if listed else []


def sections(command, names=()):
    text = help_of(command, names)
    yield f'{"#" * (2 + len(names[1:]))} {" ".join(["plainsong", *names])}\n\n```text\n{text}\n```\n'
    for name in commands_in(text):
        yield from sections(command, (*names, name))


def main():
    check = sys.argv[1:2] == ['--check']
    page = HEAD + '\n' + '\n'.join(sections(sys.argv[-1]))
    if check:
        if not PAGE.exists() or PAGE.read_text() != page:
            sys.exit('docs/command-line.md is not what the command says: make docs writes it anew')
    else:
        PAGE.write_text(page)


if __name__ == '__main__':
    main()

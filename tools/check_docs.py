#!/usr/bin/env python3
"""Checks that what the Markdown files link to exists: files, pictures, headings."""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTSIDE = re.compile(r'^[a-z]+:')


def pages():
    skip = ('build', '.', 'demo', 'node_modules')
    return sorted(path for path in ROOT.rglob('*.md')
                  if not any(part.startswith(skip) for part in path.relative_to(ROOT).parts))


def prose(text):
    """The text without code blocks and code spans."""
    return re.sub(r'`[^`\n]*`', '', re.sub(r'^```.*?^```', '', text, flags=re.M | re.S))


def anchors(path):
    """GitHub's names of the headings."""
    headings = re.findall(r'^#+ +(.*)$', re.sub(r'^```.*?^```', '', path.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


def ignored(path):
    return shutil.which('git') and subprocess.run(
        ['git', 'check-ignore', '-q', str(path)], cwd=ROOT, stderr=subprocess.DEVNULL).returncode == 0


def main():
    bad = links = 0
    for page in pages():
        for target in re.findall(r'\]\(<?([^)>\s]+)[^)]*\)', prose(page.read_text())):
            if OUTSIDE.match(target):
                continue
            links += 1
            name, _, anchor = target.partition('#')
            path = (page.parent / name).resolve() if name else page
            words = ''
            if not path.exists():
                words = 'is not there'
            elif ignored(path):
                words = 'is not in the repository'
            elif anchor and path.suffix == '.md' and anchor not in anchors(path):
                words = 'has no such heading'
            if words:
                bad += 1
                print(f'{page.relative_to(ROOT)}: {target} {words}')
    print(f'{links} links, {bad} broken')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())

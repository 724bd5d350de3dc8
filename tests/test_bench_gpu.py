#!/usr/bin/env python3
"""bench/gpu.sh builds with a compiler and headers alone, and its tables hold every case."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LENGTHS, RESPONSES, COUNTS = 4, 4, 3


def headers(folder):
    """The headers as they would be carried along: in a folder of their own."""
    found = []
    for name in ('CL', 'vkFFT.h', 'vkFFT'):
        for place in ('/usr/include', '/usr/local/include'):
            path = pathlib.Path(place, name)
            if path.exists():
                (folder / name).symlink_to(path)
                found += ['-I', str(folder)]
                break
    return found


def number(cell):
    return float(cell.strip().lstrip('~').removesuffix('s').removesuffix('%'))


def check(text):
    rows = [line.strip('|').split('|') for line in text.splitlines() if re.match(r'\| [\d.]+ s \|', line)]
    assert len(rows) == LENGTHS * RESPONSES * COUNTS, f'{len(rows)} rows'
    for row in rows:
        assert len(row) == 8, row
        assert all(number(cell) >= 0.0 for cell in row), row
        assert number(row[2]) > 0.0 and number(row[6]) > 0.0, row
        ratio = number(row[6]) / number(row[2])
        assert abs(ratio - number(row[7])) <= 0.06, row
    voices = re.findall(r'^\| (?:plain|every modulator) \| \d+ \|(.*)\|$', text, re.MULTILINE)
    assert len(voices) == 4, voices
    assert all(number(cell) >= 0.0 for row in voices for cell in row.split('|')), voices
    differences = [float(x) for x in re.findall(r'(\d\.\de[-+]\d+) \(', text)]
    assert len(differences) == RESPONSES and max(differences) <= 1e-5, differences
    assert len(re.findall(r'^- 4 files of 1 s .* times one core', text, re.MULTILINE)) == 2, text


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        carried = folder / 'headers'
        carried.mkdir()
        ran = subprocess.run(
            [ROOT / 'bench' / 'gpu.sh', *headers(carried), '--build', folder / 'build', '--quick',
             '--seconds', '0.01', '--cache', os.environ.get('PS_GPU_CACHE', '')],
            stdout=subprocess.PIPE, text=True)
        print(ran.stdout)
        if ran.returncode != 77:
            assert ran.returncode == 0, f'it ends with {ran.returncode}'
            check(ran.stdout)
        return ran.returncode


if __name__ == '__main__':
    sys.exit(main())

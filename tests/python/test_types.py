"""The types: strictly checked, and the stubs are what the extension has."""
import pathlib
import subprocess
import sys

import pytest

import plainsong

pytest.importorskip('mypy')
USER = '''
import plainsong
from plainsong import aio, effects
from typing import assert_type

audio = plainsong.render('song.mid')
assert_type(audio, plainsong.AudioBuffer)
assert_type(plainsong.render('song.mid', 'song.wav'), plainsong.Report)
assert_type(plainsong.synthesize_midi('a.mid', 'a.wav', fade_out=2.0), float)
wet = plainsong.process(audio, chain=[effects.Gain(gain=-6), 'mono'])
assert_type(plainsong.loudness(wet).lufs, float)
memoryview(wet)
for block in plainsong.open_source('song.mid'):
    assert_type(block, plainsong.AudioBuffer)

async def later() -> None:
    assert_type(await aio.process(audio), plainsong.AudioBuffer)
'''
WRONG = '''
import plainsong
from plainsong import effects
plainsong.render('a.mid', interpolation='best')
effects.Gain(loudness=3)
plainsong.SoundFont(3)
'''


def mypy(*arguments, folder):
    return subprocess.run([sys.executable, '-m', *arguments], capture_output=True, text=True,
                          cwd=folder)


def test_stubs_are_what_the_extension_has(tmp_path):
    # Python 3.11 has the buffer protocol, but no name for it; several literals are no Union there.
    (tmp_path / 'allowed').write_text('plainsong._core.AudioBuffer.__buffer__\n'
                                      'plainsong._types.(BankMode|Bits|Format|Interpolation)\n')
    done = mypy('mypy.stubtest', '--concise', '--allowlist', 'allowed',
                '--ignore-unused-allowlist', 'plainsong', folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_is_strictly_typed(tmp_path):
    done = mypy('mypy', '--strict', '-p', 'plainsong', folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_users_program_is_checked(tmp_path):
    assert (pathlib.Path(plainsong.__file__).parent / 'py.typed').exists()
    (tmp_path / 'user.py').write_text(USER)
    done = mypy('mypy', '--strict', 'user.py', folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / 'wrong.py').write_text(WRONG)
    done = mypy('mypy', '--strict', 'wrong.py', folder=tmp_path)
    assert done.stdout.count('error:') == 3, done.stdout

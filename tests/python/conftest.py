"""What the tests share: the bank, the pieces, the command to compare with."""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MIDI = ROOT / 'examples/debussy-jardins.mid'
TRACKS = ROOT / 'examples/tracks'
BANK = pathlib.Path('/usr/share/sounds/sf2/TimGM6mb.sf2')


def find_bank():
    named = os.environ.get('PLAINSONG_SOUNDFONT')
    bank = pathlib.Path(named) if named else BANK
    if not bank.exists():
        pytest.skip(f'there is no {bank}')
    return bank


@pytest.fixture
def bank():
    return find_bank()


@pytest.fixture
def midi(bank):
    """A real piece of 220 s; wants a bank, as nothing sounds without one."""
    return MIDI


def find_command():
    named = os.environ.get('PLAINSONG_COMMAND') or shutil.which('plainsong')
    if not named:
        pytest.skip('there is no plainsong command: set PLAINSONG_COMMAND')
    return named


@pytest.fixture
def command():
    """Runs the command with arguments; text of its standard output."""
    program = find_command()

    def run(*arguments):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run

"""The examples in the docstrings run."""
import doctest
import importlib
import pkgutil

import pytest
from conftest import MIDI, TRACKS

import plainsong

MODULES = ['plainsong'] + [
    module.name for module in pkgutil.walk_packages(plainsong.__path__, 'plainsong.')
    if not module.name.startswith('plainsong._core')]


@pytest.mark.parametrize('name', MODULES)
def test_examples_run(bank, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    told = doctest.testmod(module, extraglobs={'EXAMPLE_MIDI': str(MIDI),
                                               'EXAMPLE_TRACK': str(TRACKS / 'focus.json')})
    assert told.failed == 0


def test_everything_public_has_words():
    for name in plainsong.__all__:
        thing = getattr(plainsong, name)
        assert thing.__doc__, name
        if isinstance(thing, type):
            for key, member in vars(thing).items():
                if not key.startswith('_') and (callable(member) or hasattr(member, '__get__')):
                    assert getattr(member, '__doc__', None), f'{name}.{key}'

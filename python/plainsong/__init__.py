"""Plainsong: one audio engine for MIDI with SoundFonts, brainwave tracks and effects.

    import plainsong

    plainsong.render('song.mid', 'song.wav', soundfont='bank.sf2')
    audio = plainsong.render('song.mid')    # an AudioBuffer; numpy.asarray(audio) shares it

docs/python.md is the manual.
"""
from ._core import (AudioBuffer, EffectChain, Score, SoundFont, Source, Track, cache_info,
                    clear_cache)
from ._core import version as _version
from ._errors import (ArgumentError, CancelledError, DataError, Error, NoMemoryError, NotFoundError,
                      PlainsongWarning, ReadError, UnsupportedError, WriteError)
from ._old import (render_full_wav, render_sample_wav, synthesize_midi, synthesize_midi_zerocopy)
from ._render import Loudness, Report, loudness, open_source, process, render

__version__ = _version()

__all__ = [
    'ArgumentError', 'AudioBuffer', 'CancelledError', 'DataError', 'EffectChain', 'Error',
    'Loudness', 'NoMemoryError', 'NotFoundError', 'PlainsongWarning', 'ReadError', 'Report',
    'Score', 'SoundFont', 'Source', 'Track', 'UnsupportedError', 'WriteError', 'cache_info',
    'clear_cache', 'loudness', 'open_source', 'process', 'render', 'render_full_wav',
    'render_sample_wav', 'synthesize_midi', 'synthesize_midi_zerocopy',
]

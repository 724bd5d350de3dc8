"""The names of the old module rust_audio_engine that the engine has.

>>> from plainsong.compat import rust_audio_engine
>>> rust_audio_engine.synthesize_midi_zerocopy(EXAMPLE_MIDI, duration=0.1).frames
4410
"""
from .._old import synthesize_midi, synthesize_midi_zerocopy

__all__ = ['synthesize_midi', 'synthesize_midi_zerocopy']

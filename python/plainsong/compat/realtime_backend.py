"""The names of the old module realtime_backend that the engine has.

>>> from plainsong.compat import realtime_backend
>>> realtime_backend.render_sample_wav(EXAMPLE_TRACK, 'sample.wav')
"""
from .._old import render_full_wav, render_sample_wav

__all__ = ['render_full_wav', 'render_sample_wav']

"""The functions of the two old modules, with their names and signatures; more as keywords."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import _core, _render, _sound

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from . import _types

SAMPLE_SEC = 60.0  # what render_sample_wav renders


def synthesize_midi(midi_path: _types.Path, output_path: _types.Path,
                    soundfont_path: _types.Bank | list[_types.Bank] | None = None,
                    sample_rate: int = 44100, use_gpu: bool = True, reverb: bool = True,
                    **options: Unpack[_types.FileOptions]) -> float:
    """Plays a MIDI file into an audio file; the seconds of audio written.

    Args:
        midi_path: the MIDI file
        output_path: the audio file; its name says the format
        soundfont_path: an SF2 or SF3 bank; None: as SoundFont() finds one
        sample_rate: frames per second, 8000..192000
        use_gpu: use a GPU where it is faster
        reverb: the old engine's room of 100 ms
        **options: keywords of render()

    Raises:
        NotFoundError, DataError, WriteError, ...: see render()

    >>> import plainsong
    >>> round(plainsong.synthesize_midi(EXAMPLE_MIDI, 'lesson.wav', duration=1.5), 3)
    1.5
    """
    report = _render.render(_core.Score(midi_path, strict=options.get('strict', False)),
                            output_path, soundfont=soundfont_path, sample_rate=sample_rate,
                            gpu=bool(use_gpu), reverb=bool(reverb), **options)
    return report.seconds


def synthesize_midi_zerocopy(midi_path: _types.Path,
                             soundfont_path: _types.Bank | list[_types.Bank] | None = None,
                             sample_rate: int = 44100, use_gpu: bool = True, reverb: bool = True,
                             **options: Unpack[_types.Options]) -> _core.AudioBuffer:
    """Plays a MIDI file into memory: an AudioBuffer, which numpy.asarray shares.

    Parameters as of synthesize_midi().

    >>> import plainsong
    >>> plainsong.synthesize_midi_zerocopy(EXAMPLE_MIDI, duration=0.5).shape
    (22050, 2)
    """
    return _render.render(_core.Score(midi_path, strict=options.get('strict', False)),
                          soundfont=soundfont_path, sample_rate=sample_rate, gpu=bool(use_gpu),
                          reverb=bool(reverb), **options)


def _render_wav(track_json_str: _types.TrackLike, out_path: _types.Path, duration: float | None,
                options: _types.RenderOptions) -> None:
    folder = os.path.dirname(os.fsdecode(out_path))
    track = _sound.track_of(track_json_str, options.get('strict', False))
    if folder:
        os.makedirs(folder, exist_ok=True)
    options.setdefault('format', 'wav')
    options.setdefault('duration', duration)
    _render.render(track, out_path, **options)


def render_sample_wav(track_json_str: _types.TrackLike, out_path: _types.Path,
                      **options: Unpack[_types.RenderOptions]) -> None:
    """Renders the first 60 seconds of a track into a 16-bit WAV file.

    Args:
        track_json_str: JSON text, a dict or a path
        out_path: the file; missing folders are made
        **options: keywords of render()

    Raises:
        DataError (a ValueError) for bad JSON, WriteError (an OSError), ...
    """
    _render_wav(track_json_str, out_path, SAMPLE_SEC, options)


def render_full_wav(track_json_str: _types.TrackLike, out_path: _types.Path,
                    **options: Unpack[_types.RenderOptions]) -> None:
    """Renders a whole track into a 16-bit WAV file; parameters as of render_sample_wav()."""
    _render_wav(track_json_str, out_path, None, options)

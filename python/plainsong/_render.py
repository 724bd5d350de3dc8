"""Playing: pieces as sources, into memory and into files; effects on samples; loudness."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from . import _core, _sound

if TYPE_CHECKING:
    from typing import Any, overload

    from . import _types


class Report(NamedTuple):
    """What render() has written to a file."""

    seconds: float  #: of audio
    frames: int
    sample_rate: int  #: frames per second
    peak: float  #: largest sample, linear
    true_peak: float  #: largest swing, also between samples, linear
    rms: float  #: of all channels, linear
    lufs: float  #: integrated loudness by EBU R128; -inf when silent
    gain: float  #: that the level took, linear
    prevented_clipping: bool  #: level 'auto' turned it down, as it would have clipped
    clipped: int  #: samples beyond full scale in an integer file
    master: str | None  #: the chain that mastering made, as text


class Loudness(NamedTuple):
    """Levels of a whole recording; see loudness()."""

    frames: int
    lufs: float  #: integrated loudness; -inf when silent or under 400 ms
    max_momentary: float  #: loudest 400 ms, in LUFS
    max_short_term: float  #: loudest 3 s, in LUFS; -inf under 3 s
    range: float  #: loudness range, in LU
    peak: float  #: largest sample, linear
    true_peak: float  #: largest swing, also between samples, linear
    rms: float  #: of all channels, linear


def open_source(piece: _types.Piece, *, soundfont: _types.Bank | list[_types.Bank] | None = None,
                sample_rate: int | None = None, effects: _types.Chain | None = None,
                channel_effects: dict[int, _types.Chain] | None = None, reverb: bool = False,
                ir: _types.Path | None = None, master: bool = False, master_lufs: float = -14.0,
                tail: float | None = None, loops: int = 0,
                interpolation: _types.Interpolation = 'cubic', polyphony: int = 256,
                bank_mode: _types.BankMode = 'gs', gain: float = 0.0, synth_reverb: bool = True,
                synth_chorus: bool = True, reference: bool = False, seed: int = 0,
                threads: int = 0, gpu: _types.Gpu = 'auto', strict: bool = False,
                block_frames: int = 4096, progress: _types.Progress | None = None,
                _last: float = -1.0) -> _core.Source:
    """Opens a piece as a Source: something to pull block by block.

    Parameters are those of render(); block_frames is the length of the blocks of iteration.
    Mastering listens to the whole piece before this returns, and tells progress.

    >>> import plainsong
    >>> with plainsong.open_source(EXAMPLE_MIDI) as source:
    ...     block = source.read(1024)
    >>> block.shape, block.sample_rate
    ((1024, 2), 44100)
    """
    if not 1 <= block_frames <= 1 << 24:
        raise ValueError(f'block_frames must be 1..{1 << 24}, not {block_frames}')
    what = _sound.piece_of(piece, strict)
    is_score = isinstance(what, _core.Score)
    if isinstance(what, _core.AudioBuffer) and sample_rate is None:
        sample_rate = what.sample_rate
    elif sample_rate is None and not is_score and not isinstance(what, (_core.Track, bytes)):
        raise TypeError('samples need a sample_rate')
    if isinstance(what, _core.AudioBuffer) and sample_rate != what.sample_rate:
        raise ValueError(f'the buffer has {what.sample_rate} Hz, not {sample_rate}')
    if channel_effects and not is_score:
        raise ValueError('channel_effects are for MIDI')
    waits = 30.0 if tail is None else tail
    rings = tail if tail is not None else -1.0
    if is_score or isinstance(what, _core.Track):
        rings = waits
    return _core.open_source(
        what, _sound.banks_of(soundfont, strict), rate=sample_rate or 0,
        interpolation=_sound.place(interpolation, _sound.INTERPOLATIONS, 'interpolation'),
        polyphony=polyphony, bank_mode=_sound.place(bank_mode, _sound.BANK_MODES, 'bank_mode'),
        gain=10.0 ** (gain / 20.0), synth_reverb=synth_reverb, synth_chorus=synth_chorus,
        tail=waits, loops=loops, chain=_sound.whole_chain(effects, reverb, ir),
        channel_chains=_sound.channel_chains(channel_effects), reference=reference, seed=seed,
        threads=threads, gpu=_sound.gpu_mode(gpu), effects_tail=rings, master=master,
        master_lufs=master_lufs, last=_last, progress=progress, block_frames=block_frames)


if TYPE_CHECKING:
    @overload
    def render(piece: _types.Piece, output: None = None, *,
               soundfont: _types.Bank | list[_types.Bank] | None = ...,
               sample_rate: int | None = ..., effects: _types.Chain | None = ...,
               channel_effects: dict[int, _types.Chain] | None = ..., reverb: bool = ...,
               ir: _types.Path | None = ..., master: bool = ..., level: str = ...,
               start: float = ..., duration: float | None = ..., tail: float | None = ...,
               loops: int = ..., fade_in: float = ..., fade_out: float = ...,
               interpolation: _types.Interpolation = ..., polyphony: int = ...,
               bank_mode: _types.BankMode = ..., gain: float = ..., synth_reverb: bool = ...,
               synth_chorus: bool = ..., format: _types.Format | None = ...,
               bits: _types.Bits | None = ..., quality: float | None = ..., mono: bool = ...,
               dither: bool = ..., tags: dict[str, str] | None = ..., no_clobber: bool = ...,
               reference: bool = ..., seed: int = ..., threads: int = ..., gpu: _types.Gpu = ...,
               strict: bool = ..., progress: _types.Progress | None = ...) -> _core.AudioBuffer: ...

    @overload
    def render(piece: _types.Piece, output: _types.Path, *,
               soundfont: _types.Bank | list[_types.Bank] | None = ...,
               sample_rate: int | None = ..., effects: _types.Chain | None = ...,
               channel_effects: dict[int, _types.Chain] | None = ..., reverb: bool = ...,
               ir: _types.Path | None = ..., master: bool = ..., level: str = ...,
               start: float = ..., duration: float | None = ..., tail: float | None = ...,
               loops: int = ..., fade_in: float = ..., fade_out: float = ...,
               interpolation: _types.Interpolation = ..., polyphony: int = ...,
               bank_mode: _types.BankMode = ..., gain: float = ..., synth_reverb: bool = ...,
               synth_chorus: bool = ..., format: _types.Format | None = ...,
               bits: _types.Bits | None = ..., quality: float | None = ..., mono: bool = ...,
               dither: bool = ..., tags: dict[str, str] | None = ..., no_clobber: bool = ...,
               reference: bool = ..., seed: int = ..., threads: int = ..., gpu: _types.Gpu = ...,
               strict: bool = ..., progress: _types.Progress | None = ...) -> Report: ...


def render(piece: _types.Piece, output: _types.Path | None = None, *,
           soundfont: _types.Bank | list[_types.Bank] | None = None,
           sample_rate: int | None = None, effects: _types.Chain | None = None,
           channel_effects: dict[int, _types.Chain] | None = None, reverb: bool = False,
           ir: _types.Path | None = None, master: bool = False, level: str = 'auto',
           start: float = 0.0, duration: float | None = None, tail: float | None = None,
           loops: int = 0, fade_in: float = 0.0, fade_out: float = 0.0,
           interpolation: _types.Interpolation = 'cubic', polyphony: int = 256,
           bank_mode: _types.BankMode = 'gs', gain: float = 0.0, synth_reverb: bool = True,
           synth_chorus: bool = True, format: _types.Format | None = None,
           bits: _types.Bits | None = None, quality: float | None = None, mono: bool = False,
           dither: bool = True, tags: dict[str, str] | None = None, no_clobber: bool = False,
           reference: bool = False, seed: int = 0, threads: int = 0, gpu: _types.Gpu = 'auto',
           strict: bool = False, progress: _types.Progress | None = None
           ) -> _core.AudioBuffer | Report:
    """Plays a piece into memory, or into a file: what `plainsong render` does.

    Args:
        piece: a path (MIDI, track or audio; its content says which), a Score, a Track, a track
            as a dict or JSON text, an AudioBuffer, or samples (with sample_rate)
        output: path of the audio file; None: an AudioBuffer is returned
        soundfont: a path or SoundFont, a (bank, offset) pair, or a list of these: the first that
            has a preset wins; None: as SoundFont() finds one
        sample_rate: frames per second, 8000..192000; None: the piece's own, 44100 for MIDI
        effects: a chain (text, preset, EffectChain, effect, document, or a list of these)
        channel_effects: chains by MIDI channel, counted from 1
        reverb: the old engine's room after them; ir: the room of an impulse response
        master: bring it to a usual spectrum and -14 LUFS, or what level 'lufs:LUFS' says
        level: 'auto', 'none', 'fixed', 'peak:DB', 'true-peak:DB' or 'lufs:LUFS'. auto: MIDI as it
            is, in an integer file turned down to a peak of -1 dB if it would clip; a track at a
            peak of 0.25
        start, duration, fade_in, fade_out: in seconds; duration None: to the end
        tail: most seconds to wait for silence after the end; None: 30, of audio as it rings
        loops: times to play a marked loop again
        interpolation: 'nearest', 'linear', 'cubic', 'sinc8' or 'sinc32'
        polyphony: most notes at once, 1..4096
        bank_mode: 'gm', 'gs', 'xg' or 'mma'
        gain: of the synthesizer, in dB; synth_reverb, synth_chorus: its own effects
        format: 'wav', 'aiff', 'flac', 'mp3', 'ogg', 'opus', 'raw'; None: as output's name ends
        bits: 16, 24, 32 or '32f'; None: 16, of raw '32f'
        quality: 0..10 for mp3, ogg, opus; 0..8 for flac
        mono: one channel, the mean of both; dither: when rounding to integers
        tags: a dict of title, artist, album, comment, date, genre, copyright, tracknumber
        no_clobber: WriteError when the file exists
        reference: a track exactly as the old offline renderer made it
        seed: of dither, noise and glitches
        threads: 0: all there are
        gpu: 'auto', 'on' or 'off' (or True, False: auto, off), for convolvers
        strict: refuse damaged files instead of mending them with a PlainsongWarning
        progress: called with (done 0..1, stage) some 20 times a second; returning False stops

    Returns:
        An AudioBuffer, (frames, 2) of float32; or a Report when there is an output.

    Raises:
        NotFoundError, DataError, ArgumentError, UnsupportedError, ReadError, WriteError: see
        plainsong.Error. CancelledError when progress said stop. Nothing is left of a file then.

    >>> import plainsong
    >>> audio = plainsong.render(EXAMPLE_MIDI, duration=2)
    >>> audio
    <AudioBuffer of 2.000 s: 88200 frames at 44100 Hz>
    >>> plainsong.render(audio, 'two-seconds.flac').frames
    88200
    """
    number, db = _sound.level_of(level)
    end = -1.0 if duration is None else duration
    if master:
        master_lufs = db if number == _sound.LEVELS.index('lufs') else -14.0
        number = _sound.LEVELS.index('none')
    else:
        master_lufs = -14.0
    if output is not None and (format == 'opus' or format is None and _is_opus(output)):
        sample_rate = sample_rate or _opus_rate(piece)
    span: dict[str, Any] = dict(start=start, duration=end, fade_in=fade_in, fade_out=fade_out,
                                level_mode=number, level_db=db, progress=progress)
    last = start + duration if duration is not None else -1.0
    file_bits = _sound.bits_of(bits)
    source = open_source(
        piece, soundfont=soundfont, sample_rate=sample_rate, effects=effects,
        channel_effects=channel_effects, reverb=reverb, ir=ir, master=master,
        master_lufs=master_lufs, tail=tail, loops=loops, interpolation=interpolation,
        polyphony=polyphony, bank_mode=bank_mode, gain=gain, synth_reverb=synth_reverb,
        synth_chorus=synth_chorus, reference=reference, seed=seed, threads=threads, gpu=gpu,
        strict=strict, progress=progress, _last=last)
    with source:
        if output is None:
            return source.collect(**span)
        return Report(**source.save(
            output, format, bits=file_bits, quality=-1.0 if quality is None else quality,
            dither=dither, mono=mono, tags=None if tags is None else dict(tags),
            no_clobber=no_clobber, **span))


def _is_opus(output: _types.Path) -> bool:
    return os.fsdecode(output).lower().endswith('.opus')


def _opus_rate(piece: _types.Piece) -> int | None:
    """Opus works at 48 kHz inside: rendered at that rate, nothing has to be resampled."""
    if isinstance(piece, _core.Score) or isinstance(piece, (_core.Track, dict)):
        return 48000
    return 48000 if _sound.is_path(piece) else None


def process(samples: _types.Samples | _types.Path, sample_rate: int | None = None,
            chain: _types.Chain | None = None, *, tail: float | None = None, threads: int = 0,
            gpu: _types.Gpu = 'auto', seed: int = 0,
            progress: _types.Progress | None = None) -> _core.AudioBuffer:
    """Sends samples, an AudioBuffer or an audio file through effects.

    Args:
        samples: float32, C-contiguous, of the shape (frames, 2), (frames, 1) or (frames,); read
            where it lies, without a copy. Or an AudioBuffer, or the path of an audio file
        sample_rate: frames per second; an AudioBuffer and a file know theirs
        chain: as effects of render()
        tail: most seconds that effects ring on after the end; None: as long as they do, 0: the
            result is as long as the samples

    Returns:
        A new AudioBuffer.

    >>> import array, plainsong
    >>> quiet = plainsong.process(array.array('f', [0.5] * 4410), 44100, 'gain:-6')
    >>> quiet.frames, round(memoryview(quiet)[4000, 0], 3)
    (4410, 0.251)
    """
    with open_source(samples, sample_rate=sample_rate, effects=chain, tail=tail, threads=threads,
                     gpu=gpu, seed=seed) as source:
        return source.collect(level_mode=_sound.LEVELS.index('none'), progress=progress)


def loudness(samples: _types.Samples | _types.Path, sample_rate: int | None = None) -> Loudness:
    """Measures level and loudness (ITU-R BS.1770-4, EBU R128).

    Args:
        samples: as of process(); one channel is measured as mono
        sample_rate: frames per second; an AudioBuffer and a file know theirs

    Returns:
        A Loudness.

    >>> import plainsong
    >>> levels = plainsong.loudness(plainsong.render(EXAMPLE_MIDI, duration=5))
    >>> -40 < levels.lufs < -10
    True
    """
    if isinstance(samples, str | bytes | os.PathLike):
        return Loudness(*_core.file_loudness(samples))
    if isinstance(samples, _core.AudioBuffer):
        sample_rate = sample_rate or samples.sample_rate
    if sample_rate is None:
        raise TypeError('samples need a sample_rate')
    return Loudness(*_core.loudness(samples, sample_rate))

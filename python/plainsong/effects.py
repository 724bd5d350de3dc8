"""The effects, a class each. Written by tools/make_python_effects.py from the engine's tables.

>>> import plainsong
>>> from plainsong.effects import Compressor, Gain
>>> str(Compressor(threshold=-30, ratio=2.5) + Gain(gain=2))
'compressor:threshold=-30,ratio=2.5 | gain:gain=2'
>>> plainsong.process(memoryview(bytes(800)).cast('f'), 8000, Gain(gain=-6)).frames
200
"""
from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from ._effect import Effect

__all__ = [
    'Effect',
    'Eq',
    'Filter',
    'Compressor',
    'Multiband',
    'Gate',
    'Limiter',
    'Convolver',
    'Reverb',
    'Delay',
    'Chorus',
    'Flanger',
    'Phaser',
    'Widener',
    'Gain',
    'Pan',
    'Mono',
    'Dither',
]


@dataclass(frozen=True, kw_only=True)
class Eq(Effect):
    """An equalizer of up to 16 bands.

    Args:
        type: what the band does; one for each of up to 16, None: peak
        freq: centre or corner (10..22000 Hz); one for each of up to 16, None: 1000
        gain: of a peak or a shelf; 0 changes nothing (-30..30 dB); one for each of up to 16,
            None: 0
        q: centre over width; of a pass the gain at its corner (0.1..40); one for each of up to
            16, None: 0.707107
    """

    name: ClassVar[str] = 'eq'
    type: Sequence[
        Literal['peak', 'lowshelf', 'highshelf', 'lowpass', 'highpass', 'bandpass', 'notch']
        | None] = ()
    freq: Sequence[float | None] = ()
    gain: Sequence[float | None] = ()
    q: Sequence[float | None] = ()


@dataclass(frozen=True, kw_only=True)
class Filter(Effect):
    """Lets some frequencies pass.

    Args:
        type: what passes
        freq: corner or centre (10..22000 Hz)
        q: gain at the corner of a low-pass or high-pass; of others the centre over the width at
            -3 dB (0.1..40)
        slope: one, two or four filters in a row
    """

    name: ClassVar[str] = 'filter'
    type: Literal['lowpass', 'highpass', 'bandpass', 'notch', 'allpass'] = 'lowpass'
    freq: float = 1000.0
    q: float = 0.7071067811865476
    slope: Literal['12', '24', '48'] = '12'


@dataclass(frozen=True, kw_only=True)
class Compressor(Effect):
    """Turns down what is loud.

    Args:
        threshold: level from which on it acts (-80..0 dB)
        ratio: dB more at the input for one more at the output (1..100)
        attack: time to do 63 % of turning down (0..500 ms)
        release: time to do 63 % of coming back (1..5000 ms)
        knee: width of the bend around the threshold (0..40 dB)
        makeup: gain of what was compressed (-30..30 dB)
        mix: share of what was compressed; the rest is as it came (0..1)
        auto: makes up for half of what a level of 0 dB loses
        detector: level is the magnitude, or the root of the mean square over 5 ms
        link: both sides are turned down alike
        lookahead: time it acts before the sound comes, which is late by it (0..20 ms)
    """

    name: ClassVar[str] = 'compressor'
    threshold: float = -18.0
    ratio: float = 3.0
    attack: float = 10.0
    release: float = 100.0
    knee: float = 6.0
    makeup: float = 0.0
    mix: float = 1.0
    auto: bool = False
    detector: Literal['peak', 'rms'] = 'peak'
    link: bool = True
    lookahead: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Multiband(Effect):
    """A compressor for each of two to four bands.

    Args:
        bands: how many
        split1: where the second band begins (20..16000 Hz)
        split2: where the third band begins (20..16000 Hz)
        split3: where the fourth band begins (20..16000 Hz)
        threshold: level from which on the band is turned down (-80..0 dB); one for each of up
            to 4, None: -24
        ratio: dB more at the input for one more at the output (1..100); one for each of up to
            4, None: 2
        gain: of the band afterwards (-60..30 dB); one for each of up to 4, None: 0
        attack: time to do 63 % of turning down (0..500 ms)
        release: time to do 63 % of coming back (1..5000 ms)
        knee: width of the bend around the threshold (0..40 dB)
    """

    name: ClassVar[str] = 'multiband'
    bands: Literal['2', '3', '4'] = '3'
    split1: float = 150.0
    split2: float = 1500.0
    split3: float = 6000.0
    threshold: Sequence[float | None] = ()
    ratio: Sequence[float | None] = ()
    gain: Sequence[float | None] = ()
    attack: float = 20.0
    release: float = 200.0
    knee: float = 6.0


@dataclass(frozen=True, kw_only=True)
class Gate(Effect):
    """Turns down what is soft: a gate or an expander.

    Args:
        threshold: level from which on it is open (-100..0 dB)
        ratio: dB less at the output for one less at the input (1..100)
        attack: time to do 63 % of opening (0..500 ms)
        hold: time it stays open when the level has fallen (0..2000 ms)
        release: time to do 63 % of closing (1..5000 ms)
        range: the most it turns down (0..120 dB)
        hysteresis: how far below the threshold it closes (0..30 dB)
        link: both sides are turned down alike
        lookahead: time it opens before the sound comes, which is late by it (0..20 ms)
    """

    name: ClassVar[str] = 'gate'
    threshold: float = -40.0
    ratio: float = 10.0
    attack: float = 1.0
    hold: float = 50.0
    release: float = 100.0
    range: float = 60.0
    hysteresis: float = 3.0
    link: bool = True
    lookahead: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Limiter(Effect):
    """Keeps true peaks below a ceiling.

    Args:
        ceiling: true peak that nothing passes (-60..0 dB)
        release: time to do 63 % of coming back (1..5000 ms)
        lookahead: time to turn down before a peak; the sound is late by it and a little more
            (1..20 ms)
    """

    name: ClassVar[str] = 'limiter'
    ceiling: float = -1.0
    release: float = 100.0
    lookahead: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Convolver(Effect):
    """The sound of a room, from its impulse response.

    Args:
        ir: a room (old-room room hall plate church) or an audio file of up to 20 s
        wet: share of the room; the rest is the sound itself (0..1)
        latency: block: late by a block, at the least cost; zero: at once
        predelay: silence before the room answers (0..500 ms)
        decay: fades the room by 60 dB more in so long; 0: as it is (0..20 s)
        gain: level of the room (-60..24 dB)
        normalize: scales the response so that noise comes out as loud as it goes in
        block: frames of a block, a power of two from 256 up; 0: chosen for speed (0..65536)
    """

    name: ClassVar[str] = 'convolver'
    ir: str | os.PathLike[str] = 'room'
    wet: float = 0.3
    latency: Literal['block', 'zero'] = 'block'
    predelay: float = 0.0
    decay: float = 0.0
    gain: float = 0.0
    normalize: bool = True
    block: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Reverb(Effect):
    """A room by a network of delays: cheaper than a convolver.

    Args:
        decay: until 60 dB are gone, at low frequencies (0.1..20 s)
        wet: share of the reverb; the rest is the sound itself (0..1)
        size: of the room; 1 is a medium hall (0.3..3)
        damping: how much sooner high frequencies die (0..0.95)
        predelay: silence before it begins (0..250 ms)
        width: 0: the same on both sides (0..1)
    """

    name: ClassVar[str] = 'reverb'
    decay: float = 1.8
    wet: float = 0.25
    size: float = 1.0
    damping: float = 0.65
    predelay: float = 0.0
    width: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Delay(Effect):
    """Echoes.

    Args:
        time: from one echo to the next; a change bends their pitch for a moment (1..5000 ms)
        feedback: level of an echo beside the one before (0..0.95)
        wet: level of the first echo; the sound itself stays as it is (0..1)
        tone: each echo after the first loses what is above (200..20000 Hz)
        pingpong: echoes change sides
    """

    name: ClassVar[str] = 'delay'
    time: float = 350.0
    feedback: float = 0.35
    wet: float = 0.3
    tone: float = 6000.0
    pingpong: bool = False


@dataclass(frozen=True, kw_only=True)
class Chorus(Effect):
    """Slightly moving copies beside the sound.

    Args:
        rate: how often the delay goes to and fro (0.01..10 Hz)
        depth: how far it goes, each way (0..20 ms)
        delay: its middle; the depth is less where it would get under 0 (1..50 ms)
        voices: copies of the sound (1..4)
        width: how far apart the copies are: 0 in the middle, 1 on the sides (0..1)
        wet: share of the copies; the rest is the sound itself (0..1)
    """

    name: ClassVar[str] = 'chorus'
    rate: float = 0.8
    depth: float = 2.5
    delay: float = 12.0
    voices: float = 2.0
    width: float = 1.0
    wet: float = 0.4


@dataclass(frozen=True, kw_only=True)
class Flanger(Effect):
    """A comb of notches that goes up and down.

    Args:
        rate: how often the delay goes to and fro (0.01..10 Hz)
        depth: how far it goes, each way (0..10 ms)
        delay: its middle; it never gets under three frames (0.1..10 ms)
        feedback: what of the copy goes in again (-0.95..0.95)
        stereo: how far the right side is ahead of the left, in cycles (0..0.5)
        wet: share of the copy; the rest is the sound itself (0..1)
    """

    name: ClassVar[str] = 'flanger'
    rate: float = 0.25
    depth: float = 1.5
    delay: float = 2.0
    feedback: float = 0.4
    stereo: float = 0.25
    wet: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Phaser(Effect):
    """Notches that go up and down.

    Args:
        rate: how often the notches go up and down (0.01..10 Hz)
        low: where they turn below (20..20000 Hz)
        high: and above (20..20000 Hz)
        stages: allpasses, two for each notch (2..12)
        feedback: what of the last one goes in again: sharper notches (-0.9..0.9)
        stereo: how far the right side is ahead of the left, in cycles (0..0.5)
        wet: share of the chain; 0.5 has the deepest notches (0..1)
    """

    name: ClassVar[str] = 'phaser'
    rate: float = 0.4
    low: float = 300.0
    high: float = 3000.0
    stages: float = 6.0
    feedback: float = 0.3
    stereo: float = 0.25
    wet: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Widener(Effect):
    """Wider or narrower between left and right.

    Args:
        width: 0 mono, 1 as it is, 2 sides twice as loud (0..4)
        mono_below: sides are taken out below; 0: nowhere (0..1000 Hz)
    """

    name: ClassVar[str] = 'widener'
    width: float = 1.3
    mono_below: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Gain(Effect):
    """Louder or softer.

    Args:
        gain: what is added to the level (-120..60 dB)
    """

    name: ClassVar[str] = 'gain'
    gain: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Pan(Effect):
    """Balance between left and right.

    Args:
        pan: -1 the left side alone, 0 both, 1 the right side alone (-1..1)
        law: how the other side fades: as a cosine, or in a straight line
    """

    name: ClassVar[str] = 'pan'
    pan: float = 0.0
    law: Literal['power', 'linear'] = 'power'


@dataclass(frozen=True, kw_only=True)
class Mono(Effect):
    """The mean of both sides on both."""

    name: ClassVar[str] = 'mono'



@dataclass(frozen=True, kw_only=True)
class Dither(Effect):
    """Rounds to fewer bits.

    Args:
        bits: size of a sample (4..24 bits)
        shape: spectrum of the error: flat, or moved to high frequencies
    """

    name: ClassVar[str] = 'dither'
    bits: float = 16.0
    shape: Literal['flat', 'high'] = 'flat'

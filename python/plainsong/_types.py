"""The kinds of arguments: only type checkers import this."""
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypedDict

from typing_extensions import Buffer  # in the standard library from 3.12 on

from ._core import AudioBuffer, EffectChain, Score, SoundFont, Track
from ._effect import Effect

Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
Document: TypeAlias = dict[str, Any]
TrackLike: TypeAlias = Path | Document | Track
Samples: TypeAlias = AudioBuffer | Buffer
Piece: TypeAlias = Path | Document | Track | Score | Samples
Bank: TypeAlias = Path | SoundFont | tuple[Path | SoundFont, int]
Chain: TypeAlias = (str | os.PathLike[str] | EffectChain | Effect | Document
                    | list[Any] | tuple[Any, ...])
Progress: TypeAlias = Callable[[float, str], object]
Gpu: TypeAlias = Literal['auto', 'on', 'off'] | bool
Interpolation: TypeAlias = Literal['nearest', 'linear', 'cubic', 'sinc8', 'sinc32']
BankMode: TypeAlias = Literal['gm', 'gs', 'xg', 'mma']
Format: TypeAlias = Literal['wav', 'aiff', 'flac', 'mp3', 'ogg', 'opus', 'raw']
Bits: TypeAlias = Literal[16, 24, 32, '32f']


class Options(TypedDict, total=False):
    """Keywords of render() that the old functions take."""

    effects: Chain | None
    channel_effects: dict[int, Chain] | None
    ir: Path | None
    master: bool
    level: str
    start: float
    duration: float | None
    tail: float | None
    loops: int
    fade_in: float
    fade_out: float
    interpolation: Interpolation
    polyphony: int
    bank_mode: BankMode
    gain: float
    synth_reverb: bool
    synth_chorus: bool
    seed: int
    threads: int
    strict: bool
    progress: Progress | None


class FileOptions(Options, total=False):
    """The same, and how a file is written."""

    format: Format | None
    bits: Bits | None
    quality: float | None
    mono: bool
    dither: bool
    tags: dict[str, str] | None
    no_clobber: bool


class RenderOptions(FileOptions, total=False):
    """All keywords of render()."""

    soundfont: Bank | list[Bank] | None
    sample_rate: int | None
    reverb: bool
    reference: bool
    gpu: Gpu

"""From what a user says to what the engine is told: pieces, banks, chains, levels."""
from __future__ import annotations

import os
from typing import Any

from . import _core

INTERPOLATIONS = ('nearest', 'linear', 'cubic', 'sinc8', 'sinc32')
BANK_MODES = ('gm', 'gs', 'xg', 'mma')
GPU_MODES = ('auto', 'on', 'off')
LEVELS = ('auto', 'none', 'fixed', 'peak', 'lufs', 'true-peak')
BITS: dict[object, int] = {None: 0, 16: 16, 24: 24, 32: 32, '32f': -32}

OLD_ROOM = 'convolver:old-room,wet=0.3'  # what reverb=True has always meant


def place(word: str, words: tuple[str, ...], what: str) -> int:
    """The number of a word among `words`."""
    try:
        return words.index(word)
    except ValueError:
        raise ValueError(f'{what} must be one of {", ".join(words)}, not {word!r}') from None


def gpu_mode(gpu: str | bool) -> int:
    if isinstance(gpu, bool):
        return 0 if gpu else 2
    return place(gpu, GPU_MODES, 'gpu')


def level_of(level: str) -> tuple[int, float]:
    """(number, dB) of 'auto', 'none', 'fixed', 'peak:DB', 'true-peak:DB' or 'lufs:LUFS'."""
    if not isinstance(level, str):
        raise TypeError(f'level must be a str, not {type(level).__name__}')
    word, colon, value = level.partition(':')
    number = place(word, LEVELS, 'level')
    if bool(colon) != (number >= 3):
        raise ValueError(f"level {level!r}: it is 'auto', 'none', 'fixed', 'peak:DB', "
                         "'true-peak:DB' or 'lufs:LUFS'")
    try:
        return number, float(value) if colon else 0.0
    except ValueError:
        raise ValueError(f'level {level!r}: {value!r} is no number') from None


def bits_of(bits: int | str | None) -> int:
    try:
        return BITS[bits]
    except (KeyError, TypeError):
        raise ValueError(f"bits must be 16, 24, 32 or '32f', not {bits!r}") from None


def is_path(value: object) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def is_json(value: object) -> bool:
    """Whether a str or bytes is the text of a document rather than a path."""
    if isinstance(value, str):
        return value.lstrip('\ufeff \t\r\n')[:1] in ('{', '[')
    return isinstance(value, bytes) and value.lstrip(b'\xef\xbb\xbf \t\r\n')[:1] in (b'{', b'[')


def track_of(track: Any, strict: bool = False) -> _core.Track:
    """A Track of a Track, a dict, JSON text or a path."""
    if isinstance(track, _core.Track):
        return track
    if isinstance(track, dict) or is_json(track):
        return _core.Track.from_json(track, strict=strict)
    return _core.Track(track, strict=strict)


def piece_of(piece: Any, strict: bool = False) -> Any:
    """A Score, a Track, samples, or the path of an audio file as bytes."""
    if isinstance(piece, (_core.Score, _core.Track, _core.AudioBuffer)):
        return piece
    if isinstance(piece, dict) or is_json(piece):
        return track_of(piece, strict)
    if not is_path(piece):
        return piece  # samples, or the engine says what is wrong with it
    kind = _core.file_kind(piece)
    if kind == 'track':
        return _core.Track(piece, strict=strict)
    return os.fsencode(piece) if kind == 'audio' else _core.Score(piece, strict=strict)


def banks_of(soundfont: Any, strict: bool = False) -> tuple[tuple[_core.SoundFont, int], ...]:
    """((SoundFont, offset), ...) of a path, a SoundFont, a pair with an offset, or several."""
    if soundfont is None:
        return ()
    if not isinstance(soundfont, list):
        soundfont = [soundfont]
    rows = []
    for bank in soundfont:
        bank, offset = bank if isinstance(bank, tuple) else (bank, 0)
        if not isinstance(bank, _core.SoundFont):
            bank = _core.SoundFont(bank, strict=strict)
        rows.append((bank, offset))
    return tuple(rows)


def chain_of(effects: Any) -> _core.EffectChain:
    """An EffectChain of a chain, an effect, text, a document, or a list of these."""
    if isinstance(effects, _core.EffectChain):
        return effects
    if isinstance(effects, os.PathLike):
        effects = os.fsdecode(effects)
    if isinstance(effects, (list, tuple)):
        chain = _core.EffectChain()
        for effect in effects:
            chain += chain_of([effect] if isinstance(effect, list) else effect)
        return chain
    if isinstance(effects, dict):
        return _core.EffectChain(effects if 'effects' in effects else [effects])
    to_chain = getattr(effects, 'chain', None)
    if callable(to_chain):
        return to_chain()  # type: ignore[no-any-return]
    if not isinstance(effects, str):
        raise TypeError('effects must be text, an EffectChain, an effect, a dict or a list of '
                        f'these, not {type(effects).__name__}')
    return _core.EffectChain(effects)


def whole_chain(effects: Any, reverb: bool, ir: Any) -> _core.EffectChain | None:
    """The chain of effects=, reverb= and ir= together, in this order; None when there is none."""
    parts = [] if effects is None else [chain_of(effects)]
    if reverb:
        parts.append(chain_of(OLD_ROOM))
    if ir is not None:
        parts.append(chain_of({'effect': 'convolver', 'wet': 0.3, 'ir': os.fsdecode(ir)}))
    if not parts:
        return None
    return sum(parts[1:], parts[0])


def channel_chains(effects: Any) -> tuple[tuple[int, _core.EffectChain], ...]:
    """((channel, EffectChain), ...) of a dict by channel, counted from 1."""
    return tuple((channel, chain_of(chain)) for channel, chain in (effects or {}).items())

"""The functions that take their time, as awaitables that leave the event loop free.

They run on the loop's own threads. progress is called on the loop, from where it may send messages;
what it returns does not matter: cancel the task to stop, and nothing is left of a file then.

>>> import asyncio, plainsong.aio
>>> asyncio.run(plainsong.aio.render(EXAMPLE_MIDI, duration=1)).duration
1.0
"""
from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from . import _core, _old, _render

__all__ = ['blocks', 'loudness', 'open_source', 'process', 'render', 'render_full_wav',
           'render_sample_wav', 'synthesize_midi', 'synthesize_midi_zerocopy']

_P = ParamSpec('_P')
_R = TypeVar('_R')


async def _run(function: Callable[[], _R], stop: threading.Event) -> _R:
    """Calls it on a thread; when cancelled, waits until it has stopped."""
    work = asyncio.get_running_loop().run_in_executor(None, function)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([work])
        work.cancelled() or work.exception()  # looked at, so that nobody misses it
        raise


def _telling(stop: threading.Event, progress: Any) -> Callable[[float, str], bool]:
    if progress is not None and not callable(progress):
        raise TypeError('progress must be a function of (done, stage), or None')
    loop = asyncio.get_running_loop()

    def tell(done: float, stage: str) -> bool:
        if progress is not None and not stop.is_set():
            loop.call_soon_threadsafe(progress, done, stage)
        return not stop.is_set()

    return tell


def _awaitable(function: Callable[_P, _R]) -> Callable[_P, Coroutine[Any, Any, _R]]:
    @functools.wraps(function)
    async def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        stop = threading.Event()
        kwargs['progress'] = _telling(stop, kwargs.get('progress'))
        return await _run(functools.partial(function, *args, **kwargs), stop)

    call.__doc__ = f'An awaitable plainsong.{function.__name__}().'
    call.__module__ = __name__
    return call


open_source = _awaitable(_render.open_source)
render = _awaitable(_render.render)
process = _awaitable(_render.process)
synthesize_midi = _awaitable(_old.synthesize_midi)
synthesize_midi_zerocopy = _awaitable(_old.synthesize_midi_zerocopy)
render_sample_wav = _awaitable(_old.render_sample_wav)
render_full_wav = _awaitable(_old.render_full_wav)


async def loudness(samples: Any, sample_rate: int | None = None) -> _render.Loudness:
    """An awaitable plainsong.loudness()."""
    return await asyncio.to_thread(_render.loudness, samples, sample_rate)


async def blocks(source: _core.Source, frames: int = 4096) -> AsyncIterator[_core.AudioBuffer]:
    """The rest of a source, block by block.

    >>> import asyncio, plainsong, plainsong.aio
    >>> async def count():
    ...     source = await plainsong.aio.open_source(memoryview(bytes(8000)).cast('f'),
    ...                                              sample_rate=8000)
    ...     return [len(block) async for block in plainsong.aio.blocks(source, 800)]
    >>> asyncio.run(count())
    [800, 800, 400]
    """
    while block := await asyncio.to_thread(source.read, frames):
        yield block

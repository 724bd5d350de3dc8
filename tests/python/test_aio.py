"""plainsong.aio: the event loop runs on; cancelling stops and leaves nothing."""
import asyncio
import inspect

import numpy as np
import pytest
from conftest import TRACKS

import plainsong
from plainsong import aio
from plainsong.compat import realtime_backend, rust_audio_engine


def test_the_loop_runs_on_while_rendering(midi):
    async def main():
        ticks = 0
        task = asyncio.create_task(aio.render(midi, threads=1))
        while not task.done():
            await asyncio.sleep(0.001)
            ticks += 1
        return ticks, task.result()

    ticks, audio = asyncio.run(main())
    assert ticks >= 10
    assert np.array_equal(np.asarray(audio), np.asarray(plainsong.render(midi, threads=1)))


def test_renders_run_at_once_and_are_the_same(midi, tmp_path):
    async def main():
        return await asyncio.gather(
            *(aio.render(midi, duration=2) for _ in range(5)),
            aio.synthesize_midi_zerocopy(midi, duration=2, reverb=False),
            aio.synthesize_midi(midi, tmp_path / 'x.wav', duration=2))

    *buffers, seconds = asyncio.run(main())
    assert len({buffer.to_bytes('raw') for buffer in buffers}) == 1 and seconds == 2.0
    assert (tmp_path / 'x.wav').exists()


def test_cancelling_stops_and_leaves_nothing(tmp_path):
    track = {'progression': [{'duration': 36000.0, 'voices': [
        {'synth_function_name': 'binaural_beat', 'params': {'baseFreq': 200, 'beatFreq': 4}}]}]}

    async def main():
        started = asyncio.Event()
        task = asyncio.create_task(aio.render(track, tmp_path / 'long.wav', level='none',
                                              progress=lambda done, stage: started.set()))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return list(tmp_path.iterdir())

    assert asyncio.run(main()) == []


def test_errors_come_out(tmp_path):
    with pytest.raises(plainsong.NotFoundError):
        asyncio.run(aio.render(tmp_path / 'no.mid'))
    with pytest.raises(TypeError, match='progress'):
        asyncio.run(aio.render(tmp_path / 'no.mid', progress=5))


def test_progress_is_called_on_the_loop(midi):
    async def main():
        seen = []
        await aio.render(midi, threads=1, progress=lambda done, stage: seen.append(
            (done, asyncio.get_running_loop() is loop)))
        return seen

    loop = asyncio.new_event_loop()
    try:
        seen = loop.run_until_complete(main())
    finally:
        loop.close()
    assert len(seen) >= 2 and all(here for done, here in seen)


def test_the_others_have_their_awaitables(bank, tmp_path):
    async def main():
        wet = await aio.process(np.zeros((100, 2), np.float32), 44100, 'gain:-6')
        levels = await aio.loudness(wet)
        await aio.render_sample_wav(TRACKS / 'focus.json', tmp_path / 'a.wav', duration=1)
        await aio.render_full_wav(TRACKS / 'focus.json', tmp_path / 'b.wav', duration=1)
        return wet, levels

    wet, levels = asyncio.run(main())
    assert wet.frames == levels.frames == 100
    assert (tmp_path / 'a.wav').read_bytes() == (tmp_path / 'b.wav').read_bytes()
    for name in ('render', 'process', 'synthesize_midi', 'synthesize_midi_zerocopy'):
        assert inspect.iscoroutinefunction(getattr(aio, name))
        assert inspect.signature(getattr(aio, name)) == inspect.signature(getattr(plainsong, name))


def test_the_old_modules_names_are_the_packages():
    assert rust_audio_engine.synthesize_midi is plainsong.synthesize_midi
    assert rust_audio_engine.synthesize_midi_zerocopy is plainsong.synthesize_midi_zerocopy
    assert realtime_backend.render_full_wav is plainsong.render_full_wav
    assert realtime_backend.render_sample_wav is plainsong.render_sample_wav

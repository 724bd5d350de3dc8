"""AudioBuffer: memory shared with Python, files in memory and on disk; what is refused."""
import array
import gc
import io
import wave

import numpy as np
import pytest

import plainsong


def noise(frames=1000, seed=1):
    return (np.random.default_rng(seed).random((frames, 2), dtype=np.float32) - 0.5) * 0.9


def test_an_array_shares_the_buffers_memory():
    buffer = plainsong.AudioBuffer(noise(), 48000)
    one, two = np.asarray(buffer), np.asarray(buffer)
    assert one.shape == (1000, 2) and one.dtype == np.float32 and one.flags.c_contiguous
    assert not one.flags.owndata and np.shares_memory(one, two)
    one[7, 1] = 0.25
    assert two[7, 1] == 0.25 and memoryview(buffer)[7, 1] == 0.25


def test_memory_outlives_the_buffer_while_it_is_seen():
    samples = noise()
    view = np.asarray(plainsong.AudioBuffer(samples))
    gc.collect()
    assert (view == samples).all()


def test_a_memoryview_has_shape_and_format():
    view = memoryview(plainsong.AudioBuffer(noise(10), 44100))
    assert (view.shape, view.strides, view.format, view.itemsize) == ((10, 2), (8, 4), 'f', 4)
    assert view.nbytes == 80 and view.c_contiguous and not view.readonly
    assert len(bytes(view)) == 80


def test_what_it_is():
    buffer = plainsong.AudioBuffer(noise(4410), 44100)
    assert (buffer.frames, len(buffer), buffer.channels) == (4410, 4410, 2)
    assert buffer.sample_rate == 44100 and buffer.duration == pytest.approx(0.1)
    assert repr(buffer) == '<AudioBuffer of 0.100 s: 4410 frames at 44100 Hz>'


def test_mono_goes_to_both_channels():
    samples = noise()[:, 0].copy()
    for mono in (samples, samples.reshape(-1, 1), array.array('f', samples)):
        both = np.asarray(plainsong.AudioBuffer(mono))
        assert (both[:, 0] == samples).all() and (both[:, 1] == samples).all()


def test_no_frames_are_a_buffer_too():
    buffer = plainsong.AudioBuffer(np.zeros((0, 2), np.float32))
    assert np.asarray(buffer).shape == (0, 2) and not buffer
    assert wave.open(io.BytesIO(buffer.to_bytes())).getnframes() == 0


@pytest.mark.parametrize('samples, error', [
    (np.float32(0.5), ValueError),                                 # no dimension
    (np.zeros(()), TypeError),
    (np.zeros((10, 2)), TypeError),                                # float64
    (np.zeros((10, 2), np.int16), TypeError),
    (np.zeros((10, 2), '>f4'), TypeError),                         # the other byte order
    (np.zeros((10, 3), np.float32), ValueError),
    (np.zeros((2, 10, 2), np.float32), ValueError),
    (np.zeros((20, 2), np.float32)[::2], ValueError),              # strided
    (np.zeros((2, 10), np.float32).T, ValueError),                 # Fortran's order
    (b'12345678', TypeError),
    ([0.0, 0.1], TypeError),
    (None, TypeError),
    ('text', TypeError),
])
def test_other_shapes_and_types_are_refused(samples, error):
    for function in (plainsong.AudioBuffer, lambda s: plainsong.process(s, 44100, 'gain:-6'),
                     lambda s: plainsong.loudness(s, 44100)):
        if isinstance(samples, (str, bytes)) and function is not plainsong.AudioBuffer:
            continue  # a path there
        with pytest.raises(error):
            function(samples)


@pytest.mark.parametrize('rate', [0, 7999, 192001, 2**31])
def test_a_rate_outside_is_refused(rate):
    with pytest.raises(ValueError, match='8000..192000'):
        plainsong.AudioBuffer(noise(), rate)


def test_a_file_in_memory_is_the_file_on_disk(tmp_path):
    buffer = plainsong.AudioBuffer(noise(30000), 44100)
    for form in ('wav', 'aiff', 'flac', 'mp3', 'ogg', 'opus', 'raw'):
        path = tmp_path / f'x.{form}'
        buffer.save(path)
        data = buffer.to_bytes(form)
        assert len(data) > 1000
        if form in ('wav', 'aiff', 'raw', 'flac', 'mp3'):
            assert data == path.read_bytes(), form
        if form != 'raw':
            (tmp_path / 'again').write_bytes(data)
            frames = plainsong.render(tmp_path / 'again', level='none').frames
            expected = 30000 * (48000 / 44100 if form == 'opus' else 1)
            assert abs(frames - expected) < 4000, form  # the padding of mp3 counts


def test_float_files_hold_the_samples():
    samples = noise()
    raw = plainsong.AudioBuffer(samples).to_bytes('raw')
    assert (np.frombuffer(raw, '<f4').reshape(-1, 2) == samples).all()
    data = plainsong.AudioBuffer(samples).to_bytes('wav', bits=-32)
    assert data.endswith(raw)


def test_save_options(tmp_path):
    buffer = plainsong.AudioBuffer(noise(), 44100)
    path = tmp_path / 'x.wav'
    buffer.save(path, bits=24, mono=True, tags={'title': 'Übung'})
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getnframes()) == (1, 3, 1000)
    assert 'Übung'.encode() in path.read_bytes()
    before = path.read_bytes()
    with pytest.raises(plainsong.WriteError):
        buffer.save(path, no_clobber=True)
    assert path.read_bytes() == before


def test_bad_options_say_what_is_wrong(tmp_path):
    buffer = plainsong.AudioBuffer(noise())
    with pytest.raises(plainsong.ArgumentError, match='xyz'):
        buffer.to_bytes('xyz')
    with pytest.raises(ValueError, match='bits'):
        buffer.to_bytes('wav', bits=17)
    with pytest.raises(plainsong.ArgumentError):
        buffer.to_bytes('flac', bits=-32)
    with pytest.raises(plainsong.ArgumentError, match='name'):
        buffer.save(tmp_path / 'x')
    with pytest.raises(plainsong.ArgumentError, match='tag'):
        buffer.to_bytes('wav', tags={'nonsense': 'x'})
    with pytest.raises(TypeError):
        buffer.to_bytes('wav', tags={'title': 1})
    with pytest.raises(FileNotFoundError):
        raise plainsong.NotFoundError('x')
    with pytest.raises((plainsong.WriteError, plainsong.NotFoundError)):
        buffer.save(tmp_path / 'no/such/folder/x.wav')
    assert list(tmp_path.iterdir()) == []

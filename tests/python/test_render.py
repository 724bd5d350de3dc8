"""render(), synthesize_midi() and Source: the same samples as the command's, in every way."""
import inspect
import os
import pathlib

import numpy as np
import pytest
from conftest import MIDI, TRACKS

import plainsong

MIDI_OPTIONS = [
    ({}, []),
    ({'duration': 4.5, 'start': 3.25, 'fade_in': 0.5, 'fade_out': 1.0},
     ['--duration', '4.5', '--start', '3.25', '--fade-in', '0.5', '--fade-out', '1']),
    ({'duration': 5, 'sample_rate': 48000, 'interpolation': 'sinc8', 'polyphony': 20, 'gain': 3.0},
     ['--duration', '5', '--rate', '48000', '--interpolation', 'sinc8', '--polyphony', '20',
      '--gain', '3']),
    ({'duration': 5, 'synth_reverb': False, 'synth_chorus': False, 'bank_mode': 'xg'},
     ['--duration', '5', '--no-reverb', '--no-chorus', '--bank-mode', 'xg']),
    ({'duration': 6, 'effects': 'eq:100hz-3 | compressor:-30,4', 'reverb': True, 'gpu': 'off'},
     ['--duration', '6', '--effects', 'eq:100hz-3 | compressor:-30,4', '--reverb']),
    ({'duration': 6, 'channel_effects': {1: 'delay:300ms'}},
     ['--duration', '6', '--effects', '1:delay:300ms']),
    ({'duration': 6, 'level': 'lufs:-16'}, ['--duration', '6', '--level', 'lufs:-16']),
    ({'duration': 6, 'level': 'peak:-3', 'fade_out': 2},
     ['--duration', '6', '--level', 'peak:-3', '--fade-out', '2']),
    ({'duration': 6, 'level': 'true-peak:-3'}, ['--duration', '6', '--level', 'true-peak:-3']),
    ({'duration': 6, 'master': True, 'level': 'lufs:-18'},
     ['--duration', '6', '--master', '--level', 'lufs:-18']),
    ({'duration': 3, 'level': 'fixed', 'threads': 1}, ['--duration', '3', '--level', 'fixed']),
]
TRACK_OPTIONS = [
    ({}, []),
    ({'level': 'fixed', 'start': 2, 'duration': 5},
     ['--level', 'fixed', '--start', '2', '--duration', '5']),
    ({'seed': 7, 'sample_rate': 32000, 'level': 'none', 'duration': 5},
     ['--seed', '7', '--rate', '32000', '--level', 'none', '--duration', '5']),
    ({'reference': True}, ['--compat', 'reference']),
    ({'effects': 'gain:-6'}, ['--effects', 'gain:-6']),
]


def float_samples(command, tmp_path, piece, arguments):
    path = tmp_path / 'command.raw'
    command('render', piece, '-o', path, '--bits', '32f', '-q', *arguments)
    return np.fromfile(path, '<f4').reshape(-1, 2)


@pytest.mark.parametrize('options, arguments', MIDI_OPTIONS)
def test_midi_in_memory_is_what_the_command_writes(midi, command, tmp_path, options, arguments):
    expected = float_samples(command, tmp_path, midi, arguments)
    assert np.array_equal(np.asarray(plainsong.render(midi, **options)), expected)


@pytest.mark.parametrize('options, arguments', MIDI_OPTIONS)
def test_midi_files_are_those_of_the_command(midi, command, tmp_path, options, arguments):
    command('render', midi, '-o', tmp_path / 'command.wav', '-q', *arguments)
    report = plainsong.render(midi, tmp_path / 'python.wav', **options)
    assert (tmp_path / 'python.wav').read_bytes() == (tmp_path / 'command.wav').read_bytes()
    assert report.seconds == pytest.approx(report.frames / report.sample_rate)


@pytest.mark.parametrize('options, arguments', TRACK_OPTIONS)
@pytest.mark.parametrize('name', ['focus.json', 'with-clips.json'])
def test_tracks_are_those_of_the_command(bank, command, tmp_path, name, options, arguments):
    track = TRACKS / name
    command('render', track, '-o', tmp_path / 'command.wav', '-q', *arguments)
    plainsong.render(track, tmp_path / 'python.wav', **options)
    assert (tmp_path / 'python.wav').read_bytes() == (tmp_path / 'command.wav').read_bytes()
    expected = float_samples(command, tmp_path, track, arguments)
    assert np.array_equal(np.asarray(plainsong.render(track, **options)), expected)


@pytest.mark.parametrize('form', ['flac', 'aiff', 'mp3', 'opus'])
def test_formats_are_those_of_the_command(midi, command, tmp_path, form):
    command('render', midi, '-o', tmp_path / f'command.{form}', '-q', '--duration', '2',
            '--tag', 'title=Jardins', '--quality', '5')
    plainsong.render(midi, tmp_path / f'python.{form}', duration=2, tags={'title': 'Jardins'},
                     quality=5)
    one = (tmp_path / f'python.{form}').read_bytes()
    two = (tmp_path / f'command.{form}').read_bytes()
    assert len(one) == len(two)
    if form != 'opus':  # the stream has a random serial number
        assert one == two


@pytest.mark.parametrize('reverb', [True, False])
def test_synthesize_midi_is_render_with_the_old_room(midi, command, tmp_path, reverb):
    seconds = plainsong.synthesize_midi(str(midi), str(tmp_path / 'python.wav'), None, 22050, False,
                                        reverb, duration=4)
    command('render', midi, '-o', tmp_path / 'command.wav', '-q', '--rate', '22050', '--duration',
            '4', *(['--reverb'] if reverb else []))
    assert seconds == pytest.approx(4.0)
    assert (tmp_path / 'python.wav').read_bytes() == (tmp_path / 'command.wav').read_bytes()
    buffer = plainsong.synthesize_midi_zerocopy(midi_path=midi, reverb=reverb, use_gpu=False,
                                                sample_rate=22050, duration=4)
    assert np.array_equal(np.asarray(buffer), float_samples(
        command, tmp_path, midi,
        ['--rate', '22050', '--duration', '4', *(['--reverb'] if reverb else [])]))


def test_old_signatures():
    def start(function):
        return [(p.name, p.default) for p in inspect.signature(function).parameters.values()
                if p.kind is p.POSITIONAL_OR_KEYWORD]

    empty = inspect.Parameter.empty
    rest = [('soundfont_path', None), ('sample_rate', 44100), ('use_gpu', True), ('reverb', True)]
    assert start(plainsong.synthesize_midi) == [
        ('midi_path', empty), ('output_path', empty), *rest]
    assert start(plainsong.synthesize_midi_zerocopy) == [('midi_path', empty), *rest]
    for function in (plainsong.render_sample_wav, plainsong.render_full_wav):
        assert start(function) == [('track_json_str', empty), ('out_path', empty)]


def test_the_old_track_functions(tmp_path):
    track = TRACKS / 'focus.json'
    plainsong.render_full_wav(track.read_text(), str(tmp_path / 'new/full.wav'))
    assert (tmp_path / 'new/full.wav').stat().st_size > 44
    plainsong.render_sample_wav(str(track), tmp_path / 'sample.wav')
    assert plainsong.render(tmp_path / 'sample.wav').duration <= 60.0
    with pytest.raises(ValueError, match='1'):
        plainsong.render_full_wav('{"steps": [', tmp_path / 'bad.wav')
    assert not (tmp_path / 'bad.wav').exists()


def test_every_way_to_say_a_piece(bank, tmp_path):
    expected = plainsong.render(MIDI, duration=1).to_bytes('raw')
    score = plainsong.Score(MIDI)
    for piece in (str(MIDI), os.fsencode(MIDI), pathlib.Path(MIDI), score,
                  plainsong.Score.from_bytes(MIDI.read_bytes())):
        assert plainsong.render(piece, duration=1).to_bytes('raw') == expected
    path = TRACKS / 'focus.json'
    expected = plainsong.render(path, duration=1).to_bytes('raw')
    track = plainsong.Track(path)
    for piece in (path.read_text(), track, track.to_dict(), track.to_json()):
        assert plainsong.render(piece, duration=1).to_bytes('raw') == expected


def test_every_way_to_say_a_soundfont(midi, bank):
    expected = plainsong.render(midi, duration=1, soundfont=bank).to_bytes('raw')
    with plainsong.SoundFont(bank) as opened:
        for soundfont in (str(bank), os.fsencode(bank), opened, (opened, 0), [opened],
                          [(str(bank), 0)]):
            got = plainsong.render(midi, duration=1, soundfont=soundfont)
            assert got.to_bytes('raw') == expected


def test_blocks_of_any_size_are_the_whole(midi):
    expected = np.asarray(plainsong.render(midi, duration=3, reverb=True, gpu='off'))
    for frames in (1000, 4096):
        with plainsong.open_source(midi, reverb=True, gpu='off', block_frames=frames) as source:
            blocks, got = [], 0
            for block in source:
                blocks.append(np.asarray(block))
                got += len(block)
                if got >= len(expected):
                    break
            assert source.position == got
        assert np.array_equal(np.concatenate(blocks)[:len(expected)], expected)


def test_a_source_ends_and_starts_anew():
    samples = np.arange(200, dtype=np.float32).reshape(100, 2) / 200
    with plainsong.open_source(samples, sample_rate=8000) as source:
        assert (source.frames, source.sample_rate) == (100, 8000)
        assert len(source.read(70)) == 70 and len(source.read(70)) == 30
        assert len(source.read(70)) == 0 and list(source) == []
        source.seek(50)
        assert np.array_equal(np.asarray(source.read()), samples[50:])
        assert np.array_equal(np.asarray(source.collect()), samples)


def test_closed_objects_say_so(midi, bank):
    source = plainsong.open_source(midi)
    source.close()
    source.close()
    soundfont = plainsong.SoundFont(bank)
    soundfont.close()
    for use in (source.read, source.collect, lambda: source.seek(0), lambda: source.position,
                lambda: source.save('x.wav'), lambda: next(source), lambda: source.__enter__(),
                lambda: soundfont.presets, lambda: soundfont.path, lambda: soundfont.__enter__(),
                lambda: plainsong.render(midi, soundfont=soundfont)):
        with pytest.raises(ValueError, match='closed'):
            use()
    assert source.closed and soundfont.closed and 'closed' in repr(soundfont)


def test_a_bank_in_use_outlives_its_object(midi, bank):
    soundfont = plainsong.SoundFont(bank)
    source = plainsong.open_source(midi, soundfont=soundfont)
    expected = plainsong.open_source(midi, soundfont=bank).read(1000).to_bytes('raw')
    soundfont.close()
    plainsong.clear_cache()
    assert source.read(1000).to_bytes('raw') == expected


@pytest.mark.parametrize('call, error, words', [
    (lambda tmp: plainsong.render(tmp / 'no.mid'), FileNotFoundError, 'no.mid'),
    (lambda tmp: plainsong.render(MIDI, soundfont=tmp / 'no.sf2'), FileNotFoundError, 'no.sf2'),
    (lambda tmp: plainsong.render('a\0b'), ValueError, 'null'),
    (lambda tmp: plainsong.render(MIDI, tmp / 'a\0b.wav'), ValueError, 'null'),
    (lambda tmp: plainsong.Score('a\0b'), ValueError, 'null'),
    (lambda tmp: plainsong.Score(b'no-\xff-utf8.mid'), FileNotFoundError, 'no-'),
    (lambda tmp: plainsong.render(17), TypeError, None),
    (lambda tmp: plainsong.render(None), TypeError, None),
    (lambda tmp: plainsong.render(MIDI, tmp / 'x.xyz'), ValueError, 'format'),
    (lambda tmp: plainsong.render(MIDI, level='loud'), ValueError, 'level'),
    (lambda tmp: plainsong.render(MIDI, level='peak'), ValueError, 'level'),
    (lambda tmp: plainsong.render(MIDI, level='peak:x'), ValueError, 'number'),
    (lambda tmp: plainsong.render(MIDI, interpolation='best'), ValueError, 'interpolation'),
    (lambda tmp: plainsong.render(MIDI, sample_rate=5), plainsong.ArgumentError, None),
    (lambda tmp: plainsong.render(MIDI, sample_rate='x'), TypeError, None),
    (lambda tmp: plainsong.render(MIDI, start=1e6), plainsong.ArgumentError, 'behind the end'),
    (lambda tmp: plainsong.render(MIDI, start=-1), plainsong.ArgumentError, 'start'),
    (lambda tmp: plainsong.render(MIDI, duration=0), plainsong.ArgumentError, 'duration'),
    (lambda tmp: plainsong.render(MIDI, fade_in=float('nan')), plainsong.ArgumentError, 'fade'),
    (lambda tmp: plainsong.render(MIDI, effects='nonsense'), plainsong.Error, 'nonsense'),
    (lambda tmp: plainsong.render(MIDI, channel_effects={0: 'mono'}), ValueError, 'channel 0'),
    (lambda tmp: plainsong.render(MIDI, progress=5), TypeError, 'progress'),
    (lambda tmp: plainsong.render(MIDI, tmp / 'x.flac', bits='32f'), plainsong.ArgumentError, None),
    (lambda tmp: plainsong.synthesize_midi(TRACKS / 'focus.json', tmp / 'x.wav'), ValueError, None),
    (lambda tmp: plainsong.Track.from_json('{'), ValueError, None),
    (lambda tmp: plainsong.Track.from_json({1, 2}), TypeError, None),
])
def test_errors_are_typed_and_leave_nothing(bank, tmp_path, call, error, words):
    with pytest.raises(error, match=words):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_errors_know_their_place(tmp_path):
    path = tmp_path / 'bad.json'
    path.write_text('{\n "progression": 5,\n  x')
    with pytest.raises(plainsong.DataError) as caught:
        plainsong.Track(path)
    error = caught.value
    assert error.code == 'bad_data' and error.path == str(path) and error.line == 3
    assert isinstance(error, (RuntimeError, ValueError)) and str(path) in str(error)
    with pytest.raises(plainsong.NotFoundError) as caught:
        plainsong.SoundFont(tmp_path / 'no.sf2')
    assert caught.value.errno == 2 and caught.value.filename == str(tmp_path / 'no.sf2')
    import pickle
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is plainsong.DataError and str(again) == str(error)


def test_damage_is_mended_with_a_warning(bank, tmp_path):
    path = tmp_path / 'cut.mid'
    path.write_bytes(MIDI.read_bytes()[:-500])
    with pytest.warns(plainsong.PlainsongWarning, match='cut.mid'):
        plainsong.Score(path)
    with pytest.raises(plainsong.DataError):
        plainsong.Score(path, strict=True)


def test_a_score_is_edited_into_new_ones(tmp_path):
    score = plainsong.Score(MIDI)
    assert score.notes == score.info['notes'] > 1000 and score.info['tracks'] >= 1
    faster = score.scale_tempo(2.0)
    assert faster.duration == pytest.approx(score.duration / 2, rel=1e-3)
    score.transpose(2).save(tmp_path / 'up.mid')
    assert plainsong.Score(tmp_path / 'up.mid').notes == score.notes
    assert score.trim(0, 10).notes < score.notes
    assert score.merge(score).notes == 2 * score.notes
    assert score.add_click(1).notes > score.notes
    assert score.only_channels([16]).notes == 0
    assert plainsong.Score.from_bytes(score.to_bytes()).to_bytes() == score.to_bytes()
    with pytest.raises(ValueError, match='no channel 17000'):
        score.transpose(1, channels=[17000])
    with pytest.raises(plainsong.ArgumentError):
        score.transpose(200)


def test_banks_are_opened_once_and_anew_when_replaced(midi, bank, tmp_path):
    own = tmp_path / 'own.sf2'
    own.write_bytes(bank.read_bytes())
    first = plainsong.SoundFont(own)
    before = plainsong.cache_info()
    second = plainsong.SoundFont(own)
    assert plainsong.cache_info()['hits'] == before['hits'] + 1
    expected = plainsong.render(midi, duration=1, soundfont=first).to_bytes('raw')
    fresh = tmp_path / 'fresh'
    fresh.write_bytes(bank.read_bytes() + b'\0' * 16)
    fresh.replace(own)
    third = plainsong.SoundFont(own)
    assert plainsong.cache_info()['misses'] == before['misses'] + 1
    assert plainsong.render(midi, duration=1, soundfont=second).to_bytes('raw') == expected
    assert plainsong.render(midi, duration=1, soundfont=third).to_bytes('raw') == expected
    for soundfont in (first, second, third):
        soundfont.close()
    plainsong.clear_cache()
    assert plainsong.cache_info()['idle'] == 0


def test_the_cache_is_bounded(bank, tmp_path):
    plainsong.clear_cache()
    for i in range(12):
        path = tmp_path / f'{i}.sf2'
        path.write_bytes(bank.read_bytes())
        plainsong.SoundFont(path).close()
    assert plainsong.cache_info()['idle'] == 8
    plainsong.clear_cache()


def test_a_soundfont_tells_what_it_holds(bank):
    soundfont = plainsong.SoundFont(bank)
    assert len(soundfont.presets) == soundfont.info['presets']
    assert any(row[:2] == (0, 0) for row in soundfont.presets)
    assert soundfont.path == str(bank)

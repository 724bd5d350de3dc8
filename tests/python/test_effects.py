"""EffectChain, the typed effects, process() and loudness()."""
import array
import dataclasses
import re
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, find_command

import plainsong
from plainsong import effects


def noise(frames=20000, seed=1):
    return (np.random.default_rng(seed).random((frames, 2), dtype=np.float32) - 0.5) * 0.9


def test_a_chain_reads_back_to_itself():
    chain = plainsong.EffectChain('eq:100hz-3,4k+2 | compressor:-18,3 | limiter:-1')
    assert chain.names == ['eq', 'compressor', 'limiter'] and len(chain) == 3
    assert str(plainsong.EffectChain(str(chain))) == str(chain)
    assert repr(chain) == f'EffectChain({str(chain)!r})'
    assert len(plainsong.EffectChain()) == 0 and str(plainsong.EffectChain()) == ''


def test_every_way_to_say_a_chain(tmp_path):
    file = tmp_path / 'chain.json'
    file.write_text('{"effects": [{"effect": "gain", "gain": -6}, "mono"]}')
    gain = effects.Gain(gain=-6)
    samples = noise()
    expected = plainsong.process(samples, 44100, 'gain:-6 | mono').to_bytes('raw')
    assert expected != samples.tobytes()
    for chain in (plainsong.EffectChain('gain:-6 | mono'), [gain, effects.Mono()],
                  gain + effects.Mono(), ['gain:-6', 'mono'],
                  [{'effect': 'gain', 'gain': -6}, 'mono'], str(file), file,
                  {'effects': 'gain:-6 | mono'}, plainsong.EffectChain('gain:-6') + effects.Mono(),
                  (gain, plainsong.EffectChain('mono'))):
        assert plainsong.process(samples, 44100, chain).to_bytes('raw') == expected
    assert plainsong.process(samples, 44100, {'effect': 'gain', 'gain': -6}).to_bytes(
        'raw') == plainsong.process(samples, 44100, gain).to_bytes('raw')


def test_a_preset_is_a_chain():
    assert len(plainsong.EffectChain('gospel-piano')) > 1


@pytest.mark.parametrize('chain, error, words', [
    ('compresor', plainsong.NotFoundError, 'compressor'),
    ('gain:nonsense=3', plainsong.Error, 'nonsense'),
    ('gain:900', plainsong.ArgumentError, '900'),
    ('no/such/chain.json', FileNotFoundError, 'no/such/chain.json'),
    ([{'effect': 'gain', 'gain': 'loud'}], plainsong.ArgumentError, 'gain'),
    ('a\0b', ValueError, 'null'),
    (17, TypeError, 'effects must be'),
    ([17], TypeError, 'effects must be'),
])
def test_a_wrong_chain_says_what_is_wrong(chain, error, words):
    with pytest.raises(error, match=words):
        plainsong.process(noise(10), 44100, chain)


def test_each_effect_has_a_class_that_makes_it():
    kinds = [getattr(effects, name) for name in effects.__all__ if name != 'Effect']
    assert len(kinds) == 17
    for kind in kinds:
        effect = kind()
        assert effect.chain().names == [kind.name] and str(effect.chain()) == kind.name
        assert effect == kind() and hash(effect) == hash(kind())
        assert kind.__doc__


def test_typed_parameters_reach_the_engine():
    assert str(effects.Compressor(threshold=-30, ratio=3.5).chain()) == (
        'compressor:threshold=-30,ratio=3.5')
    eq = effects.Eq(type=['highpass', None], freq=[80, 1000], gain=(None, 3), q=(None, 2))
    assert str(eq.chain()) == str(plainsong.EffectChain('eq:hp80,1000+3q2'))
    with pytest.raises(plainsong.ArgumentError):
        effects.Gain(gain=900)
    with pytest.raises(plainsong.ArgumentError):
        effects.Filter(type='nonsense')
    with pytest.raises(TypeError):
        effects.Gain(-6)
    with pytest.raises(AttributeError):
        effects.Gain().gain = 3


def test_every_parameter_is_known_to_the_engine():
    other = {'float': 0.5, 'bool': True, 'str | os.PathLike[str]': 'x.wav'}
    for name in effects.__all__[1:]:
        kind = getattr(effects, name)
        for field in dataclasses.fields(kind):
            one = field.type.removeprefix('Sequence[').replace(' | None]', '').strip()
            word = re.findall("'([^']+)'", one)
            value = word[-1] if word else other[one]
            if one == 'bool':
                value = not field.default
            elif value == field.default:
                value = word[0] if word else 0.25
            try:
                value = (value,) if 'Sequence' in field.type else value
                text = str(kind(**{field.name: value}).chain())
            except plainsong.ArgumentError as error:  # of the value, not of the name
                assert 'there is no' not in str(error), error
            else:
                assert field.name.replace('_', '-') in text, (name, field.name, text)


def test_the_classes_are_what_the_tables_say():
    subprocess.run([sys.executable, ROOT / 'tools/make_python_effects.py', '--check',
                    find_command()], check=True)


def test_samples_go_in_without_a_copy():
    samples = noise()
    read_only = samples.copy()
    read_only.flags.writeable = False
    expected = plainsong.process(samples, 44100, 'gain:-6').to_bytes('raw')
    assert (samples == read_only).all()
    for same in (read_only, plainsong.AudioBuffer(samples), memoryview(samples)):
        assert plainsong.process(same, 44100, 'gain:-6').to_bytes('raw') == expected
    with plainsong.open_source(samples, sample_rate=44100) as source:
        samples[:] = 0.25  # it is read when it is played
        assert (np.asarray(source.read(100)) == 0.25).all()


def test_nothing_is_changed_without_effects():
    samples = noise()
    for chain in (None, '', []):
        assert np.array_equal(np.asarray(plainsong.process(samples, 48000, chain)), samples)
    mono = samples[:, 0].copy()
    both = np.asarray(plainsong.process(mono, 48000))
    assert np.array_equal(both[:, 0], mono) and np.array_equal(both[:, 1], mono)


def test_a_tail_rings_as_long_as_wanted():
    click = np.zeros((441, 2), np.float32)
    click[0] = 1
    assert plainsong.process(click, 44100, 'delay:300ms', tail=0).frames == 441
    assert plainsong.process(click, 44100, 'delay:300ms', tail=0.5).frames == 441 + 22050
    assert plainsong.process(click, 44100, 'delay:300ms').frames > 441 + 22050


def test_files_are_processed_as_the_command_does(command, tmp_path):
    plainsong.AudioBuffer(noise(), 44100).save(tmp_path / 'in.wav', bits=-32)
    chain = 'eq:100hz-3 | compressor:-30,4 | convolver:hall,wet=0.3'
    command('process', tmp_path / 'in.wav', '-o', tmp_path / 'out.raw', '--bits', '32f', '-q',
            '--effects', chain, '--level', 'none')
    expected = np.fromfile(tmp_path / 'out.raw', '<f4').reshape(-1, 2)
    for samples, rate in ((tmp_path / 'in.wav', None), (noise(), 44100)):
        wet = plainsong.process(samples, rate, chain, gpu='off')
        assert np.array_equal(np.asarray(wet), expected)
    report = plainsong.render(tmp_path / 'in.wav', tmp_path / 'python.raw', bits='32f',
                              effects=chain, level='none', gpu='off')
    assert (tmp_path / 'python.raw').read_bytes() == (tmp_path / 'out.raw').read_bytes()
    assert report.frames == len(expected)


def test_loudness_of_a_known_tone(tmp_path):
    """BS.1770: a sine of 997 Hz at full scale on one channel is -3.01 LUFS."""
    tone = np.zeros((48000 * 4, 2), np.float32)
    tone[:, 0] = np.sin(2 * np.pi * 997 / 48000 * np.arange(len(tone)))
    levels = plainsong.loudness(tone, 48000)
    assert levels.lufs == pytest.approx(-3.01, abs=0.02)
    assert levels.max_momentary == pytest.approx(-3.01, abs=0.02)
    assert levels.max_short_term == pytest.approx(-3.01, abs=0.02)
    assert levels.peak == np.abs(tone).max() and levels.rms == pytest.approx(0.5, abs=1e-4)
    assert levels.true_peak == pytest.approx(1.0, abs=0.01) and levels.frames == len(tone)
    assert plainsong.loudness(tone[:, 0].copy(), 48000).lufs == pytest.approx(-3.01, abs=0.02)
    plainsong.AudioBuffer(tone, 48000).save(tmp_path / 'tone.wav', bits=-32)
    assert plainsong.loudness(tmp_path / 'tone.wav') == levels
    assert plainsong.loudness(plainsong.AudioBuffer(tone, 48000)) == levels
    assert plainsong.loudness(np.zeros((48000, 2), np.float32), 48000).lufs == -np.inf
    assert plainsong.loudness(array.array('f'), 48000).frames == 0


def test_samples_need_a_rate():
    for call in (plainsong.process, plainsong.loudness, plainsong.render):
        with pytest.raises(TypeError, match='sample_rate'):
            call(noise(10))
    for rate in (0, 100, 1e9):
        with pytest.raises((plainsong.ArgumentError, TypeError)):
            plainsong.loudness(noise(10), rate)
    with pytest.raises(ValueError, match='44100 Hz, not 48000'):
        plainsong.process(plainsong.AudioBuffer(noise(10), 44100), 48000)

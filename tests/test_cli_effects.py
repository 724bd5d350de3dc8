#!/usr/bin/env python3
"""`plainsong process`, `render --effects` and `list effects|presets`, as a user runs them."""
import json
import math
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest
import wave

CLI = os.environ['PS_CLI']


def run(*arguments, **options):
    return subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          **options)


def write_wav(path, frames, rate=44100):
    with wave.open(str(path), 'wb') as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b''.join(struct.pack('<hh', *frame) for frame in frames))


def sine(count, hz=441.0, peak=16000):
    return [(round(peak * math.sin(math.tau * hz * i / 44100)),
             round(peak * math.cos(math.tau * hz * i / 44100))) for i in range(count)]


def write_floats(path, channels, rate=44100):
    """A WAV of floats; channels are lists of the same length."""
    count = len(channels)
    data = b''.join(struct.pack(f'<{count}f', *frame) for frame in zip(*channels))
    path.write_bytes(b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt '
                     + struct.pack('<IHHIIHH', 16, 3, count, rate, 4 * count * rate, 4 * count, 32)
                     + b'data' + struct.pack('<I', len(data)) + data)


def poisoned(count=30000):
    """A tone with seven samples that are no numbers, and the same with zeros there."""
    tone = [0.25 * math.sin(0.03 * i) for i in range(count)]
    bad, zeros = list(tone), list(tone)
    for i, value in zip((0, 99, 100, 101, count // 3, count // 2, count - 1),
                        (math.nan, math.inf, -math.inf, math.nan, -math.nan, math.inf, math.nan)):
        bad[i], zeros[i] = value, 0.0
    return bad, zeros


def read_floats(path):
    out = subprocess.run([CLI, 'process', str(path), '-o', '-', '--format', 'raw'],
                         capture_output=True, timeout=60, check=True)
    return struct.unpack(f'<{len(out.stdout) // 4}f', out.stdout)


# Format 0, 96 ticks a beat: a note on channel 1, and one on channel 10.
EVENTS = bytes([0, 0x90, 69, 100, 0, 0x99, 38, 100, 96, 0x80, 69, 0, 0, 0x89, 38, 0, 0, 0xff, 0x2f, 0])
MIDI = b'MThd' + struct.pack('>IHHH', 6, 0, 1, 96) + b'MTrk' + struct.pack('>I', len(EVENTS)) + EVENTS


class Effects(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.wav = self.path / 'in.wav'
        write_wav(self.wav, sine(30000))

    def fails(self, code, words, *arguments):
        out = run(*arguments)
        self.assertEqual(out.returncode, code, out.stderr)
        self.assertIn(words, out.stderr)
        self.assertEqual(sorted(p.name for p in self.path.iterdir()), ['in.wav'])

    def test_a_chain_changes_the_file(self):
        out = run('process', self.wav, '-o', self.path / 'out.wav', '-b', '32f', '-e', 'gain:-6 | mono',
                  '--json')
        self.assertEqual(out.returncode, 0, out.stderr)
        dry, wet = read_floats(self.wav), read_floats(self.path / 'out.wav')
        self.assertEqual(len(dry), len(wet))
        gain = 10 ** (-6 / 20)
        for i in range(0, len(dry), 200):
            mean = 0.5 * (dry[i] + dry[i + 1]) * gain
            self.assertAlmostEqual(wet[i], mean, delta=1e-6)
            self.assertEqual(wet[i], wet[i + 1])
        self.assertEqual(json.loads(out.stdout)['frames'], 30000)

    def test_chains_are_put_one_behind_the_other(self):
        out = run('process', self.wav, '-o', self.path / 'out.wav', '-e', 'gain:-6', '-e', 'gain:6',
                  '-b', '32f')
        self.assertEqual(out.returncode, 0, out.stderr)
        for a, b in zip(read_floats(self.wav), read_floats(self.path / 'out.wav')):
            self.assertAlmostEqual(a, b, delta=1e-6)

    def test_a_chain_may_stand_in_a_file(self):
        chain = self.path / 'chain.json'
        chain.write_text('{"description": "x", "effects": [{"effect": "gain", "gain": -20}]}')
        for text in (chain, chain.read_text(), '["gain:-20"]', 'gain:-20'):
            out = run('process', self.wav, '-o', 'null:', '-e', text, '--json')
            self.assertEqual(out.returncode, 0, out.stderr)
            self.assertAlmostEqual(10 ** (json.loads(out.stdout)['peak_dbfs'] / 20), 0.1 * 16000 / 32768, delta=1e-4)

    def test_presets_of_the_user_come_first(self):
        presets = self.path / 'presets'
        presets.mkdir()
        (presets / 'mine.json').write_text('{"description": "soft", "effects": "gain:-20"}')
        (presets / 'mono-check.json').write_text('{"description": "not mono", "effects": "gain:0"}')
        env = dict(os.environ, PLAINSONG_PRESETS=str(presets))
        out = run('list', 'presets', '--effects', '--json', env=env)
        rows = {row['name']: row for row in json.loads(out.stdout)['effects']}
        self.assertEqual(rows['mine']['description'], 'soft')
        self.assertEqual(rows['mine']['chain'], 'gain:gain=-20')
        self.assertEqual(rows['mono-check']['description'], 'not mono')
        out = run('process', self.wav, '-o', 'null:', '-e', 'mine', '--json', env=env)
        self.assertAlmostEqual(10 ** (json.loads(out.stdout)['peak_dbfs'] / 20), 0.1 * 16000 / 32768, delta=1e-4)

    def test_every_preset_of_ours_is_good(self):
        rows = json.loads(run('list', 'presets', '--effects', '--json').stdout)['effects']
        self.assertGreater(len(rows), 0)
        for row in rows:
            self.assertTrue(row['description'] and row['chain'], row)
            out = run('process', self.wav, '-o', 'null:', '-e', row['name'], '--json')
            self.assertEqual(out.returncode, 0, out.stderr)
            self.assertGreater(json.loads(out.stdout)['peak_dbfs'], -40, row['name'])

    def test_a_channel_of_midi_has_effects_of_its_own(self):
        midi = self.path / 'song.mid'
        midi.write_bytes(MIDI)

        def peak(*effects):
            out = run('render', midi, '-o', 'null:', '--json', '--no-reverb', '--no-chorus', *effects)
            self.assertEqual(out.returncode, 0, out.stderr)
            return 10 ** ((json.loads(out.stdout)['peak_dbfs'] or -400) / 20)

        both, drum = peak(), peak('-e', '1:gain:-120')
        self.assertAlmostEqual(peak('-e', '10:gain:0'), both, delta=1e-6)
        self.assertAlmostEqual(peak('-e', '1:gain:-120', '-e', '10:gain:-6'),
                               drum * 10 ** (-6 / 20), delta=1e-6)
        self.assertLess(peak('-e', '1:gain:-120', '-e', '10:gain:-120'), 1e-5)
        midi.unlink()

    def track(self, **more):
        """Two seconds of silence, with the sine as a clip half a second in."""
        clip = {'file_path': 'in.wav', 'start': 0.5, **more.pop('clip', {})}
        path = self.path / 'track.json'
        path.write_text(json.dumps({
            'global': {'sample_rate': 44100, 'crossfade_duration': 0, **more},
            'progression': [{'duration': 2, 'voices': []}], 'overlay_clips': [clip]}))
        return path

    def render_track(self, path, *arguments):
        out = run('render', path, '-o', self.path / 'out.wav', '-b', '32f', '--level', 'none',
                  *arguments)
        self.assertEqual(out.returncode, 0, out.stderr)
        return read_floats(self.path / 'out.wav'), out.stderr

    def test_a_track_and_its_clips_have_effects(self):
        plain, _ = self.render_track(self.track())
        both, words = self.render_track(self.track(effects='gain:-6',
                                                   clip={'effects': [{'effect': 'gain', 'gain': -6}]}))
        self.assertNotIn('warning', words)
        self.assertEqual(len(plain), len(both))
        for i in range(2 * 22050, len(plain), 500):
            self.assertAlmostEqual(both[i], plain[i] * 10 ** (-12 / 20), delta=1e-6)
        # what an effect rings on makes the clip, and with it the track, longer
        longer, _ = self.render_track(self.track(clip={'effects': 'delay:1000,0,1'}))
        self.assertAlmostEqual(longer[2 * 66150 + 200], plain[2 * 22050 + 200], delta=1e-6)
        # the old renderer knows of none
        old, _ = self.render_track(self.track(effects='gain:-60', clip={'effects': 'gain:-60'}),
                                   '--compat', 'reference')
        self.assertGreater(max(old), 0.2)

    def test_effects_of_a_track_that_cannot_be_are_left_out(self):
        plain, _ = self.render_track(self.track())
        dry, words = self.render_track(self.track(effects='gian:-6', clip={'effects': 'gain:99'}))
        self.assertIn('effects, column 1: no effect or preset "gian"', words)
        self.assertIn('overlay_clips[0].effects: effects, column 6: gain 99 is outside', words)
        self.assertEqual(plain, dry)

    def test_a_response_lies_beside_the_track(self):
        write_wav(self.path / 'unit.wav', [(32767, 32767)] + [(0, 0)] * 9)
        plain, _ = self.render_track(self.track())
        wet, words = self.render_track(self.track(effects='convolver:unit.wav,wet=1'))
        self.assertNotIn('warning', words)
        for i in range(0, len(plain), 300):
            self.assertAlmostEqual(wet[i], plain[i], delta=1e-5)

    # ---- Samples that are no numbers -----------------------------------------------------------

    def counts(self, wanted, *arguments):
        """One line of warning, the number in the report."""
        out = run(*arguments, '--json')
        self.assertEqual(out.returncode, 0, out.stderr)
        report = json.loads(out.stdout)
        line = f'{wanted} samples of the input were not finite: they are silent'
        self.assertEqual(report['input_not_finite'], wanted)
        self.assertEqual(report['warnings'], [line] if wanted else [])
        self.assertEqual(out.stderr.count('not finite'), 1 if wanted else 0)
        return report

    def test_what_is_no_number_is_silent_and_counted_once(self):
        bad, zeros = poisoned()
        tone = [0.1] * len(bad)
        write_floats(self.path / 'bad.wav', [tone, bad])
        write_floats(self.path / 'zero.wav', [tone, zeros])
        for more in ([], ['-e', 'gain:-6 | mono'], ['--level', 'lufs:-20'], ['--rate', '48000'],
                     ['--reverb', '--level', 'true-peak:-1'], ['--master']):
            with self.subTest(more):
                found = []
                for name, wanted in (('bad', 7), ('zero', 0)):
                    self.counts(wanted, 'process', self.path / f'{name}.wav', '-o',
                                self.path / 'out.wav', '-b', '32f', *more)
                    found.append((self.path / 'out.wav').read_bytes())
                self.assertEqual(found[0], found[1])
        self.counts(0, 'process', self.wav, '-o', 'null:')

    def test_clips_of_a_track_are_counted_once_each(self):
        bad, zeros = poisoned()
        write_floats(self.path / 'bad.wav', [bad])
        write_floats(self.path / 'zero.wav', [zeros])
        path = self.path / 'track.json'
        found = []
        for name, wanted in (('bad.wav', 7), ('zero.wav', 0)):
            clips = [{'file_path': name, 'start': start, 'effects': 'convolver:in.wav,wet=0.5'}
                     for start in (0.0, 0.5, 1.0)]
            path.write_text(json.dumps({
                'global': {'sample_rate': 44100, 'crossfade_duration': 0},
                'progression': [{'duration': 2, 'voices': []}],
                'overlay_clips': clips + [{'file_path': 'in.wav', 'start': 0}]}))
            for more in ([], ['--rate', '32000'], ['--compat', 'reference']):
                self.counts(wanted, 'render', path, '-o', self.path / 'out.wav', *more)
                found.append((self.path / 'out.wav').read_bytes())
        self.assertEqual(found[:3], found[3:])

    def test_responses_are_counted(self):
        bad, zeros = poisoned(2000)
        midi = self.path / 'song.mid'
        midi.write_bytes(MIDI)
        track = self.track(effects='convolver:bad.wav')
        write_floats(self.path / 'bad.wav', [bad, bad])
        write_floats(self.path / 'zero.wav', [zeros, zeros])
        for given in (self.wav, midi, track):
            command = 'process' if given == self.wav else 'render'
            found = []
            for name, wanted in (('bad', 14), ('zero', 14 if given == track else 0)):
                self.counts(wanted + (14 if (given, name) == (track, 'bad') else 0), command, given, '-o',
                            self.path / 'out.wav', '--ir', self.path / f'{name}.wav')
                found.append((self.path / 'out.wav').read_bytes())
            self.assertEqual(found[0], found[1])
        self.counts(14, 'render', midi, '-o', 'null:', '-e', f'1:convolver:{self.path}/bad.wav',
                    '-e', f'10:convolver:{self.path}/bad.wav')

    # ---- Responses that are unusual, or none ---------------------------------------------------

    def convolved(self, dry, response, rate=44100, chain='convolver:{},wet=1,normalize=off'):
        """What the right channel becomes; the left one stays silent (-120 dB: both are one transform)."""
        write_floats(self.path / 'dry.wav', [[0.0] * len(dry), dry])
        write_floats(self.path / 'ir.wav', [response], rate)
        out = run('process', self.path / 'dry.wav', '-o', self.path / 'wet.wav', '-b', '32f',
                  '-e', chain.format(self.path / 'ir.wav'))
        self.assertEqual(out.returncode, 0, out.stderr)
        samples = read_floats(self.path / 'wet.wav')
        self.assertLess(max(map(abs, samples[::2])), 1e-6)
        return samples[1::2]

    def test_a_response_may_be_longer_than_the_audio(self):
        dry = [0.5, -0.25, 0.0, 0.125, 0.25]
        response = [0.0] * 50000
        taps = {0: 0.5, 7: -0.25, 20000: 0.3, 49999: 0.2}
        for at, value in taps.items():
            response[at] = value
        for chain in ('convolver:{},wet=1,normalize=off', 'convolver:{},1,zero,normalize=off'):
            wet = self.convolved(dry, response, chain=chain)
            self.assertEqual(len(wet), len(dry) + len(response))  # to the last frame that sounds
            for i in range(len(wet)):
                wanted = sum(value * dry[i - at] for at, value in taps.items() if 0 <= i - at < len(dry))
                self.assertAlmostEqual(wet[i], wanted, delta=1e-6, msg=i)

    def test_a_response_of_one_sample_is_a_gain(self):
        dry = [math.sin(0.1 * i) * 0.5 for i in range(3000)]
        for value in (0.5, -0.25):
            wet = self.convolved(dry, [value])
            for a, b in zip(dry, wet):
                self.assertAlmostEqual(b, value * a, delta=1e-6)
            wet = self.convolved(dry, [value], chain='convolver:{},wet=1')  # brought to 1
            for a, b in zip(dry, wet):
                self.assertAlmostEqual(b, math.copysign(a, a * value), delta=1e-6)

    def test_a_response_at_another_rate_keeps_its_times(self):
        dry = [0.0] * 20000
        dry[0] = 1.0
        for rate, at in ((48000, 4800), (96000, 9600), (22050, 2205)):  # 0.1 s
            # A low bump: what any resampler gives back, centred on its tap.
            bump = [0.5 + 0.5 * math.cos(math.pi * k / 0.004 / rate) if abs(k) < 0.004 * rate else 0.0
                    for k in range(-at, 2 * at)]
            response = [x / rate for x in bump]
            wet = self.convolved(dry, response, rate, 'convolver:{},wet=1,normalize=off')
            power = sum(x * x for x in wet)
            centre = sum(i * x * x for i, x in enumerate(wet)) / power
            self.assertAlmostEqual(centre, 4410, delta=0.05, msg=rate)
            # and its shape: taps of the same curve, as many as there are now
            for i in range(4410 - 170, 4410 + 170, 10):
                wanted = (0.5 + 0.5 * math.cos(math.pi * (i - 4410) / 0.004 / 44100)) / rate
                self.assertAlmostEqual(wet[i], wanted, delta=0.01 / rate)

    def test_responses_that_are_none_are_refused(self):
        rows = (('three.wav', [[0.1], [0.2], [0.3]], 'a response of 3 channels: 1, 2 or 4'),
                ('empty.wav', [[]], 'a response without a sample'),
                ('nan.wav', [[math.nan] * 100], 'is silent'))
        for name, channels, words in rows:
            write_floats(self.path / name, channels)
            for effects in (['--ir', self.path / name], ['-e', f'convolver:{self.path / name}']):
                out = run('process', self.wav, '-o', self.path / 'out.wav', *effects)
                self.assertEqual(out.returncode, 3, out.stderr)
                self.assertIn(words, out.stderr)
                self.assertEqual(out.stderr.count('\n'), 1, out.stderr)
                self.assertFalse((self.path / 'out.wav').exists())
            (self.path / name).unlink()
        (self.path / 'text.wav').write_text('this is no audio')
        out = run('process', self.wav, '-o', 'null:', '--ir', self.path / 'text.wav')
        self.assertEqual(out.returncode, 3)
        self.assertIn('no audio file of a kind known here', out.stderr)
        (self.path / 'text.wav').unlink()
        self.fails(3, 'hint: rooms without a file: old-room room hall plate church', 'process', self.wav,
                   '-o', 'null:', '-e', 'convolver:hal')

    def test_bad_responses_are_said(self):
        for name, frames, words in (('silent.wav', [(0, 0)] * 100, 'is silent'),
                                    ('long.wav', [(1, 1)] * (21 * 44100), '21.0 s: 20 s are the most')):
            write_wav(self.path / name, frames)
            out = run('process', self.wav, '-o', self.path / 'out.wav', '--ir', self.path / name)
            self.assertEqual(out.returncode, 3, out.stderr)
            self.assertIn(words, out.stderr)
            self.assertFalse((self.path / 'out.wav').exists())
            (self.path / name).unlink()
        write_wav(self.path / 'one.wav', [(20000, 20000)])
        out = run('process', self.wav, '-o', 'null:', '--ir', self.path / 'one.wav')
        self.assertEqual(out.returncode, 0, out.stderr)

    def test_what_is_wrong_is_said(self):
        self.fails(2, '--effects:1:1: no effect or preset "gian"', 'process', self.wav, '-o', 'null:',
                   '-e', 'gian')
        self.fails(2, '--effects:1:13: gain 99 is outside -120..60 dB', 'process', self.wav, '-o',
                   'null:', '-e', 'mono | gain:99')
        self.fails(2, '-o FILE is needed', 'process', self.wav)
        self.fails(2, 'has no MIDI channels', 'process', self.wav, '-o', 'null:', '-e', '3:mono')
        self.fails(3, 'nowhere.json', 'process', self.wav, '-o', 'null:', '-e', 'nowhere.json')
        self.fails(3, 'nowhere.wav', 'process', 'nowhere.wav', '-o', 'null:')

    def test_nearest_names_and_places_are_said(self):
        rows = (
            ('gian:3', '1:1: no effect or preset "gian"', 'did you mean "gain"?'),
            ('mono | compresor', '1:8: no effect or preset "compresor"', 'did you mean "compressor"?'),
            ('preset:gospel-pino', '1:1: no preset "gospel-pino"', 'did you mean "gospel-piano"?'),
            ('compressor:-20,thresold=3', '1:16: compressor has no parameter "thresold"',
             'did you mean "threshold"?'),
            ('mono |', '1:7: the name of an effect is missing', ''),
            ('mono || mono', '1:7: the name of an effect is missing', ''),
            ('gain:"3', '1:6: a quote that does not end', ''),
            ('gain:3 4', '1:6: gain "3 4" is not a number in dB', ''),
            ('gain:1,2', '1:8: gain has no more than 1 parameters', ''),
            ('delay:9s', '1:7: time 9000 is outside 1..5000 ms', ''),
            ('pan:0,curved', '1:7: law "curved" is none of: power linear', ''),
            ('gain:inf', '1:6: gain "inf" is not a number', ''),
            ('eq:100+', '1:4: "100+" is not a band of eq', 'a band is [TYPE]FREQ'),
            ('[{"effect": "gian"}]', 'effects[0]: no effect "gian"', 'did you mean "gain"?'),
            ('["mono", 3]', 'effects[1]: neither text nor list nor map', ''),
        )
        for chain, words, hint in rows:
            with self.subTest(chain):
                self.fails(2, words, 'process', self.wav, '-o', 'null:', '-e', chain)
                self.fails(2, hint, 'process', self.wav, '-o', 'null:', '-e', chain)
        for chain, words in (('phaser:stages=2.5', 'phaser: stages 2.5 is not a whole number'),
                             ('chorus:voices=1.5', 'chorus: voices 1.5 is not a whole number'),
                             ('dither:12.5', 'dither: bits 12.5 is not a whole number'),
                             ('convolver:block=300', 'a block of 300 is no power of two')):
            self.fails(2, words, 'process', self.wav, '-o', 'null:', '-e', chain)
        self.fails(3, '1:25: json:', 'process', self.wav, '-o', 'null:', '-e',
                   '[{"effect":"gain","gain":')

    def test_the_tables_are_listed(self):
        rows = json.loads(run('list', 'effects', '--json').stdout)
        self.assertIn('gain', [row['name'] for row in rows])
        for row in rows:
            text = run('list', 'effects', row['name'])
            self.assertEqual(text.returncode, 0)
            for parameter in row['parameters']:
                self.assertIn(parameter['name'], text.stdout)
        self.assertEqual(run('list', 'effects', 'nothing').returncode, 2)


if __name__ == '__main__':
    unittest.main()

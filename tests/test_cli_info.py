#!/usr/bin/env python3
"""Runs `plainsong info` and `plainsong list` as a user would."""
import json
import math
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

PLAINSONG = os.environ.get('PS_CLI', 'plainsong')
DATA = pathlib.Path(__file__).resolve().parent / 'data'
BANK = DATA / 'soundfont' / 'VintageDreamsWaves-v2.sf2'


def run(*arguments, data=b'', **environment):
    return subprocess.run([PLAINSONG, *map(str, arguments)], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, env=dict(os.environ, **environment))


def wav(frames, channels=1, rate=22050):
    data = bytes(2 * channels * frames)
    return (b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ' +
            struct.pack('<IHHIIHH', 16, 1, channels, rate, rate * 2 * channels, 2 * channels, 16) +
            b'data' + struct.pack('<I', len(data)) + data)


def float_wav(channels, rate=48000):
    """Lists of samples, one for each channel."""
    data = b''.join(struct.pack(f'<{len(channels)}f', *frame) for frame in zip(*channels))
    return (b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ' +
            struct.pack('<IHHIIHH', 16, 3, len(channels), rate, rate * 4 * len(channels),
                        4 * len(channels), 32) + b'data' + struct.pack('<I', len(data)) + data)


MIDI = (b'MThd' + struct.pack('>IHHH', 6, 0, 1, 96) + b'MTrk' + struct.pack('>I', 12) +
        bytes([0, 0x90, 60, 64, 96, 0x80, 60, 64, 0, 0xff, 0x2f, 0]))


class Info(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, data):
        (self.folder / name).write_bytes(data)
        return self.folder / name

    def test_a_bank_tells_what_it_is(self):
        done = run('info', BANK)
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.assertIn(b'SoundFont 2.00, 0.3 MB of 16-bit samples\n'
                      b'136 presets, 238 instruments, 124 samples\n', done.stdout)
        said = json.loads(run('info', '--json', BANK.with_suffix('.sf3')).stdout)
        self.assertEqual((said['kind'], said['version'], said['vorbis'], said['presets']),
                         ('soundfont', '3.00', True, 136))
        self.assertEqual(said['warnings'], [])

    def test_midi_and_audio_are_known_by_what_is_in_them(self):
        midi = json.loads(run('info', '--json', self.file('a', MIDI)).stdout)
        self.assertEqual((midi['kind'], midi['notes']), ('midi', 1))
        self.assertEqual(json.loads(run('info', '--json', '-', data=MIDI).stdout)['notes'], 1)
        audio = json.loads(run('info', '--json', self.file('b', wav(11025, 2))).stdout)
        self.assertEqual((audio['kind'], audio['rate_hz'], audio['channels'], audio['frames'],
                          audio['seconds']), ('audio', 22050, 2, 11025, 0.5))
        self.assertIn(b'22050 Hz, 1 channel\nlength 0:01.000 (22050 frames)\n',
                      run('info', self.file('c', wav(22050))).stdout)

    def levels(self, name):
        done = run('info', '--level', '--json', name)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)['levels']

    def test_levels_are_those_of_the_samples(self):
        sine = [0.1 * math.sin(2 * math.pi * i / 48) for i in range(4 * 48000)]
        stereo = self.file('stereo.wav', float_wav([sine, sine]))
        levels = self.levels(stereo)
        self.assertAlmostEqual(levels['peak_dbfs'], -20, places=3)
        self.assertAlmostEqual(levels['true_peak_dbtp'], -20, delta=0.01)
        self.assertAlmostEqual(levels['rms_dbfs'], -23.01, places=2)
        for key in ('loudness_lufs', 'max_momentary_lufs', 'max_short_term_lufs'):
            self.assertAlmostEqual(levels[key], -20, delta=0.1)
        self.assertAlmostEqual(levels['loudness_range_lu'], 0, delta=0.02)
        self.assertEqual(levels['not_finite'], 0)
        said = run('info', stereo, '-l').stdout
        self.assertIn(b'peak -20.0 dBFS, true peak -20.0 dBTP, RMS -23.0 dBFS\n'
                      b'loudness -20.0 LUFS, range 0.0 LU\n'
                      b'loudest 400 ms -20.0 LUFS, loudest 3 s -20.0 LUFS\n', said)
        self.assertNotIn('levels', json.loads(run('info', '--json', stereo).stdout))
        # One channel is half of two (BS.1770).
        mono = self.levels(self.file('mono.wav', float_wav([sine])))
        self.assertAlmostEqual(mono['loudness_lufs'], levels['loudness_lufs'] - 3.01, places=2)
        self.assertAlmostEqual(mono['rms_dbfs'], levels['rms_dbfs'], places=6)

    def test_levels_of_odd_files(self):
        silence = self.file('silence.wav', wav(22050, 2))
        self.assertIn(b'\nsilence\n', run('info', '--level', silence).stdout)
        self.assertIsNone(self.levels(silence)['peak_dbfs'])
        poisoned = self.file('poisoned.wav', float_wav([[0.5] * 1000, [math.nan, math.inf] * 500]))
        self.assertEqual(self.levels(poisoned)['not_finite'], 1000)
        self.assertAlmostEqual(self.levels(poisoned)['peak_dbfs'], -6.02, places=2)
        self.assertIn(b'1000 samples are no numbers and count as silence\n',
                      run('info', '--level', poisoned).stdout)
        self.assertIsNone(self.levels(poisoned)['loudness_lufs'])  # too short
        done = run('info', '--level', self.file('three.wav', float_wav([[0.1], [0.2], [0.9]])))
        self.assertIn(b'only the first two of 3 channels', done.stderr)
        self.assertIn(b'peak -14.0 dBFS', done.stdout)

    def test_levels_are_of_audio_only(self):
        for done in (run('info', '--level', self.file('a', MIDI)), run('info', '--level', BANK),
                     run('info', '--level', '-', data=MIDI)):
            self.assertEqual((done.returncode, done.stdout), (2, b''))
            self.assertIn(b'--level is for audio files', done.stderr)

    def test_a_damaged_bank_is_told_of_and_refused_strictly(self):
        whole = BANK.read_bytes()
        cut = self.file('cut.sf2', whole[:-46])
        done = run('info', cut)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'shdr: no terminal record', done.stderr)
        self.assertIn(b'124 samples', done.stdout)
        done = run('info', '--strict', cut)
        self.assertEqual((done.returncode, done.stdout), (3, b''))
        done = run('info', self.file('half.sf2', whole[:len(whole) // 2]))
        self.assertEqual((done.returncode, done.stdout), (3, b''))
        self.assertIn(b'no list pdta: the file is not whole', done.stderr)
        self.assertEqual(len(done.stderr.strip().split(b'\n')), 1)

    def test_what_is_nothing_we_know_is_refused_in_words(self):
        done = run('info', self.file('x.txt', b'hello'))
        self.assertEqual((done.returncode, done.stdout), (3, b''))
        self.assertIn(b'no audio file of a known format', done.stderr)
        done = run('info', self.file('x.sf2', b'hello, I am no bank'))
        self.assertIn(b"begins with 'hell'", done.stderr)
        self.assertEqual(run('info', self.file('y.mid', b'hello')).returncode, 3)
        self.assertEqual(run('info', self.file('empty', b'')).returncode, 3)
        self.assertEqual(run('info', self.folder / 'missing').returncode, 3)
        self.assertEqual(run('info', self.folder).returncode, 3)
        self.assertEqual(run('info').returncode, 2)


class List(unittest.TestCase):
    def test_presets_come_in_order_of_bank_and_program(self):
        presets = json.loads(run('list', 'presets', '--json', '-s', BANK).stdout)['presets']
        places = [(preset['bank'], preset['program']) for preset in presets]
        self.assertEqual((len(places), places[0]), (136, (0, 0)))
        self.assertEqual(places, sorted(places))
        lines = run('list', 'presets', '--soundfont', BANK).stdout.decode().split('\n')
        self.assertEqual(lines[2].split(), ['0', '1', *presets[0]['name'].split()])

    def test_the_environment_names_the_default_bank(self):
        done = run('list', 'presets', PLAINSONG_SOUNDFONT=str(BANK))
        self.assertIn(b'\n' + str(BANK).encode(), done.stdout)
        done = run('list', 'soundfonts', PLAINSONG_SOUNDFONT=str(BANK))
        self.assertIn(f'{BANK} (default)\n'.encode(), done.stdout)
        done = run('list', 'presets', PLAINSONG_SOUNDFONT='/nowhere.sf2')
        self.assertEqual((done.returncode, done.stdout), (3, b''))

    def test_what_is_there_can_be_had_as_json(self):
        said = json.loads(run('list', 'soundfonts', '--json', PLAINSONG_SOUNDFONT='').stdout)
        self.assertEqual(said['default'], said['soundfonts'][0] if said['soundfonts'] else None)


if __name__ == '__main__':
    unittest.main()

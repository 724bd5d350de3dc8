#!/usr/bin/env python3
"""`--gpu` and `--verbose`, as a user gives them: whoever does the work, the sound is the same."""
import json
import math
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest

CLI = os.environ['PS_CLI']
RATE = 8000  # little to compute


def run(*arguments, env=None):
    return subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True, timeout=600,
                          env={**os.environ, **(env or {})})


def write_wav(path, channels, frames, rate=RATE):
    """Floats, interleaved."""
    data = struct.pack(f'<{len(frames)}f', *frames)
    size = 4 * channels
    path.write_bytes(b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt '
                     + struct.pack('<IHHIIHH', 16, 3, channels, rate, rate * size, size, 32)
                     + b'data' + struct.pack('<I', len(data)) + data)


def read_wav(path):
    data = path.read_bytes()
    at = 12
    while data[at:at + 4] != b'data':
        at += 8 + struct.unpack('<I', data[at + 4:at + 8])[0]
    count = struct.unpack('<I', data[at + 4:at + 8])[0] // 4
    return struct.unpack(f'<{count}f', data[at + 8:at + 8 + 4 * count])


def noise(channels, seconds, decay=0.0, seed=1):
    numbers = random.Random(seed)
    return [numbers.uniform(-0.5, 0.5) * math.exp(-decay * i / RATE)
            for i in range(int(seconds * RATE)) for _ in range(channels)]


# Format 0, 96 ticks a beat: a note on channel 1, and one on channel 10.
EVENTS = bytes([0, 0x90, 69, 100, 0, 0x99, 38, 100, 96, 0x80, 69, 0, 0, 0x89, 38, 0, 0, 0xff, 0x2f, 0])
MIDI = b'MThd' + struct.pack('>IHHH', 6, 0, 1, 96) + b'MTrk' + struct.pack('>I', len(EVENTS)) + EVENTS


class Gpu(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        cls.cache = {'XDG_CACHE_HOME': str(cls.path / 'cache')}
        cls.wav = cls.path / 'in.wav'
        write_wav(cls.wav, 2, noise(2, 4.0))
        cls.room = cls.path / 'room.wav'
        write_wav(cls.room, 2, noise(2, 3.0, decay=2.0, seed=2))
        cls.true_stereo = cls.path / 'true.wav'
        write_wav(cls.true_stereo, 4, noise(4, 0.7, decay=5.0, seed=3))
        cls.midi = cls.path / 'song.mid'
        cls.midi.write_bytes(MIDI)
        out = json.loads(run('list', 'gpus', '--gpu', 'on', '--json').stdout)
        cls.state = out['state']
        cls.has_device = any(gpu['used'] for gpu in out['gpus'])
        cls.has_gpu = any(not gpu['processor'] for gpu in out['gpus'])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def report(self, name, *arguments, env=None):
        """The samples, the report, and the words beside it."""
        path = self.path / name
        out = run(*arguments, '-o', path, '-b', '32f', '--json', env={**self.cache, **(env or {})})
        self.assertEqual(out.returncode, 0, out.stderr)
        return read_wav(path), json.loads(out.stdout), out.stderr

    def make(self, name, *arguments, env=None):
        """The samples, and what the report says of the GPU."""
        samples, report, _ = self.report(name, *arguments, env=env)
        return samples, report['gpu']

    def agree(self, a, b):
        self.assertEqual(len(a), len(b))
        full = max(1.0, max(map(abs, b)))
        self.assertGreater(max(map(abs, b)), 1e-3)
        self.assertLessEqual(max(abs(x - y) for x, y in zip(a, b)), 1e-5 * full)

    def same_either_way(self, *arguments, jobs=1):
        off, said = self.make('off.wav', *arguments, '--gpu', 'off')
        self.assertEqual(said, {'mode': 'off', 'state': 'it is turned off', 'jobs_done': 0,
                                'jobs_declined': 0, 'jobs_broken_off': 0})
        if not self.has_gpu:
            auto, said = self.make('auto.wav', *arguments)
            self.assertEqual(said['mode'], 'auto')
            self.assertEqual(said['jobs_done'], 0)
            self.assertEqual((self.path / 'auto.wav').read_bytes(), (self.path / 'off.wav').read_bytes())
        on, said = self.make('on.wav', *arguments, '--gpu', 'on')
        self.assertEqual(said['mode'], 'on')
        if self.has_device:
            self.assertGreaterEqual(said['jobs_done'], jobs)
            self.assertIn(' is used', said['state'])
        self.assertEqual(said['jobs_declined'] + said['jobs_broken_off'], 0)
        self.agree(on, off)
        return on

    def test_a_midi_file_with_the_old_reverb(self):
        self.same_either_way('render', self.midi, '--rate', RATE, '--reverb')

    def test_a_midi_file_in_a_room_of_three_seconds(self):
        self.same_either_way('render', self.midi, '--rate', RATE, '--ir', self.room)

    def test_channels_with_effects_of_their_own(self):
        effects = ('-e', '1:convolver:church', '-e', f'10:convolver:"{self.true_stereo}"')
        self.same_either_way('render', self.midi, '--rate', RATE, *effects, '-e', 'convolver:room', jobs=3)
        stems = {mode: self.path / f'stems-{mode}' for mode in ('off', 'on')}
        for mode, folder in stems.items():
            self.make('mix.wav', 'render', self.midi, '--rate', RATE, *effects, '--stems', folder,
                      '--gpu', mode)
        names = sorted(path.name for path in stems['off'].iterdir())
        self.assertEqual(len(names), 2)
        for name in names:
            self.agree(read_wav(stems['on'] / name), read_wav(stems['off'] / name))

    def test_an_audio_file_in_a_hall(self):
        self.same_either_way('process', self.wav, '-e', 'eq:hp80 | convolver:hall,wet=0.3 | limiter:-1')

    def test_true_stereo_at_once_and_late(self):
        for how in ('latency=zero', 'latency=block,predelay=13', 'block=512'):
            self.same_either_way('process', self.wav, '-e', f'convolver:"{self.true_stereo}",wet=1,{how}')

    def test_a_level_that_is_measured_first(self):
        self.same_either_way('process', self.wav, '--ir', self.room, '--level', 'peak:-3', jobs=2)

    def test_a_master_in_a_room(self):
        self.same_either_way('process', self.wav, '--ir', self.room, '--master', jobs=2)

    def test_an_excerpt(self):
        on = self.same_either_way('process', self.wav, '--ir', self.room, '--start', '1.5',
                                  '--duration', '0.7')
        self.assertEqual(len(on), 2 * round(0.7 * RATE))

    def test_a_track_with_effects_and_a_clip_with_its_own(self):
        track = self.path / 'track.json'
        track.write_text(json.dumps({
            'global': {'sample_rate': RATE, 'effects': [{'effect': 'convolver', 'ir': 'room.wav'}]},
            'progression': [{'duration': 2, 'voices': [{
                'synth_function_name': 'binaural_beat',
                'params': {'baseFreq': 200, 'beatFreq': 4, 'ampL': 0.5, 'ampR': 0.5}}]}],
            'overlay_clips': [{'file_path': 'in.wav', 'start': 0.25, 'effects': 'convolver:hall'}]}))
        self.same_either_way('render', track, jobs=2)
        self.same_either_way('render', track, '--reverb', '--level', 'fixed', jobs=3)

    def test_a_track_of_voices_that_are_tones(self):
        track = self.path / 'tones.json'
        tones = [{'synth_function_name': 'binaural_beat', 'params': {'freqOscRangeL': 5, 'freqOscFreqL': 1}},
                 {'synth_function_name': 'monaural_beat_stereo_amps'},
                 {'synth_function_name': 'isochronic_tone', 'is_transition': True,
                  'params': {'startBeatFreq': 4, 'endBeatFreq': 8}},
                 {'synth_function_name': 'rhythmic_waveshaping'}]
        track.write_text(json.dumps({
            'global': {'sample_rate': RATE, 'crossfade_duration': 0.2},
            'progression': [{'duration': 2, 'voices': tones}, {'duration': 1, 'voices': tones[1:]}]}))
        self.same_either_way('render', track, jobs=2)

    def test_a_batch_shares_one(self):
        songs = self.path / 'songs'
        songs.mkdir()
        for key in (60, 64, 67):
            (songs / f'{key}.mid').write_bytes(MIDI.replace(bytes([0x90, 69]), bytes([0x90, key]))
                                               .replace(bytes([0x80, 69]), bytes([0x80, key])))
        said = {}
        for mode in ('off', 'on'):
            out = run('batch', *sorted(songs.iterdir()), '-d', self.path / mode, '-b', '32f', '--rate',
                      RATE, '--ir', self.room, '--gpu', mode, '--json', env=self.cache)
            self.assertEqual(out.returncode, 0, out.stderr)
            said[mode] = json.loads(out.stdout)['gpu']
        self.assertEqual(said['off']['jobs_done'], 0)
        if self.has_device:
            self.assertGreaterEqual(said['on']['jobs_done'], 3)
        for key in (60, 64, 67):
            self.agree(read_wav(self.path / 'on' / f'{key}.wav'),
                       read_wav(self.path / 'off' / f'{key}.wav'))

    def test_what_needs_no_gpu_does_not_look_for_one(self):
        for mode in ('auto', 'on'):
            for effects in ((), ('-e', 'limiter')):
                _, said = self.make('x.wav', 'process', self.wav, '--gpu', mode, *effects)
                self.assertEqual(said['state'],
                                 'not looked for: there was no work long enough for one')

    def test_without_a_library_the_processor_does_it(self):
        nowhere = {'PLAINSONG_OPENCL': '/nowhere/lib.so'}
        self.make('off.wav', 'process', self.wav, '--ir', self.room, '--gpu', 'off')
        _, said = self.make('on.wav', 'process', self.wav, '--ir', self.room, '--gpu', 'on', env=nowhere)
        self.assertIn('/nowhere/lib.so', said['state'])
        self.assertEqual(said['jobs_done'], 0)
        self.assertEqual((self.path / 'on.wav').read_bytes(), (self.path / 'off.wav').read_bytes())

    def test_a_driver_that_fails_is_one_warning(self):
        if not self.has_device:
            self.skipTest(self.state)
        what = ('process', self.wav, '-e', 'convolver:hall | convolver:room', '--level', 'peak:-3')
        off, _ = self.make('off.wav', *what, '--gpu', 'off')
        self.make('on.wav', *what, '--gpu', 'on')  # builds what is needed
        done = set()
        for kernels in (0, 1, 3, 7, 11, 20, 30):
            on, report, words = self.report('on.wav', *what, '--gpu', 'on', env={
                'PLAINSONG_OPENCL': os.environ['PS_FAILING_OPENCL'],
                'FAILING_OPENCL_KERNELS': str(kernels)})
            self.agree(on, off)
            self.assertEqual(words.count('the processor goes on'), 1, words)
            self.assertEqual(words.count('warning: gpu: '), 1, words)
            self.assertEqual(report['warning_count'], 1)
            self.assertIn('CL_OUT_OF_RESOURCES in clEnqueueNDRangeKernel', report['warnings'][0])
            self.assertIn('is used no more', report['gpu']['state'])
            self.assertEqual(report['gpu']['jobs_broken_off'], 1)
            done.add(report['gpu']['jobs_done'])
        self.assertGreater(len(done), 1)  # in the first job, and in a later one

    def test_verbose_says_what_it_did(self):
        out = run('process', self.wav, '-o', 'null:', '--reverb', '--gpu', 'on', '-v', env=self.cache)
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertEqual(out.stdout, '')
        line = out.stderr.splitlines()[-1]
        self.assertTrue(line.startswith('plainsong: GPU: '), line)
        if self.has_device:
            self.assertIn(' is used; jobs: 1 done, 0 declined, 0 broken off', line)
        out = run('process', self.wav, '-o', 'null:', '--reverb', '--gpu', 'off', '--verbose')
        self.assertIn('plainsong: GPU: it is turned off\n', out.stderr)
        out = run('process', self.wav, '-o', 'null:', '--reverb', '--gpu', 'off')
        self.assertNotIn('GPU', out.stderr)
        out = run('process', self.wav, '-o', 'null:', '--reverb', '--gpu', 'on', '-v', '-q',
                  env=self.cache)
        self.assertEqual(out.stderr, '')

    def test_another_word_is_refused(self):
        out = run('render', self.midi, '-o', 'null:', '--gpu', 'yes')
        self.assertEqual(out.returncode, 2)
        self.assertIn('--gpu', out.stderr)


if __name__ == '__main__':
    unittest.main()

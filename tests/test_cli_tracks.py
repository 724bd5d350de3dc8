#!/usr/bin/env python3
"""Runs `plainsong info` on tracks and `plainsong list voices` as a user would."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PLAINSONG = os.environ.get('PS_CLI', 'plainsong')
BAD = pathlib.Path(__file__).resolve().parent / 'data' / 'bad-tracks'
DONE, USAGE, BAD_INPUT = 0, 2, 3

TRACK = {
    'global': {'sample_rate': 48000, 'crossfade_duration': 2, 'crossfade_curve': 'equal_power'},
    'progression': [
        {'duration': 60, 'description': 'down', 'voices': [
            {'synth_function_name': 'binaural_beat', 'is_transition': True, 'params': {'baseFreq': 210},
             'volume_envelope': {'type': 'adsr', 'params': {}}, 'description': 'bed'},
            {'synth_function_name': 'rhythmic_waveshaping'}]},
        {'duration': 30.5, 'voices': []}],
    'background_noise': {'params': {'noise_type': 'brown'}, 'amp': 0.5, 'pan': -1, 'fade_in': 3,
                         'amp_envelope': [[0, 1], [9, 0]]},
    'overlay_clips': [{'file_path': 'chime.wav', 'start': 4, 'fade_out': 1},
                      {'file_path': 'data:audio/wav;base64,AAAA'}],
}


def run(*arguments, data=b'', cwd=None):
    return subprocess.run([PLAINSONG, *map(str, arguments)], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, cwd=cwd)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).write_text(text)
        return self.folder / name

    def info(self, name, content, *options):
        self.file(name, content)
        return run('info', *options, name, cwd=self.folder)


class Tracks(Case):
    def test_a_track_is_told_for_people(self):
        done = self.info('t.json', TRACK)
        self.assertEqual((done.returncode, done.stderr.decode()), (DONE, ''))
        self.assertEqual(done.stdout.decode(), '''t.json
track, 2 steps, ends at 1:28.500
48000 Hz, crossfade 2 s at equal power
output generated_track.wav
step 1 at 0:00.000 for 1:00.000: down
    binaural_beat, transition, adsr: bed
    rhythmic_waveshaping
step 2 at 0:58.000 for 0:30.500
noise brown, gain 0.5, pan -1, fade-in 3 s, 2 gain points
clip chime.wav, gain 1, from 0:04.000, fade-out 1 s
clip data: URL, 26 bytes, gain 1
''')

    def test_a_track_is_told_for_programs(self):
        said = json.loads(self.info('t.json', TRACK, '--json').stdout)
        self.assertEqual((said['kind'], said['rate_hz'], said['crossfade_seconds'],
                          said['crossfade_curve'], said['seconds'], said['warnings']),
                         ('track', 48000, 2, 'equal_power', 88.5, []))
        self.assertEqual([(step['start_seconds'], step['seconds'], len(step['voices']))
                          for step in said['steps']], [(0, 60, 2), (58, 30.5, 0)])
        self.assertEqual(said['steps'][0]['voices'][0],
                         {'function': 'binaural_beat', 'transition': True, 'parameters': 1,
                          'envelope': 'adsr', 'description': 'bed', 'category': None})
        self.assertEqual((said['noise']['type'], said['noise']['gain'], said['noise']['gain_points']),
                         ('brown', 0.5, 2))
        self.assertEqual([(clip['path'], clip['start_seconds']) for clip in said['clips']],
                         [('chime.wav', 4), ('data: URL, 26 bytes', 0)])

    def test_standard_input_is_a_track_or_midi(self):
        said = json.loads(run('info', '--json', '-', data=json.dumps(TRACK).encode()).stdout)
        self.assertEqual((said['kind'], said['file']), ('track', '-'))
        done = run('info', '-', data=b'{"global": 3}')
        self.assertEqual(done.returncode, BAD_INPUT)
        self.assertTrue(done.stderr.startswith(b'plainsong: standard input:1:2: global: '), done.stderr)

    def test_a_track_is_known_by_its_bytes_or_its_name(self):
        self.assertIn(b'track, 2 steps', self.info('track', TRACK).stdout)
        done = self.info('t.json', 'hello')
        self.assertEqual(done.returncode, BAD_INPUT)
        self.assertIn(b'plainsong: t.json:1:5: json: ', done.stderr)

    def test_voice_presets_are_told(self):
        voice = {'synth_function_name': 'binaural_beat', 'params': {}}
        self.assertIn(b'    binaural_beat\n', self.info('a.voice', voice).stdout)
        said = json.loads(self.info('a.voices', [voice, voice], '--json').stdout)
        self.assertEqual(len(said['steps'][0]['voices']), 2)

    def test_other_documents_are_refused_by_name(self):
        for document, words in (({'steps': [{'oscillators': []}], 'audio_settings': {}},
                                 'this is a visual strobe program, not a track'),
                                ({'noise_type': 'pink'}, 'this is a noise preset, not a track'),
                                ([], 'not a track: the document is a list')):
            done = self.info('x.json', document)
            self.assertEqual(done.returncode, BAD_INPUT)
            self.assertEqual(done.stderr.decode().split('\n')[0], f'plainsong: x.json:1:1: {words}')
            self.assertEqual(done.stdout, b'')

    def test_mistakes_are_told_with_their_place_and_a_hint(self):
        text = ('{"progression": [{"duration": 1, "voices": [\n'
                ' {"synth_function_name": "binaural_beat",\n  "params": {"beatfrq": 3}}]}]}')
        done = self.info('t.json', text)
        self.assertEqual(done.returncode, DONE)
        self.assertEqual(done.stderr.decode(), '''\
plainsong: t.json:3:14: warning: progression[0].voices[0].params.beatfrq: binaural_beat has no such parameter
    hint: did you mean beatFreq?
''')
        said = json.loads(self.info('t.json', text, '--json', '--quiet').stdout)
        self.assertEqual(len(said['warnings']), 1)
        strict = self.info('t.json', text, '--strict')
        self.assertEqual((strict.returncode, strict.stdout), (BAD_INPUT, b''))
        self.assertIn(b'plainsong: t.json:3:14: progression', strict.stderr)

    def test_a_mistake_is_told_once_when_rendered(self):
        self.file('t.json', '{"global": {"sample_rate": 8000}, "progression": [{"duration": 1, "voices": [\n'
                  ' {"synth_function_name": "binaurel_beat"},\n'
                  ' {"synth_function_name": "binaural_beat",\n  "params": {"beatFreq": "x"}}]}]}')
        done = run('render', 't.json', '-o', 't.wav', '--quiet', '--json', cwd=self.folder)
        self.assertEqual(json.loads(done.stdout)['warnings'], [
            't.json:2:3: progression[0].voices[0].synth_function_name: there is no voice of this name: it is silent',
            't.json:4:14: progression[0].voices[1].params.beatFreq: is text where a number belongs: '
            'a voice that needs it is silent'])

    def test_texts_of_a_file_do_not_steer_the_terminal(self):
        done = run('info', BAD / 'control-escapes.json')
        self.assertEqual(done.returncode, DONE)
        self.assertNotIn(b'\x1b', done.stdout + done.stderr)

    def test_every_bad_track_ends(self):
        for path in sorted(BAD.glob('*.json')):
            done = run('info', path)
            self.assertIn(done.returncode, (DONE, BAD_INPUT), path)
            self.assertEqual(done.returncode == DONE, done.stdout != b'', path)


class Voices(Case):
    def test_all_voices_are_listed(self):
        names = [line.split()[0] for line in run('list', 'voices').stdout.decode().splitlines()]
        said = json.loads(run('list', 'voices', '--json').stdout)
        self.assertIn('binaural_beat', names)
        self.assertEqual([voice['name'] for voice in said['voices']], names)
        self.assertEqual(set(said['common']), {'transition', 'flanger', 'spatial'})
        for voice in said['voices']:
            rows = voice['parameters']
            self.assertEqual(len({row['name'] for row in rows}), len(rows), voice['name'])
            for row in rows:
                self.assertIn(row['kind'], ('number', 'flag', 'switch', 'text', 'value'))
                self.assertTrue(row['meaning'] and row['meaning'][-1] != '.', row)
                if 'low' in row:
                    self.assertLess(row['low'], row['high'], row)

    def test_one_voice_is_told_with_its_parameters(self):
        text = run('list', 'voices', 'binaural_beat').stdout.decode()
        self.assertRegex(text, r'\n  baseFreq +200 +\S+ +Hz ')
        self.assertIn('binaural_beat_transition', text)
        said = json.loads(run('list', 'voices', '--json', 'binaural_beat_transition').stdout)
        self.assertEqual([voice['name'] for voice in said['voices']], ['binaural_beat'])
        row = next(row for row in said['voices'][0]['parameters'] if row['name'] == 'ampL')
        self.assertEqual((row['preset'], row['start'], row['end']), (0.5, 'startAmpL', 'endAmpL'))

    def test_a_voice_that_is_none_is_refused(self):
        done = run('list', 'voices', 'nonsense')
        self.assertEqual((done.returncode, done.stdout), (BAD_INPUT, b''))
        self.assertIn(b'there is no voice nonsense', done.stderr)


if __name__ == '__main__':
    unittest.main()

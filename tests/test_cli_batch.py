#!/usr/bin/env python3
"""`plainsong batch` as a user runs it: many files, broken ones, killed runs, full disks."""
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import tiny

CLI = os.environ['PS_CLI']
REAL_BANK = pathlib.Path('/usr/share/sounds/sf2/TimGM6mb.sf2')


def run(*arguments, **options):
    return subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          **options)


def lesson(number, notes=24):
    """A melody of its own for every number, some seconds long."""
    events = tiny.program(0, number % 4)
    for i in range(notes):
        events += tiny.note(i * 60, 50, 48 + (i * (number % 7 + 1)) % 36, 50 + number % 60)
    return tiny.midi(events)


class Batch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='plainsong-batch-'))
        self.addCleanup(shutil.rmtree, self.folder)
        self.bank = self.folder / 'bank.sf2'
        self.bank.write_bytes(tiny.soundfont())
        self.lessons = self.folder / 'lessons'
        self.lessons.mkdir()
        self.out = self.folder / 'out'

    def write(self, count, notes=24):
        for i in range(count):
            (self.lessons / f'{i:03}.mid').write_bytes(lesson(i, notes))

    def batch(self, *options, bank=None, **more):
        return run('batch', self.lessons, '-o', self.out, '-s', bank or self.bank, *options, **more)

    def report(self, *options, **more):
        done = self.batch('--json', *options, **more)
        return json.loads(done.stdout), done

    def outputs(self):
        return {path.relative_to(self.out): path.read_bytes()
                for path in sorted(self.out.rglob('*.wav'))}

    def leftovers(self):
        return [path for path in self.out.rglob('*') if path.suffix == '.part']

    def test_two_hundred_lessons_with_a_real_bank(self):
        self.write(200)
        (self.lessons / '077.mid').write_bytes(b'MThd, but then nothing of the kind')
        bank = REAL_BANK if REAL_BANK.exists() else self.bank
        report, done = self.report(bank=bank)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual((report['file_count'], report['done'], report['failed']), (200, 199, 1))
        self.assertIn('077.mid', done.stderr)
        for i, file in enumerate(report['files']):
            self.assertEqual(pathlib.Path(file['input']), self.lessons / f'{i:03}.mid')
            if i == 77:
                self.assertEqual(file['status'], 'failed')
                self.assertIn('077.mid', file['error'])
                self.assertEqual(file['exit_code'], 3)
                self.assertFalse(pathlib.Path(file['output']).exists())
                continue
            self.assertEqual(file['status'], 'done')
            self.assertGreater(file['duration'], 1.5)
            self.assertLess(file['peak_db'], 0.0)
            self.assertLess(file['loudness_lufs'], 0.0)
            self.assertEqual(len(file['key']), 32)
        self.assertEqual(self.leftovers(), [])
        for i in (0, 99, 199):
            alone = self.folder / 'alone.wav'
            run('render', self.lessons / f'{i:03}.mid', '-o', alone, '-s', bank).check_returncode()
            self.assertEqual(alone.read_bytes(), (self.out / f'{i:03}.wav').read_bytes())

    def test_threads_are_not_heard(self):
        self.write(6)
        (self.lessons / 'long.mid').write_bytes(lesson(3, 400))
        made = []
        for threads in (1, 2, 3, 8):
            self.assertEqual(self.batch('-j', threads, '--master').returncode, 0)
            made.append(self.outputs())
            shutil.rmtree(self.out)
        self.assertEqual(len(made[0]), 7)
        self.assertTrue(all(outputs == made[0] for outputs in made))

    def test_resume_makes_what_changed(self):
        self.write(5)
        self.assertEqual(self.batch().returncode, 0)
        before = {path: path.stat().st_ino for path in self.out.glob('*.wav')}
        (self.lessons / '002.mid').write_bytes(lesson(50))
        (self.out / '004.wav').unlink()
        report, _ = self.report('--resume')
        self.assertEqual([file['status'] for file in report['files']],
                         ['skipped', 'skipped', 'done', 'skipped', 'done'])
        self.assertIsNotNone(report['files'][0]['loudness_lufs'])
        for name in ('000', '001', '003'):
            path = self.out / f'{name}.wav'
            self.assertEqual(path.stat().st_ino, before[path])
        report, _ = self.report('--resume', '--gain', '-6')
        self.assertEqual(report['done'], 5)
        report, _ = self.report('--gain', '-6')
        self.assertEqual(report['done'], 5)

    def test_a_killed_run_goes_on(self):
        self.write(60, notes=800)
        command = [CLI, 'batch', self.lessons, '-o', self.out, '-s', self.bank, '--quiet']
        killed = 0
        for attempt in range(3):
            with subprocess.Popen(command + (['--resume'] if attempt else [])) as process:
                limit = time.monotonic() + 60
                while len(list(self.out.glob('*.wav'))) < 10 * (attempt + 1):
                    if process.poll() is not None or time.monotonic() > limit:
                        break
                    time.sleep(0.002)
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    killed += 1
        self.assertGreater(killed, 0)
        manifest = json.loads((self.out / 'plainsong-batch.json').read_text())
        written = {file['output'] for file in manifest['files']}
        made = {path.name: path for path in self.out.glob('*.wav')}
        self.assertLessEqual(written, set(made))
        self.assertGreater(len(written), 0)
        for path in made.values():  # whole, every one
            chunks = tiny.wav_chunks(path.read_bytes())
            self.assertEqual(path.stat().st_size % 4, 0)
            self.assertEqual(len(chunks[b'data']) % 4, 0)
        before = {name: path.stat().st_ino for name, path in made.items()}
        report, done = self.report('--resume')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(report['skipped'], len(written))
        self.assertEqual(report['done'], 60 - len(written))
        for name in written:  # nothing is written twice
            self.assertEqual((self.out / name).stat().st_ino, before[name])
        self.assertEqual(self.leftovers(), [])
        resumed = self.outputs()
        shutil.rmtree(self.out)
        self.assertEqual(self.batch().returncode, 0)
        self.assertEqual(self.outputs(), resumed)

    def test_an_interrupted_run_leaves_whole_files(self):
        self.write(60, notes=800)
        with subprocess.Popen([CLI, 'batch', self.lessons, '-o', self.out, '-s', self.bank, '--json'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while not list(self.out.glob('*.wav')) and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=60)
        report = json.loads(said)
        self.assertEqual(report['done'], len(self.outputs()))
        self.assertEqual(self.leftovers(), [])
        if process.returncode != 0:  # else it was over before it heard
            self.assertEqual(process.returncode, 130)
            self.assertGreater(report['pending'], 0)
        report, _ = self.report('--resume')
        self.assertEqual(report['done'] + report['skipped'], 60)

    def test_names_that_collide(self):
        self.write(2)
        for name in ('week 1', 'week 2/deep'):
            (self.lessons / name).mkdir(parents=True)
            (self.lessons / name / '000.mid').write_bytes(lesson(9))
        shutil.copy(self.lessons / '000.mid', self.lessons / '000.MIDI')
        report, done = self.report()
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [str(pathlib.Path(file['output']).relative_to(self.out)) for file in report['files']]
        self.assertEqual(names, ['000.wav', '000-2.wav', '001.wav', 'week 1/000.wav',
                                 'week 2/deep/000.wav'])
        done = run('batch', self.lessons / '001.mid', self.lessons / 'week 1/000.mid',
                   self.lessons / 'week 2/deep/000.mid', '-d', self.folder / 'flat', '-s', self.bank)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(path.name for path in (self.folder / 'flat').glob('*.wav')),
                         ['000-2.wav', '000.wav', '001.wav'])

    def test_lists_of_names(self):
        self.write(4)
        names = [str(path) for path in sorted(self.lessons.glob('*.mid'))]
        lines = '\n'.join(names[:2]) + '\r\n\n'
        (self.folder / 'list').write_text('\0'.join(names[2:]) + '\0')
        done = run('batch', '-', f'@{self.folder}/list', '-o', self.out, '-s', self.bank, input=lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.outputs()), 4)

    def test_tracks_and_audio_files(self):
        track = {'global': {'sample_rate': 22050},
                 'progression': [{'duration': 1, 'voices': [
                     {'synth_function_name': 'binaural_beat', 'params': {'baseFreq': 200}}]}]}
        (self.lessons / 'track.json').write_text(json.dumps(track))
        self.write(1)
        self.assertEqual(self.batch('-f', 'flac').returncode, 0)
        self.assertEqual({path.name for path in self.out.glob('*.flac')}, {'000.flac', 'track.flac'})
        done = run('batch', *sorted(self.out.glob('*.flac')), '-o', self.folder / 'wet', '-f', 'ogg',
                   '--effects', 'gain:-6', '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        rates = {pathlib.Path(file['output']).name: file['rate']
                 for file in json.loads(done.stdout)['files']}
        self.assertEqual(rates, {'000.ogg': 44100, 'track.ogg': 22050})

    def test_a_folder_that_cannot_be_written(self):
        self.write(2)
        self.out.write_text('in the way')
        done = self.batch()
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(self.out.read_text(), 'in the way')
        if os.geteuid() != 0:  # root writes everywhere
            self.out.unlink()
            self.out.mkdir(mode=0o500)
            self.assertEqual(self.batch().returncode, 4)

    def test_one_output_that_cannot_be_written(self):
        self.write(3)
        (self.out / '001.wav').mkdir(parents=True)
        report, done = self.report()
        self.assertEqual(done.returncode, 1)
        self.assertEqual([file['status'] for file in report['files']], ['done', 'failed', 'done'])
        self.assertEqual(report['files'][1]['exit_code'], 4)

    def test_no_room_for_the_long_ones(self):
        self.write(4)
        for name in ('long', 'longer'):
            (self.lessons / f'{name}.mid').write_bytes(lesson(1, 400))
        limit = 2 << 20

        def limited():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        report, done = self.report(preexec_fn=limited)
        self.assertEqual(done.returncode, 1, done.stderr)
        status = {pathlib.Path(file['input']).stem: file['status'] for file in report['files']}
        self.assertEqual(status, {**{f'{i:03}': 'done' for i in range(4)},
                                  'long': 'failed', 'longer': 'failed'})
        self.assertEqual(self.leftovers(), [])
        report, done = self.report('--resume')
        self.assertEqual((done.returncode, report['skipped'], report['done']), (0, 4, 2))

    def test_mistakes(self):
        self.write(1)
        self.assertEqual(run('batch', self.lessons).returncode, 2)
        self.assertEqual(run('batch', '-o', self.out).returncode, 2)
        (self.folder / 'empty').mkdir()
        self.assertEqual(run('batch', self.folder / 'empty', '-o', self.out).returncode, 2)
        self.assertEqual(self.batch('--bits', '32f', '-f', 'flac').returncode, 1)
        self.assertEqual(self.batch(bank=self.folder / 'none.sf2').returncode, 3)
        self.assertEqual(run('batch', f'@{self.folder}/none', '-o', self.out).returncode, 3)
        (self.out / 'plainsong-batch.json').write_text('not a manifest')
        self.assertEqual(self.batch('--resume').returncode, 3)
        self.assertEqual(self.batch().returncode, 0)

    def test_the_manifest_may_lie_elsewhere(self):
        self.write(2)
        manifest = self.folder / 'notes' / 'run.json'
        self.assertEqual(self.batch('--manifest', manifest).returncode, 0)
        self.assertFalse((self.out / 'plainsong-batch.json').exists())
        document = json.loads(manifest.read_text())
        self.assertTrue(document['finished'])
        self.assertEqual([file['output'] for file in document['files']], ['000.wav', '001.wav'])
        report, _ = self.report('--manifest', manifest, '--resume')
        self.assertEqual(report['skipped'], 2)

    def test_progress_as_json(self):
        self.write(5)
        done = self.batch('--progress', 'json', '--quiet')
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        shares = [line['done'] for line in lines]
        self.assertEqual(shares, sorted(shares))
        self.assertEqual((lines[-1]['finished'], lines[-1]['files']), (5, 5))


if __name__ == '__main__':
    unittest.main()

#!/usr/bin/env python3
"""The `plainsong` command, from outside: every exit code, every promise of `plainsong render`."""
import json
import math
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402

CLI = os.environ.get('PS_CLI', 'plainsong')
DONE, FAILED, USAGE, BAD_INPUT, CANNOT_WRITE, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Case(unittest.TestCase):
    """A folder of its own with song.mid and bank.sf2 in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='plainsong-'))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / 'song.mid').write_bytes(tiny.song())
        (self.folder / 'bank.sf2').write_bytes(tiny.soundfont())
        self.here = {'song.mid', 'bank.sf2'}

    def run_cli(self, *words, stdin=b'', env=None, stdout=subprocess.PIPE):
        environment = dict(os.environ, PLAINSONG_SOUNDFONT=str(self.folder / 'bank.sf2'), **(env or {}))
        return subprocess.run([CLI, *map(str, words)], cwd=self.folder, input=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, env=environment, timeout=120)

    def ok(self, *words, **more):
        done = self.run_cli(*words, **more)
        self.assertEqual(done.returncode, DONE, done.stderr.decode())
        return done

    def refused(self, code, says, *words, **more):
        """Fails with this code and one line that says so (and perhaps a hint); leaves nothing."""
        done = self.run_cli(*words, **more)
        text = done.stderr.decode()
        lines = text.splitlines()
        self.assertEqual(done.returncode, code, text)
        self.assertIn(says, text)
        self.assertTrue(lines[0].startswith('plainsong: '), text)
        self.assertLessEqual(len(lines), 2, text)
        self.assertTrue(len(lines) == 1 or lines[1].startswith('    hint: '), text)
        self.assertEqual(done.stdout or b'', b'')
        self.assertEqual(self.files(), self.here)
        return text

    def same(self, one, other):
        """As assertEqual, without printing megabytes."""
        self.assertTrue(one == other, 'they differ')

    def files(self):
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob('*')}

    def file(self, name, data):
        (self.folder / name).write_bytes(data)
        self.here.add(name)

    def render(self, *words, source='song.mid'):
        """(channels, rate, samples) of a float render."""
        self.ok('render', source, '-o', 'out.wav', '--bits', '32f', *words)
        return tiny.wav_floats((self.folder / 'out.wav').read_bytes())

    def report(self, *words, source='song.mid'):
        return json.loads(self.ok('render', source, '--json', '-q', *words).stdout)


class Frame(Case):
    def test_version_names_libraries_and_kernels(self):
        lines = self.ok('--version').stdout.decode().splitlines()
        self.assertRegex(lines[0], r'^plainsong \d+\.\d+\.\d+$')
        self.assertRegex(lines[1], r'^kernels \w+$')
        self.assertEqual([line.split()[0] for line in lines[2:]], ['libsndfile', 'libsoxr', 'libpng', 'jansson'])

    def test_help_goes_to_standard_output(self):
        for words in (['--help'], ['-h'], ['help'], ['render', '--help'], ['render', '-h'],
                      ['help', 'render'], ['render', 'song.mid', '--help']):
            done = self.ok(*words)
            self.assertIn(b'usage: plainsong', done.stdout)
            self.assertEqual(done.stderr, b'')

    def test_help_fits_a_terminal_and_names_every_option(self):
        text = self.ok('render', '--help').stdout.decode()
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        for option in '''output format rate bits quality mono no-dither tag stems no-clobber
                soundfont interpolation polyphony no-reverb no-chorus level start duration tail
                loops fade-in fade-out threads seed strict dry-run progress json quiet'''.split():
            self.assertIn(f'--{option} ' if f'--{option} ' in text else f'--{option}\n', text)

    def test_without_a_command_the_help_is_an_error(self):
        done = self.run_cli()
        self.assertEqual(done.returncode, USAGE)
        self.assertEqual(done.stdout, b'')
        self.assertIn(b'usage: plainsong', done.stderr)

    def test_the_nearest_name_is_suggested(self):
        self.refused(USAGE, 'hint: did you mean render?', 'rendr')
        self.refused(USAGE, 'hint: did you mean --soundfont?', 'render', 'song.mid', '--sound-font', 'x')
        self.refused(USAGE, 'hint: did you mean --soundfont?', 'render', '--sound', 'x', 'song.mid')
        self.refused(USAGE, 'hint: did you mean cubic?', 'render', 'song.mid', '-i', 'cubik')
        self.refused(USAGE, 'hint: did you mean artist?', 'render', 'song.mid', '-t', 'artits=me')
        self.refused(USAGE, 'hint: plainsong render --help', 'render', '--xyzzy')

    def test_options_are_read_the_gnu_way(self):
        for words in (['--rate=8000', 'song.mid', '-onull:'], ['--rate', '8000', '-o', 'null:', 'song.mid'],
                      ['song.mid', '-r8000', '-o', 'null:'], ['-o', 'null:', '-r', '8000', '--', 'song.mid']):
            self.assertEqual(json.loads(self.ok('render', '--json', '-q', *words).stdout)['rate'], 8000)
        self.refused(BAD_INPUT, '--rate', 'render', '-o', 'null:', '--', '--rate')

    def test_misuse_is_told_from_the_rest(self):
        self.refused(USAGE, 'render: FILE is missing', 'render')
        self.refused(USAGE, 'one argument too many', 'render', 'song.mid', 'b.mid')
        self.refused(USAGE, '--rate: 7999 is outside 8000..192000', 'render', 'song.mid', '--rate', '7999')
        self.refused(USAGE, '--rate: "8k" is not a whole number', 'render', 'song.mid', '--rate=8k')
        self.refused(USAGE, '--polyphony: 0 is outside 1..4096', 'render', 'song.mid', '-p', '0')
        self.refused(USAGE, '--quality: 11 is outside 0..10', 'render', 'song.mid', '--quality', '11')
        self.refused(USAGE, '--start: "1:75" is no time', 'render', 'song.mid', '--start', '1:75')
        self.refused(USAGE, '--start: "nan" is no time', 'render', 'song.mid', '--start', 'nan')
        self.refused(USAGE, '--level: "loud" is not one of', 'render', 'song.mid', '--level', 'loud')
        self.refused(USAGE, '--level: 3 is outside -70..0', 'render', 'song.mid', '--level', 'peak:3')
        self.refused(USAGE, '--tag: "title" is not of the form', 'render', 'song.mid', '--tag', 'title')
        self.refused(USAGE, '--soundfont: "x" is no bank number', 'render', 'song.mid', '-s', 'bank.sf2@x')
        self.refused(USAGE, '--output needs a value', 'render', 'song.mid', '--output')
        self.refused(USAGE, '--mono takes no value', 'render', 'song.mid', '--mono=1')
        self.refused(USAGE, 'unknown option -Z', 'render', 'song.mid', '-Z')

    def test_colours_are_for_terminals_only(self):
        done = self.run_cli('render', 'missing.mid', env={'TERM': 'xterm-256color'})
        self.assertNotIn(b'\033', done.stderr)

    def on_terminal(self, *words, **env):
        """What a person sees on standard error."""
        master, slave = os.openpty()
        environment = {**os.environ, 'PLAINSONG_SOUNDFONT': 'bank.sf2', 'TERM': 'xterm', 'NO_COLOR': '', **env}
        process = subprocess.Popen([CLI, *words], cwd=self.folder, stderr=slave, env=environment)
        os.close(slave)
        seen = b''
        try:
            while data := os.read(master, 4096):
                seen += data
        except OSError:  # how Linux says that the other end is gone
            pass
        os.close(master)
        process.wait(timeout=60)
        return seen

    def test_a_terminal_gets_colours_and_a_progress_line(self):
        self.assertIn(b'\033[1;31mplainsong:', self.on_terminal('rendr'))
        self.assertNotIn(b'\033', self.on_terminal('rendr', NO_COLOR='1'))
        seen = self.on_terminal('render', 'song.mid', '-o', 'null:')
        self.assertTrue(seen.startswith(b'\r\033[K'), seen)
        self.assertIn(b'% rendering', seen)
        self.assertIn(b'\r\033[Kplainsong: ', seen)  # wiped before the summary
        self.assertNotIn(b'\033', self.on_terminal('render', 'song.mid', '-o', 'null:', '-q'))

    def test_names_do_not_steer_the_terminal(self):
        self.refused(BAD_INPUT, 'x?[31m.mid: ', 'render', 'x\033[31m.mid')

    @unittest.skipUnless(os.path.exists('/dev/full'), 'no /dev/full')
    def test_data_that_cannot_go_out_is_an_error(self):
        with open('/dev/full', 'wb') as full:
            done = self.run_cli('--help', stdout=full)
        self.assertEqual(done.returncode, CANNOT_WRITE)
        self.assertIn(b'standard output: cannot write', done.stderr)

    def test_the_manual_is_good_roff(self):
        page = self.ok('--man').stdout
        for word in (b'.TH PLAINSONG 1', rb'\-\-soundfont', rb'plainsong render'):
            self.assertIn(word, page)
        if shutil.which('groff'):
            checked = subprocess.run(['groff', '-man', '-ww', '-z'], input=page, stderr=subprocess.PIPE)
            self.assertEqual(checked.stderr, b'')

    def test_completions_parse_in_their_shells(self):
        for shell in ('bash', 'zsh', 'fish'):
            script = self.ok('--completion', shell).stdout
            self.assertIn(b'soundfont', script)
            if shutil.which(shell):
                done = subprocess.run([shell, '-n'], input=script, stderr=subprocess.PIPE)
                self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.refused(USAGE, 'bash, zsh or fish', '--completion', 'csh')

    @unittest.skipUnless(shutil.which('bash'), 'no bash')
    def test_bash_completes_commands_options_and_values(self):
        self.file('completion', self.ok('--completion', 'bash').stdout)
        for words, expected in ((['ren'], {'render'}), (['render', '--inter'], {'--interpolation'}),
                                (['render', '-i', 'sinc'], {'sinc8', 'sinc32'}),
                                (['render', 'son'], {'song.mid'}), (['help', ''], None)):
            script = (f'. ./completion; COMP_WORDS=(plainsong {" ".join(words)} {"" if words[-1] else chr(39) * 2});'
                      f'COMP_CWORD={len(words)}; compopt() {{ :; }}; _plainsong; printf "%s\\n" "${{COMPREPLY[@]}}"')
            done = subprocess.run(['bash', '-c', script], cwd=self.folder, stdout=subprocess.PIPE)
            if expected:
                self.assertEqual(set(done.stdout.decode().split()), expected)


class BadInput(Case):
    def test_each_kind_of_bad_file_is_named(self):
        song = tiny.song()
        self.refused(BAD_INPUT, 'missing.mid: ', 'render', 'missing.mid', '-o', 'x.wav')
        self.refused(BAD_INPUT, '.: ', 'render', '.', '-o', 'x.wav')
        for name, data in (('empty.mid', b''), ('text.mid', b'I am a text, and a long one at that.'),
                           ('head.mid', song[:13]), ('bank.mid', tiny.soundfont())):
            self.file(name, data)
            text = self.refused(BAD_INPUT, f'plainsong: {name}: ', 'render', name, '-o', 'x.wav')
            self.assertRegex(text.splitlines()[0], r': byte \d+: |empty|no ')

    def test_a_bank_that_is_none_is_named(self):
        bank = tiny.soundfont()
        for name, data in (('empty.sf2', b''), ('cut.sf2', bank[:200]), ('song.sf2', tiny.song())):
            self.file(name, data)
            self.refused(BAD_INPUT, f'plainsong: {name}: ', 'render', 'song.mid', '-s', name, '-o', 'x.wav')
        self.refused(BAD_INPUT, 'missing.sf2: ', 'render', 'song.mid', '-s', 'missing.sf2', '-o', 'x.wav')

    def test_a_piece_without_notes_is_refused(self):
        self.file('none.mid', tiny.midi(tiny.program(0, 5)))
        self.refused(BAD_INPUT, 'none.mid: no notes', 'render', 'none.mid', '-o', 'x.wav')
        self.refused(BAD_INPUT, 'none.mid: no notes', 'render', 'none.mid', '--dry-run')

    def test_damage_is_mended_with_a_warning_unless_strict(self):
        self.file('cut.mid', tiny.song()[:-10])
        done = self.ok('render', 'cut.mid', '-o', 'null:')
        self.assertRegex(done.stderr.decode(), r'plainsong: cut\.mid: warning: byte \d+: ')
        self.assertEqual(self.ok('render', 'cut.mid', '-o', 'null:', '-q').stderr, b'')
        self.assertIn('cut.mid: byte', self.report('-o', 'null:', source='cut.mid')['warnings'][0])
        self.refused(BAD_INPUT, 'cut.mid: byte ', 'render', 'cut.mid', '-o', 'x.wav', '--strict')

    def test_many_warnings_are_cut_short(self):
        body = b''.join(b'\0\x90\x3c\x40\x60\x80\x3c\x40\0\xf4' for _ in range(100)) + b'\0\xff\x2f\0'
        self.file('many.mid', b'MThd\0\0\0\6\0\0\0\1\1\xe0MTrk' + struct.pack('>I', len(body)) + body)
        lines = self.ok('render', 'many.mid', '-o', 'null:').stderr.decode().splitlines()
        self.assertEqual(sum('many.mid: warning: byte ' in line for line in lines), 20)
        self.assertIn('plainsong: and 80 more warnings', lines)
        report = self.report('-o', 'null:', source='many.mid')
        self.assertEqual((report['warning_count'], len(report['warnings'])), (100, 100))


class Output(Case):
    def test_what_cannot_be_written_is_an_error_of_its_own(self):
        self.refused(CANNOT_WRITE, 'nowhere/x.wav: ', 'render', 'song.mid', '-o', 'nowhere/x.wav')
        self.refused(CANNOT_WRITE, 'song.mid/x.wav: ', 'render', 'song.mid', '-o', 'song.mid/x.wav')
        if os.path.exists('/dev/full'):
            self.refused(CANNOT_WRITE, '/dev/full: ', 'render', 'song.mid', '-o', '/dev/full', '-f', 'wav')
            with open('/dev/full', 'wb') as full:
                self.refused(CANNOT_WRITE, 'standard output: ', 'render', 'song.mid', '-o', '-', stdout=full)

    def test_what_a_format_cannot_hold_is_a_usage_error(self):
        self.refused(USAGE, 'x.xyz', 'render', 'song.mid', '-o', 'x.xyz')
        self.refused(USAGE, 'flac', 'render', 'song.mid', '-o', 'x.flac', '--bits', '32f')
        self.refused(USAGE, 'mp3', 'render', 'song.mid', '-o', 'x.mp3', '--rate', '96000')

    def test_an_existing_file_is_kept_on_request(self):
        self.file('x.wav', b'old')
        self.refused(CANNOT_WRITE, 'x.wav: ', 'render', 'song.mid', '-o', 'x.wav', '--no-clobber')
        self.assertEqual((self.folder / 'x.wav').read_bytes(), b'old')
        self.ok('render', 'song.mid', '-o', 'x.wav')
        self.assertEqual((self.folder / 'x.wav').read_bytes()[:4], b'RIFF')

    def test_the_default_name_lies_in_this_folder(self):
        os.mkdir(self.folder / 'sub')
        (self.folder / 'sub' / 'piece.x.mid').write_bytes(tiny.song())
        self.assertIn(b'piece.x.wav: ', self.ok('render', 'sub/piece.x.mid').stderr)
        self.assertEqual((self.folder / 'piece.x.wav').read_bytes()[:4], b'RIFF')
        self.ok('render', 'sub/piece.x.mid', '--format', 'flac')
        self.assertEqual((self.folder / 'piece.x.flac').read_bytes()[:4], b'fLaC')

    def test_every_format_has_its_head(self):
        for name, head in (('x.wav', b'RIFF'), ('x.aiff', b'FORM'), ('x.flac', b'fLaC'), ('x.ogg', b'OggS'),
                           ('x.opus', b'OggS')):
            self.ok('render', 'song.mid', '-o', name, '-t', 'title=Ä song')
            data = (self.folder / name).read_bytes()
            self.assertEqual(data[:4], head)
            if name in ('x.flac', 'x.ogg', 'x.opus'):
                self.assertIn('Ä song'.encode(), data[:8192])

    def test_a_pipe_gets_a_whole_wav(self):
        self.ok('render', 'song.mid', '-o', 'x.wav', '-q')
        done = self.ok('render', 'song.mid', '-o', '-', '-q')
        self.assertEqual(done.stderr, b'')
        piped = tiny.wav_chunks(done.stdout)
        self.same(piped[b'data'], tiny.wav_chunks((self.folder / 'x.wav').read_bytes())[b'data'])
        self.assertEqual(struct.unpack_from('<I', done.stdout, 4)[0], len(done.stdout) - 8)
        streamed = self.ok('render', 'song.mid', '-o', '-', '-q', '--level', 'none').stdout
        self.same(tiny.wav_chunks(streamed)[b'data'], piped[b'data'])
        raw = self.ok('render', 'song.mid', '-o', '-', '-q', '--format', 'raw', '--bits', '16').stdout
        self.same(raw, piped[b'data'])

    def test_a_reader_who_leaves_ends_the_render(self):
        command = f'"{CLI}" render song.mid -o - -q --tail 60 | head -c 100 > head; echo ${{PIPESTATUS[0]}}'
        done = subprocess.run(['bash', '-c', command], cwd=self.folder, capture_output=True, timeout=60,
                              env=dict(os.environ, PLAINSONG_SOUNDFONT='bank.sf2'))
        self.assertIn(int(done.stdout), (CANNOT_WRITE, DONE))
        self.assertEqual((self.folder / 'head').read_bytes()[:4], b'RIFF')

    def test_standard_input_is_read(self):
        self.ok('render', '-', '-o', 'x.wav', stdin=tiny.song())
        self.ok('render', 'song.mid', '-o', 'y.wav')
        self.same((self.folder / 'x.wav').read_bytes(), (self.folder / 'y.wav').read_bytes())
        self.here |= {'x.wav', 'y.wav'}
        self.refused(BAD_INPUT, 'standard input: ', 'render', '-', '-o', 'z.wav', stdin=b'nonsense')
        self.refused(USAGE, '-o FILE is needed', 'render', '-', stdin=tiny.song())

    def test_report_and_audio_do_not_mix(self):
        self.refused(USAGE, '--json and the audio', 'render', 'song.mid', '-o', '-', '--json')


class Sound(Case):
    def test_a_float_file_holds_the_notes(self):
        channels, rate, samples = self.render('--level', 'none')
        self.assertEqual((channels, rate), (2, 44100))
        self.assertGreater(len(samples) / 2 / rate, 3.9)
        self.assertGreater(max(map(abs, samples)), 0.01)

    def test_threads_change_nothing(self):
        files = []
        for threads in (1, 2, 7):
            self.ok('render', 'song.mid', '-o', 'x.wav', '-j', threads)
            files.append((self.folder / 'x.wav').read_bytes())
        self.same(files[0], files[1])
        self.same(files[0], files[2])

    def test_an_excerpt_is_the_tail_of_the_whole(self):
        whole = self.render('--level', 'none')[2]
        for start in ('0.5', '1.2345', '0:03'):
            part = self.render('--level', 'none', '--start', start)[2]
            first = round(float(start.split(':')[-1]) * 44100) * 2
            self.same(part, whole[first:])
        part = self.render('--level', 'none', '--start', '1', '--duration', '0.5')[2]
        self.same(part, whole[88200:88200 + 44100])
        self.here.add('out.wav')
        self.refused(USAGE, 'lies behind the end', 'render', 'song.mid', '-o', 'x.wav', '--start', '1:00:00')

    def test_levels_come_out_as_asked(self):
        peak = max(map(abs, self.render('--level', 'peak:-6')[2]))
        self.assertAlmostEqual(20 * math.log10(peak), -6, places=4)
        report = self.report('-o', 'x.wav', '--level', 'lufs:-20')
        self.assertAlmostEqual(report['loudness_lufs'], -20, places=1)
        plain = self.report('-o', 'x.wav', '--level', 'none')
        again = self.report('-o', 'x.wav')
        self.assertEqual((plain['gain_db'], again['gain_db']), (0, 0))
        self.assertAlmostEqual(report['gain_db'], -20 - plain['loudness_lufs'], places=2)

    def test_true_peaks_come_out_as_asked_and_reports_carry_all_levels(self):
        report = self.report('-o', 'x.wav', '--level', 'true-peak:-3')
        self.assertAlmostEqual(report['true_peak_dbtp'], -3, places=4)
        self.assertLessEqual(report['peak_dbfs'], report['true_peak_dbtp'])
        self.assertLess(report['rms_dbfs'], report['peak_dbfs'])
        self.assertGreaterEqual(report['max_momentary_lufs'], report['max_short_term_lufs'])
        self.assertGreaterEqual(report['loudness_range_lu'], 0)
        self.assertEqual(report['not_finite'], 0)
        self.here.add('x.wav')
        self.refused(USAGE, 'true-peak:DB', 'render', 'song.mid', '-o', 'y.wav', '--level', 'true-pk:-1')

    def test_a_mix_that_would_clip_is_turned_down(self):
        done = self.ok('render', 'song.mid', '-o', 'x.wav', '--gain', '40')
        self.assertIn(b'would have clipped', done.stderr)
        report = self.report('-o', 'x.wav', '--gain', '40')
        self.assertTrue(report['prevented_clipping'])
        self.assertAlmostEqual(report['peak_dbfs'], -1, places=3)
        self.assertEqual(report['clipped'], 0)
        loud = self.report('-o', 'x.wav', '--gain', '40', '--level', 'none')
        self.assertGreater(loud['clipped'], 0)
        self.assertIn('beyond full scale', ' '.join(loud['warnings']))
        whole = self.report('-o', 'x.wav', '--gain', '40', '--bits', '32f')
        self.assertGreater(whole['peak_dbfs'], 0)
        self.assertFalse(whole['prevented_clipping'])

    def test_fades_begin_and_end_in_silence(self):
        plain = self.render('--level', 'none')[2]
        faded = self.render('--level', 'none', '--fade-in', '1', '--fade-out', '1')[2]
        self.assertEqual(len(plain), len(faded))
        self.assertEqual(faded[0], 0)
        self.assertLess(abs(faded[-1]), 1e-6)
        self.same(plain[100000:120000], faded[100000:120000])
        self.assertLess(max(map(abs, faded[:2000])), 0.01 * max(map(abs, plain[:2000])))

    def test_mono_is_the_mean(self):
        stereo = self.render('--level', 'none')[2]
        channels, _, mono = self.render('--level', 'none', '--mono')
        self.assertEqual(channels, 1)
        self.assertEqual(len(mono) * 2, len(stereo))
        self.assertLess(max(abs(m - (left + right) / 2)
                            for m, left, right in zip(mono, stereo[::2], stereo[1::2])), 1e-6)

    def test_stems_add_up_to_the_mix(self):
        for level in ('none', 'peak:-3'):
            mix = self.render('--level', level, '--stems', 'stems')[2]
            names = sorted(os.listdir(self.folder / 'stems'))
            self.assertEqual(names, ['01-sine-lead.wav', '02-second-voice.wav', '10-drums.wav'])
            total = [0.0] * len(mix)
            for name in names:
                stem = tiny.wav_floats((self.folder / 'stems' / name).read_bytes())[2]
                self.assertEqual(len(stem), len(mix))
                self.assertGreater(max(map(abs, stem)), 0.001)
                total = [a + b for a, b in zip(total, stem)]
            # What the effects ring on after a stem's own end lies below -100 dBFS.
            self.assertLess(max(abs(a - b) for a, b in zip(total, mix)), 3e-5)

    def test_stems_need_no_mix(self):
        done = self.ok('render', 'song.mid', '--stems', 'stems', '--format', 'flac')
        self.assertIn(b'3 stems', done.stderr)
        self.assertEqual(self.files() - self.here, {'stems', 'stems/01-sine-lead.flac',
                                                    'stems/02-second-voice.flac', 'stems/10-drums.flac'})

    def test_stems_of_any_threads_are_the_same(self):
        self.ok('render', 'song.mid', '--stems', 'one', '-j', '1')
        self.ok('render', 'song.mid', '--stems', 'four', '-j', '4')
        for name in os.listdir(self.folder / 'one'):
            self.same((self.folder / 'one' / name).read_bytes(),
                      (self.folder / 'four' / name).read_bytes())

    def test_dither_follows_the_seed(self):
        def data(*words):
            self.ok('render', 'song.mid', '-o', 'x.wav', *words)
            return tiny.wav_chunks((self.folder / 'x.wav').read_bytes())[b'data']
        self.same(data('--seed', '1'), data('--seed', '1'))
        self.assertFalse(data('--seed', '1') == data('--seed', '2'))
        self.same(data('--seed', '1', '--no-dither'), data('--seed', '2', '--no-dither'))

    def test_loops_are_played_again(self):
        events = tiny.note(0, 400, 60) + tiny.note(480, 400, 64)
        events += [(480, b'\xff\x06\x09loopStart'), (960, b'\xff\x06\x07loopEnd')]
        self.file('loop.mid', tiny.midi(events))
        once = self.report('-o', 'null:', source='loop.mid')
        thrice = self.report('-o', 'null:', '--loops', '2', source='loop.mid')
        self.assertEqual((once['notes'], thrice['notes']), (2, 4))
        self.assertAlmostEqual(thrice['duration'] - once['duration'], 1.0, delta=0.1)

    def test_missing_presets_are_reported(self):
        self.file('rare.mid', tiny.midi(tiny.program(3, 77) + tiny.note(0, 480, 60, channel=3)))
        report = self.report('-o', 'null:', source='rare.mid')
        missing = report['missing_presets']
        self.assertEqual([(m['program'], m['channel']) for m in missing], [(77, 4)])
        self.assertIn(b'warning: no preset 0:77', self.ok('render', 'rare.mid', '-o', 'null:').stderr)

    def test_a_second_bank_fills_the_gaps(self):
        self.file('more.sf2', tiny.soundfont(((0, 77, 'Third', 0),)))
        self.file('rare.mid', tiny.midi(tiny.program(3, 77) + tiny.note(0, 480, 60, channel=3)))
        words = ['-o', 'null:', '-s', 'bank.sf2', '-s']
        self.assertEqual(self.report(*words, 'more.sf2', source='rare.mid')['missing_presets'], [])
        self.assertNotEqual(self.report(*words, 'more.sf2@5', source='rare.mid')['missing_presets'], [])


class Report(Case):
    def test_the_report_is_whole(self):
        report = self.report('-o', 'x.wav')
        self.assertEqual(report['notes'], 24)
        self.assertEqual(report['rate'], 44100)
        self.assertAlmostEqual(report['duration'], report['frames'] / 44100, places=6)
        self.assertEqual(report['warnings'], [])
        self.assertEqual(report['missing_presets'], [])
        self.assertGreaterEqual(report['peak_polyphony'], 3)
        data = tiny.wav_chunks((self.folder / 'x.wav').read_bytes())[b'data']
        self.assertEqual(len(data), report['frames'] * 4)

    def test_silence_has_no_loudness(self):
        self.file('soft.mid', tiny.midi([(0, b'\xb0\x07\x00')] + tiny.note(0, 480, 60)))
        report = self.report('-o', 'null:', source='soft.mid')
        self.assertIsNone(report['loudness_lufs'])
        self.assertEqual(report['notes'], 1)

    def test_the_summary_says_what_was_written(self):
        text = self.ok('render', 'song.mid', '-o', 'x.wav').stderr.decode()
        self.assertRegex(text, r'^plainsong: x\.wav: 0:0\d\.\d, peak -?\d+\.\d dBFS, -\d+\.\d LUFS, \d+ x real time\n$')
        self.assertEqual(self.ok('render', 'song.mid', '-o', 'x.wav', '--quiet').stderr, b'')

    def test_a_dry_run_writes_nothing(self):
        text = self.ok('render', 'song.mid', '--dry-run').stdout.decode()
        for words in ('24 on 3 channels', 'bank.sf2', 'Sine Lead', 'song.wav'):
            self.assertIn(words, text)
        plan = json.loads(self.ok('render', 'song.mid', '--dry-run', '--json').stdout)
        self.assertEqual([p['name'] for p in plan['presets']], ['Sine Lead', 'Second/Voice', 'Kit'])
        self.assertEqual(self.files(), self.here)

    def test_progress_can_be_read_by_programs(self):
        lines = self.ok('render', 'song.mid', '-o', 'null:', '-q', '--progress', 'json').stderr.decode().splitlines()
        told = [json.loads(line) for line in lines]
        self.assertGreater(len(told), 0)
        for step in told:
            self.assertTrue(0 <= step['done'] <= 1)
            self.assertEqual(step['stage'], 'rendering')

    def test_an_interrupted_render_leaves_nothing(self):
        hour = tiny.midi([event for i in range(7200) for event in tiny.note(i * 480, 470, 40 + i % 40)])
        self.file('hour.mid', hour)
        for number in (signal.SIGINT, signal.SIGTERM):
            for words in (['-o', 'x.wav'], ['-o', 'x.flac', '--level', 'peak:-1'], ['--stems', '.']):
                process = subprocess.Popen(
                    [CLI, 'render', 'hour.mid', '-i', 'sinc32', '--progress', 'json', *words],
                    cwd=self.folder, stderr=subprocess.PIPE,
                    env=dict(os.environ, PLAINSONG_SOUNDFONT='bank.sf2'))
                process.stderr.readline()  # it is under way
                process.send_signal(number)
                rest = process.communicate(timeout=60)[1]
                self.assertEqual(process.returncode, INTERRUPTED, rest)
                self.assertEqual(self.files(), self.here)


class Waveform(Case):
    def head(self, data):
        self.assertEqual(data[:8], b'\x89PNG\r\n\x1a\n')
        return struct.unpack('>II', data[16:24])

    def test_audio_and_midi_are_drawn(self):
        self.ok('render', 'song.mid', '-o', 'song.wav', '-q')
        self.ok('waveform', 'song.wav', '-o', 'a.png', '--width', '321', '--height', '77')
        self.assertEqual(self.head((self.folder / 'a.png').read_bytes()), (321, 77))
        done = self.ok('waveform', 'song.mid', '-o', '-', '--color', '#ff0000', '--background', 'transparent')
        self.assertEqual(self.head(done.stdout), (1000, 200))
        self.ok('waveform', 'song.wav')
        self.assertEqual(self.head((self.folder / 'song.png').read_bytes()), (1000, 200))

    def test_bad_input_is_refused(self):
        self.file('text.wav', b'no sound at all, this is a text')
        self.refused(BAD_INPUT, 'text.wav: ', 'waveform', 'text.wav')
        self.refused(BAD_INPUT, 'missing.wav: ', 'waveform', 'missing.wav')
        self.refused(USAGE, '--width: 0 is outside 1..16384', 'waveform', 'song.mid', '--width', '0')
        self.refused(USAGE, '--color: "mauve" is no colour', 'waveform', 'song.mid', '--color', 'mauve')
        self.refused(CANNOT_WRITE, 'nowhere/x.png: ', 'waveform', 'song.mid', '-o', 'nowhere/x.png')


if __name__ == '__main__':
    unittest.main(verbosity=1)

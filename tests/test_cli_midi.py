#!/usr/bin/env python3
"""Runs `plainsong midi` as a user would: exit codes, words, files, pipes."""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

PLAINSONG = os.environ.get('PS_CLI', 'plainsong')
TORTURE = pathlib.Path(__file__).resolve().parent / 'data' / 'torture'
END = b'\x00\xff\x2f\x00'


def run(*arguments, data=b''):
    return subprocess.run([PLAINSONG, 'midi', *map(str, arguments)], input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def smf(*tracks, division=96):
    chunks = b''.join(b'MTrk' + struct.pack('>I', len(t)) + t for t in tracks)
    return b'MThd' + struct.pack('>IHHH', 6, len(tracks) > 1, len(tracks), division) + chunks


def notes(*keys, channel=0):
    """Quarter notes one after the other, without the track's end."""
    return b''.join(bytes([0, 0x90 | channel, key, 64, 96, 0x80 | channel, key, 64]) for key in keys)


def read(data):
    """(tick, status, data bytes) of the channel events of a file we wrote, by track."""
    tracks, at = [], 14
    while at < len(data):
        end = at + 8 + struct.unpack('>I', data[at + 4:at + 8])[0]
        at, tick, status, events = at + 8, 0, 0, []

        def number(at):
            value = 0
            while True:
                value = value << 7 | data[at] & 127
                at += 1
                if data[at - 1] < 128:
                    return value, at

        while at < end:
            delta, at = number(at)
            tick += delta
            if data[at] >= 128:
                status, at = data[at], at + 1
            if status >= 0xf0:
                at += status == 0xff
                size, at = number(at)
                at += size
            else:
                count = 1 if status >> 4 in (12, 13) else 2
                events.append((tick, status, *data[at:at + count]))
                at += count
        tracks.append(events)
    return tracks


def starts(data, track=0):
    """(tick, channel, key, velocity) of the notes of a track."""
    return [(tick, status & 15, key, velocity) for tick, status, key, velocity in
            (e for e in read(data)[track] if len(e) == 4) if status >> 4 == 9 and velocity > 0]


class Midi(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / 'out.mid'
        self.song = self.folder / 'song.mid'
        self.song.write_bytes(smf(notes(60, 62) + END, notes(36, channel=9) + END))

    def edit(self, command, *arguments, of=None):
        done = run(command, of or self.song, '-o', self.out, *arguments)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, b'', b''))
        return self.out.read_bytes()

    def fails(self, code, words, *arguments, data=b''):
        done = run(*arguments, data=data)
        text = done.stderr.decode()
        self.assertEqual(done.returncode, code, text)
        self.assertIn(words, text)
        self.assertTrue(text.startswith('plainsong: '), text)
        self.assertEqual(done.stdout, b'')
        self.assertFalse(self.out.exists())

    def test_info_tells_people_what_is_in_a_file(self):
        text = run('info', TORTURE / 'test-karaoke-kar.mid').stdout.decode()
        for words in ('title Mary Was A Little Lame', 'karaoke, format 1, 3 tracks, 100 ticks',
                      'length 0:10.600', 'tempo 90 bpm', '29 notes on 1 channel', 'C4 to C5; program 12'):
            self.assertIn(words, text)

    def test_info_tells_programs_everything(self):
        path = TORTURE / 'test-2-tracks-type-1.mid'
        info = json.loads(run('info', '--json', path).stdout)
        self.assertEqual(info['file'], str(path))
        self.assertEqual((info['format'], info['tracks'], info['ticks_per_quarter']), (1, 2, 96))
        self.assertEqual((info['seconds'], info['music_seconds'], info['last_tick']), (4.5, 4.5, 864))
        self.assertEqual((info['notes'], info['events'], info['channels_used']), (16, 40, 2))
        self.assertEqual(info['title'], 'Standard MIDI file type 1')
        self.assertEqual(info['channels'][1], {'channel': 2, 'events': 16, 'notes': 8, 'lowest_key': 61,
                                               'highest_key': 73, 'programs': []})
        self.assertEqual((info['tempos'], info['warnings'], info['loop']), ([], [], None))

    def test_info_lists_tempos_programs_loops_and_marks(self):
        track = (b'\0\xff\x51\x03\x0f\x42\x40\0\xc0\x05\0\xc0\x07\0\xff\x06\x09loopStart' + notes(60)
                 + b'\0\xff\x51\x03\x07\xa1\x20\x60\xff\x05\x02la\0\xff\x06\x07loopEnd' + END)
        info = json.loads(run('info', '--json', '-', data=smf(track)).stdout)
        self.assertEqual(info['tempos'], [{'tick': 0, 'seconds': 0, 'bpm': 60},
                                          {'tick': 96, 'seconds': 1, 'bpm': 120}])
        self.assertEqual(info['loop'], {'start_tick': 0, 'end_tick': 192, 'start_seconds': 0,
                                        'end_seconds': 1.5})
        self.assertEqual((info['markers'], info['lyrics']), (2, 1))
        self.assertEqual(info['channels'][0]['programs'], [5, 7])

    def test_a_text_of_any_encoding_is_shown(self):
        for title, shown in ((b'Caf\xe9', 'Café'), ('É𝄞'.encode(), 'É𝄞'), (b'a\x1b[31m\x9bb', 'a?[31m?b')):
            track = b'\0\xff\x03' + bytes([len(title)]) + title + END
            self.assertIn(f'title {shown}\n', run('info', '-', data=smf(track)).stdout.decode())
            json.loads(run('info', '-', '--json', data=smf(track)).stdout)

    def test_damage_is_a_warning_or_refused(self):
        path = TORTURE / 'test-corrupt-file-missing-byte.mid'
        done = run('info', path, '--json')
        self.assertEqual(done.returncode, 0)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertTrue(lines[0].startswith(f'plainsong: {path}: '), lines[0])
        self.assertIn('byte 18: ', lines[0])
        self.assertIn('byte 264: ', lines[1])
        self.assertEqual(len(json.loads(done.stdout)['warnings']), 2)
        self.assertEqual(run('info', path, '-q').stderr, b'')
        self.fails(3, f'{path}: byte 18: ', 'info', path, '--strict')
        self.fails(3, 'byte 18: ', 'transpose', path, '-s', 1, '-o', self.out, '--strict')

    def test_what_is_no_midi_file_is_bad_input(self):
        self.fails(3, 'standard input: byte 0: ', 'info', '-', data=b'')
        self.fails(3, "begins with 'not '", 'info', TORTURE / 'test-not-a-midi-file.mid')
        self.fails(3, 'missing.mid', 'info', self.folder / 'missing.mid')

    def test_transpose(self):
        data = self.edit('transpose', '-s', '-3')
        self.assertEqual(starts(data), [(0, 0, 57, 64), (96, 0, 59, 64)])
        self.assertEqual(starts(data, 1), [(0, 9, 36, 64)])
        self.assertEqual(starts(self.edit('transpose', '--semitones=12', '-c', '2-9')), starts(self.song.read_bytes()))
        done = run('transpose', self.song, '-s', 66, '-o', self.out)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'1 notes leave the keys 0..127', done.stderr)

    def test_tempo(self):
        self.edit('tempo', '--bpm', 60)
        self.assertEqual(json.loads(run('info', '--json', self.out).stdout)['seconds'], 2)
        self.edit('tempo', '-f', 4)
        self.assertEqual(json.loads(run('info', '--json', self.out).stdout)['seconds'], 0.25)

    def test_velocity(self):
        self.assertEqual([n[3] for n in starts(self.edit('velocity', '-f', 0.5, '--offset', 1))], [33, 33])

    def test_quantize(self):
        loose = self.folder / 'loose.mid'
        loose.write_bytes(smf(b'\x05' + notes(60, 62)[1:] + END))
        self.assertEqual([n[0] for n in starts(self.edit('quantize', '-g', '1/8', of=loose))], [0, 96])
        # Two thirds of an eighth are 32 ticks; 5 is nearest to 0 and 101 to 96.
        self.assertEqual([n[0] for n in starts(self.edit('quantize', '-g', '1/8t', of=loose))], [0, 96])

    def test_trim(self):
        self.assertEqual(starts(self.edit('trim', '--start', 0.5)), [(0, 0, 62, 64)])
        self.assertEqual(starts(self.edit('trim', '--end', '0:00.5')), [(0, 0, 60, 64)])

    def test_mute_and_solo(self):
        self.assertEqual([len(t) for t in read(self.edit('mute', '-c', 10))], [4, 0])
        self.assertEqual([len(t) for t in read(self.edit('solo', '-c', 10))], [0, 2])

    def test_remap(self):
        data = self.edit('remap', '-m', '1=3,10=1')
        self.assertEqual([n[1] for n in starts(data) + starts(data, 1)], [2, 2, 0])

    def test_click(self):
        data = self.edit('click', '--count-in', 1, '--whole')
        self.assertEqual([n[0] for n in starts(data)], [384, 480])
        self.assertEqual([n[0] for n in starts(data, 2)], [0, 96, 192, 288, 384, 480])
        self.assertEqual([n[2] for n in starts(data, 2)], [76, 77, 77, 77, 76, 77])

    def test_merge(self):
        one, two = self.folder / 'one.mid', self.folder / 'two.mid'
        one.write_bytes(smf(notes(60) + END))
        two.write_bytes(smf(b'\x83\x60\x90\x40\x40' + END, division=480))
        done = run('merge', one, two, '-o', self.out)
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.assertEqual([starts(self.out.read_bytes(), t) for t in (0, 1)], [[(0, 0, 60, 64)], [(96, 0, 64, 64)]])
        run('merge', '--ports', one, two, '-o', self.out)
        self.assertEqual([c['channel'] for c in json.loads(run('info', '-j', self.out).stdout)['channels']],
                         [1, 17])

    def test_split_and_merge_give_the_notes_again(self):
        for by, names in (('channel', ('01', '10')), ('track', ('01', '02'))):
            parts = self.folder / by
            done = run('split', self.song, '-d', parts, '--by', by)
            self.assertEqual((done.returncode, done.stderr), (0, b''))
            paths = [str(parts / f'song-{by}-{name}.mid') for name in names]
            self.assertEqual(done.stdout.decode().splitlines(), paths)
            self.assertEqual(run('merge', *paths, '-o', self.out).returncode, 0)
            info = json.loads(run('info', '--json', self.out).stdout)
            self.assertEqual([(c['channel'], c['notes']) for c in info['channels']], [(1, 2), (10, 1)])

    def test_files_may_be_pipes(self):
        done = run('transpose', '-', '-s', 1, '-o', '-', data=self.song.read_bytes())
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.assertEqual(starts(done.stdout), [(0, 0, 61, 64), (96, 0, 63, 64)])

    def test_wrong_use_is_told_with_exit_code_2(self):
        for words, *arguments in (
                ('-o FILE is missing', 'transpose', self.song, '-s', 1),
                ('--semitones N is missing', 'transpose', self.song, '-o', self.out),
                ('--semitones', 'transpose', self.song, '-o', self.out, '-s', 128),
                ('one of --factor X and --bpm BPM', 'tempo', self.song, '-o', self.out),
                ('one of --factor X and --bpm BPM', 'tempo', self.song, '-o', self.out, '-f', 1, '-b', 60),
                ('not within 3.576', 'tempo', self.song, '-o', self.out, '-f', 0.01),
                ('--factor X or --offset N', 'velocity', self.song, '-o', self.out),
                ('--grid: "1/0" is no note', 'quantize', self.song, '-o', self.out, '-g', '1/0'),
                ('--start TIME or --end TIME', 'trim', self.song, '-o', self.out),
                ('--end must come after', 'trim', self.song, '-o', self.out, '--start', 1, '--end', 1),
                ('not within 0..1 (the piece)', 'trim', self.song, '-o', self.out, '--start', 5),
                ('--channels LIST is missing', 'mute', self.song, '-o', self.out),
                ('"0" is no channel', 'solo', self.song, '-o', self.out, '-c', '0'),
                ('"257" is no channel', 'solo', self.song, '-o', self.out, '-c', '1-257'),
                ('no list of channels', 'solo', self.song, '-o', self.out, '-c', '5-3'),
                ('no list of channels', 'solo', self.song, '-o', self.out, '-c', '1;2'),
                ('--map LIST is missing', 'remap', self.song, '-o', self.out),
                ('"1=300" is no list', 'remap', self.song, '-o', self.out, '-m', '1=300'),
                ('--count-in', 'click', self.song, '-o', self.out, '--count-in', 65),
                ('FILE... is missing', 'merge', '-o', self.out),
                ('-d DIR is missing', 'split', self.song)):
            with self.subTest(words):
                self.fails(2, words, *arguments)

    def test_what_cannot_be_written_is_exit_code_4(self):
        self.fails(4, 'missing', 'transpose', self.song, '-s', 1, '-o', self.folder / 'missing' / 'a.mid')
        self.fails(4, 'song.mid', 'transpose', self.song, '-s', 1, '-o', self.song, '-n')
        self.fails(4, 'parts', 'split', self.song, '-d', self.folder / 'missing' / 'parts')
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ['song.mid'])

    def test_every_command_helps(self):
        for command in ('info transpose tempo velocity quantize trim merge split mute solo remap click'
                        .split()):
            done = run(command, '--help')
            self.assertEqual((done.returncode, done.stderr), (0, b''))
            self.assertIn(f'usage: plainsong midi {command}', done.stdout.decode())


if __name__ == '__main__':
    sys.exit(unittest.main())

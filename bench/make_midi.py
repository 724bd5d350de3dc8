#!/usr/bin/env python3
"""Writes the synthetic MIDI files of the benches: each isolates one cost. Always the same bytes.

    bench/make_midi.py [FOLDER]

And reads the length of any MIDI file (`seconds_of`), so that every contender renders the same span.
"""
import pathlib
import struct
import sys

TICKS = 480  # per quarter note; at 120 bpm a second is 960 ticks
SECOND = 2 * TICKS
MELODIC = [channel for channel in range(16) if channel != 9]


def varlen(value):
    out = [value & 0x7f]
    while value := value >> 7:
        out.append(0x80 | value & 0x7f)
    return bytes(reversed(out))


def write(path, events, end_tick):
    """One track, format 0, from (tick, message bytes) in any order."""
    track, last = bytearray(), 0
    end_tick = max([end_tick] + [tick for tick, _ in events])
    for tick, message in sorted(events, key=lambda event: (event[0], event[1][0] & 0xf0 == 0x90)):
        track += varlen(tick - last) + message
        last = tick
    track += varlen(end_tick - last) + b'\xff\x2f\x00'
    path.write_bytes(struct.pack('>4sIHHH', b'MThd', 6, 0, 1, TICKS) +
                     struct.pack('>4sI', b'MTrk', len(track)) + track)


def note(channel, key, velocity, start, end):
    return [(end, bytes([0x80 | channel, key, 0])), (start, bytes([0x90 | channel, key, velocity]))]


def programs(numbers):
    return [(0, bytes([0xc0 | channel, numbers[i % len(numbers)]]))
            for i, channel in enumerate(MELODIC)]


# General MIDI sounds that last as long as they are held and have one region a note in both banks:
# drawbar organ and rock organ would do too, these also move their filters.
HELD = [19, 48, 52, 61, 68, 71, 73, 80, 81, 89]


def held(seconds):
    """255 notes that never change: what a voice costs, and nothing else."""
    events = programs(HELD)
    for number, channel in enumerate(MELODIC):
        for i in range(17):
            events += note(channel, 36 + 3 * i + number % 3, 80, SECOND // 10, seconds * SECOND)
    return events, seconds * SECOND


def chords(seconds):
    """255 notes a chord, a new chord every two seconds: starting, releasing, stealing."""
    events = programs(HELD)
    for start in range(0, seconds, 2):
        for channel in MELODIC:
            for i in range(17):
                key = 36 + (3 * i + start) % 51
                events += note(channel, key, 90, start * SECOND, (start + 2) * SECOND - 10)
    return events, seconds * SECOND


def black(seconds):
    """1000 notes a second, each a quarter of a second long, on 15 channels."""
    events = programs([0, 4, 24, 40, 48, 56, 65, 80, 14, 32])
    for i in range(1000 * seconds):
        start = i * SECOND // 1000
        events += note(MELODIC[i % 15], 30 + (i * 7) % 70, 40 + i % 80, start, start + SECOND // 4)
    return events, seconds * SECOND


def sparse(seconds):
    """A piano note every 30 seconds."""
    events = []
    for start in range(0, seconds, 30):
        events += note(0, 48 + start // 30 % 24, 80, start * SECOND, (start + 2) * SECOND)
    return events, seconds * SECOND


def lesson(_seconds):
    """Twelve seconds as of an exercise: left-hand chords, right-hand melody, pedal."""
    events = [(0, b'\xc0\x00')]
    for bar, root in enumerate([60, 65, 60, 67, 65, 60]):
        start = bar * 2 * SECOND
        events += [(start + 5, b'\xb0\x40\x7f'), (start + 2 * SECOND - 20, b'\xb0\x40\x00')]
        for interval in (-12, -8, -5, -2):
            events += note(0, root + interval, 70, start, start + 2 * SECOND - 20)
        for i, interval in enumerate((0, 3, 4, 7, 9, 10, 9, 7)):
            events += note(0, root + interval, 85, start + i * TICKS // 2, start + (i + 1) * TICKS // 2)
    return events, 12 * SECOND


def silent(seconds):
    """A soft click at the start, then nothing; without a note nobody would render it."""
    return note(0, 100, 1, 0, TICKS // 10) + [(seconds * SECOND, b'\xb0\x07\x64')], seconds * SECOND


FILES = {'held255': (held, 60), 'chords255': (chords, 60), 'black1000': (black, 60),
         'sparse-hour': (sparse, 3600), 'sparse-minute': (sparse, 60), 'silent': (silent, 600),
         'lesson': (lesson, 12), 'nothing': (silent, 1)}


def make_all(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (maker, seconds) in FILES.items():
        write(folder / f'{name}.mid', *maker(seconds))


def make_lessons(folder, count):
    """Lessons that differ in key, loudness and tempo, as those of a course do: 10 to 14 seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        events, end_tick = lesson(12)
        shift, softer, tempo = number % 12 - 6, number % 5 * 4, 420000 + number * 7919 % 160000
        moved = [(0, b'\xff\x51\x03' + tempo.to_bytes(3, 'big'))]
        for tick, message in events:
            if message[0] & 0xe0 == 0x80:
                message = bytes([message[0], message[1] + shift, max(0, message[2] - softer)])
            moved.append((tick, message))
        write(folder / f'lesson-{number:03}.mid', moved, end_tick)


# ---- Length of a file -----------------------------------------------------------------------------

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varlen(self):
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 0x7f
            if byte < 0x80:
                return value


def read_track(data):
    """(tempo changes as (tick, microseconds per quarter), tick of the last channel message)."""
    reader, tick, last, status, tempos = Reader(data), 0, 0, 0, []
    while reader.at < len(data):
        tick += reader.varlen()
        byte = reader.byte()
        if byte >= 0x80:
            status = byte
        else:
            reader.at -= 1
        if status == 0xff:
            kind, size = reader.byte(), reader.varlen()
            if kind == 0x51:
                tempos.append((tick, int.from_bytes(data[reader.at:reader.at + 3], 'big')))
            reader.at += size
            if kind == 0x2f:
                break
        elif status in (0xf0, 0xf7):
            reader.at += reader.varlen()
        else:
            reader.at += 1 if status & 0xf0 in (0xc0, 0xd0) else 2
            last = tick
    return tempos, last


def seconds_of(path):
    """From the first tick to the last channel message, for undamaged files of formats 0 and 1."""
    data = pathlib.Path(path).read_bytes()
    division = int.from_bytes(data[12:14], 'big')
    at, tempos, last = 8 + int.from_bytes(data[4:8], 'big'), [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4:at + 8], 'big')
        if data[at:at + 4] == b'MTrk':
            found, end = read_track(data[at + 8:at + 8 + size])
            tempos += found
            last = max(last, end)
        at += 8 + size
    seconds, tick, tempo = 0.0, 0, 500000
    for change, following in sorted(tempos) + [(last, 0)]:
        seconds += (min(change, last) - tick) * tempo / division * 1e-6
        tick, tempo = min(change, last), following
    return seconds


if __name__ == '__main__':
    make_all(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else 'build-bench/files'))

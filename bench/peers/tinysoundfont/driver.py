"""Renders a MIDI file with TinySoundFont through its Python package, into memory, and prints what
was rendered as one line of JSON.

    driver.py [--seconds S] [--polyphony N] [--rate HZ] [--wav FILE] SOUNDFONT MIDI

The package sequences events in Python and synthesizes in C. `synthesis_cpu_sec` counts only the C
synthesizer (the time inside its render calls), which is the kindest figure for it; `cpu_sec` is the
whole process, interpreter and parsing included, which is what a user of the package pays.
"""
import argparse
import array
import json
import resource
import struct
import time

import tinysoundfont

CHUNK_FRAMES = 65536  # asked for at once; the package cuts it where events lie
TAIL_SEC = 2.0
LOWER_DB = -12.0  # at its own gain real files clip by 8 dB; the cost does not depend on it


class TimedFont:
    """Stands in for the package's SoundFont and times its render calls."""

    def __init__(self, font):
        self.font, self.cpu_sec = font, 0.0

    def __getattr__(self, name):
        return getattr(self.font, name)

    def render(self, buffer, mix):
        before = time.thread_time()
        self.font.render(buffer, mix)
        self.cpu_sec += time.thread_time() - before


def cpu_sec():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def wav_header(rate_hz, frames):
    return (struct.pack('<4sI4s4sIHHIIHH', b'RIFF', 36 + frames * 8, b'WAVE', b'fmt ', 16, 3, 2,
                        rate_hz, rate_hz * 8, 8, 32) + struct.pack('<4sI', b'data', frames * 8))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=float)
    parser.add_argument('--polyphony', type=int, default=256)
    parser.add_argument('--rate', type=int, default=44100)
    parser.add_argument('--wav')
    parser.add_argument('bank')
    parser.add_argument('midi')
    wish = parser.parse_args()

    synth = tinysoundfont.Synth(gain=LOWER_DB, samplerate=wish.rate)
    number = synth.sfload(wish.bank, max_voices=wish.polyphony)
    timed = synth.soundfonts[number] = TimedFont(synth.soundfonts[number])
    synth.program_change(9, 0, True)
    sequencer = tinysoundfont.Sequencer(synth)
    sequencer.midi_load(wish.midi, persistent=False)  # kept events are walked again at each step
    loaded_sec = cpu_sec()

    seconds = wish.seconds
    if seconds is None:
        seconds = (sequencer.events[-1].t if sequencer.events else 0.0) + TAIL_SEC
    frames = round(seconds * wish.rate)
    wav = open(wish.wav, 'wb') if wish.wav else None
    if wav:
        wav.write(wav_header(wish.rate, frames))
    done, peak = 0, 0.0
    buffer = memoryview(bytearray(CHUNK_FRAMES * 8))
    while done < frames:
        count = min(CHUNK_FRAMES, frames - done)
        part = synth.generate(count, buffer[:count * 8])
        if wav:
            wav.write(part)
        elif peak == 0.0 and any(part):  # only asks whether anything sounded
            samples = array.array('f', part.tobytes())
            peak = max(abs(min(samples)), max(samples))
        done += count
    if wav:
        wav.close()
    print(json.dumps({'seconds': frames / wish.rate, 'cpu_sec': round(cpu_sec(), 4),
                      'load_cpu_sec': round(loaded_sec, 4), 'peak': round(peak, 6),
                      'synthesis_cpu_sec': round(timed.cpu_sec, 4)}))


main()

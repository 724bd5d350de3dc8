#!/usr/bin/env python3
"""Draws the pictures of docs/effects.md from what the command makes: the responses of the presets'
equalizers and the decay of the built-in rooms. Needs NumPy and matplotlib.

    tools/plot_effects.py COMMAND
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import wave

import matplotlib
import numpy

matplotlib.use('Agg')
from matplotlib import pyplot  # noqa: E402

IMAGES = pathlib.Path(__file__).resolve().parent.parent / 'docs' / 'images'
RATE = 44100
ROOMS = ('old-room', 'room', 'hall', 'plate', 'church')


def impulse_through(command, folder, chain):
    """The left output for an impulse on the left, as floats."""
    path = pathlib.Path(folder) / 'impulse.wav'
    samples = numpy.zeros((RATE, 2), '<i2')
    samples[100, 0] = 16384
    with wave.open(str(path), 'wb') as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    done = subprocess.run([command, 'process', str(path), '-o', '-', '-f', 'raw', '--level', 'none',
                           '--quiet', '-e', chain], check=True, capture_output=True)
    return 2.0 * numpy.frombuffer(done.stdout, '<f4').reshape(-1, 2)[100:, 0]


def plot_presets(command, folder):
    said = subprocess.run([command, 'list', 'presets', '--effects', '--json'], check=True,
                          capture_output=True, text=True)
    figure, axes = pyplot.subplots(figsize=(10, 5.5))
    for row in json.loads(said.stdout)['effects']:
        linear = [part.strip() for part in row['chain'].split('|')
                  if part.strip().split(':')[0] in ('eq', 'filter')]
        if not linear:
            continue
        response = numpy.fft.rfft(impulse_through(command, folder, ' | '.join(linear))[:32768], 32768)
        hz = numpy.fft.rfftfreq(32768, 1 / RATE)
        axes.semilogx(hz[8:], 20 * numpy.log10(abs(response[8:]) + 1e-9), label=row['name'])
    axes.set(xlim=(20, 20000), ylim=(-18, 9), xlabel='Hz', ylabel='dB')
    axes.grid(True, which='both', alpha=0.3)
    axes.legend(ncols=3, fontsize=8)
    figure.tight_layout()
    figure.savefig(IMAGES / 'presets.png', dpi=100)


def decay_db(response):
    """Schroeder's backward integration."""
    energy = numpy.cumsum(response[::-1] ** 2)[::-1]
    return 10 * numpy.log10(energy / energy[0] + 1e-12)


def octave(response, hz):
    """Through a bell of about an octave, which does not ring as a sharp band would."""
    spectrum = numpy.fft.rfft(response, 2 * len(response))
    at = numpy.fft.rfftfreq(2 * len(response), 1 / RATE)
    at[0] = at[1]
    bell = numpy.exp(-0.5 * (numpy.log2(at / hz) / 0.35) ** 2)
    return numpy.fft.irfft(spectrum * bell)[:len(response)]


def plot_rooms(command, folder):
    figure, axes = pyplot.subplots(2, 3, figsize=(12, 6.5))
    for place, room in zip(axes.flat, ROOMS):
        response = impulse_through(command, folder, f'convolver:{room},wet=1')
        for hz in (125, 500, 2000, 8000):
            decay = decay_db(octave(response, hz))
            place.plot(numpy.arange(len(decay)) / RATE, decay, label=f'{hz} Hz')
        place.set(title=room, ylim=(-65, 2), xlabel='s', ylabel='dB',
                  xlim=(0, {'old-room': 0.15, 'room': 0.7, 'church': 6.0}.get(room, 3.0)))
        place.grid(alpha=0.3)
        place.legend(fontsize=8)
    last = axes.flat[-1]
    last.plot(numpy.arange(4410) / RATE * 1000, response[:4410], linewidth=0.5)
    last.set(title='church: its first 100 ms', xlabel='ms')
    figure.tight_layout()
    figure.savefig(IMAGES / 'rooms.png', dpi=90)


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as own:
        plot_presets(sys.argv[1], own)
        plot_rooms(sys.argv[1], own)

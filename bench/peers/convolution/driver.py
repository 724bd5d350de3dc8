"""CPU seconds for stereo noise through a response, in single precision: pedalboard's Convolution and
scipy's oaconvolve, the best of some repeats, one thread.

    driver.py SECONDS RESPONSE.wav REPEATS
"""
import sys
import time

import numpy
import scipy.signal
from pedalboard import Convolution
from pedalboard.io import AudioFile

RATE = 44100


def best(repeats, work):
    costs = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        costs.append(time.process_time() - begun)
    return min(costs)


def main():
    seconds, path, repeats = float(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    rng = numpy.random.default_rng(1)
    audio = rng.uniform(-0.5, 0.5, (2, int(seconds * RATE))).astype(numpy.float32)
    with AudioFile(path) as file:
        response = file.read(file.frames).astype(numpy.float32)
    convolution = Convolution(path, 1.0)
    print('pedalboard', best(repeats, lambda: convolution(audio, RATE, buffer_size=8192)))
    print('scipy', best(repeats, lambda: scipy.signal.oaconvolve(audio, response[:1], axes=1)))


if __name__ == '__main__':
    main()

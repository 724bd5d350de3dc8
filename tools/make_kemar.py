#!/usr/bin/env python3
"""Makes src/voice/kemar.c of the horizontal ring of the KEMAR set.

usage: make_kemar.py kemar_horizontal_72x512x2_f32le.bin > src/voice/kemar.c

The input: little-endian float32, [direction k, 5k degrees][tap][left, right]; every number is a
16-bit integer over 32768, and the right ear of a direction is the left ear of its mirror image.
"""
import struct
import sys

DIRECTIONS, TAPS = 72, 512

HEAD = '''/* Made by tools/make_kemar.py; do not edit. What it is and where it is from: kemar.h. */
#include "voice/kemar.h"

/* clang-format off */
const int16_t ps_kemar_left[PS_KEMAR_DIRECTIONS][PS_KEMAR_TAPS] = {'''


def read(path):
    with open(path, 'rb') as file:
        numbers = struct.unpack(f'<{DIRECTIONS * TAPS * 2}f', file.read())
    scaled = [round(x * 32768) for x in numbers]
    if any(a != b * 32768 for a, b in zip(scaled, numbers)):
        sys.exit('not 16-bit integers')
    ears = [[scaled[(k * TAPS + t) * 2 + ear] for t in range(TAPS)]
            for ear in range(2) for k in range(DIRECTIONS)]
    left, right = ears[:DIRECTIONS], ears[DIRECTIONS:]
    if any(right[k] != left[-k % DIRECTIONS] for k in range(DIRECTIONS)):
        sys.exit('the ears do not mirror each other')
    return left


def rows(taps):
    line = ''
    for number in taps:
        text = f'{number},'
        if len(line) + len(text) > 99:
            yield line
            line = ''
        line += text
    yield line


def main():
    print(HEAD)
    for taps in read(sys.argv[1]):
        print('{')
        print('\n'.join(rows(taps)))
        print('},')
    print('};')


if __name__ == '__main__':
    main()

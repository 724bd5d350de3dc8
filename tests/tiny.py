"""Tiny MIDI files and a tiny SoundFont, made from nothing, for tests of the command."""
import math
import struct


# ---- MIDI --------------------------------------------------------------------------------------

def varlen(number):
    out = [number & 0x7F]
    while number := number >> 7:
        out.insert(0, number & 0x7F | 0x80)
    return bytes(out)


def track(events):
    """events: (tick, bytes) pairs, in order."""
    body, last = b'', 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        body += varlen(tick - last) + message
        last = tick
    body += b'\0\xff\x2f\0'
    return b'MTrk' + struct.pack('>I', len(body)) + body


def midi(*tracks, division=480):
    head = struct.pack('>HHH', 0 if len(tracks) == 1 else 1, len(tracks), division)
    return b'MThd' + struct.pack('>I', 6) + head + b''.join(track(t) for t in tracks)


def note(tick, length, key, velocity=100, channel=0):
    return [(tick, bytes([0x90 | channel, key, velocity])),
            (tick + length, bytes([0x80 | channel, key, 64]))]


def program(channel, number, tick=0):
    return [(tick, bytes([0xC0 | channel, number]))]


def song(channels=3, notes=8):
    """About four seconds on three channels, one of them drums."""
    events = program(0, 0) + program(1, 40)
    for i in range(notes):
        for channel, c in zip(range(channels), (0, 1, 9)):
            events += note(i * 480, 400, 50 + 3 * i + c, 60 + 5 * i, c)
    return midi(events)


# ---- SoundFont ---------------------------------------------------------------------------------

def chunk(name, body):
    return name + struct.pack('<I', len(body)) + body + b'\0' * (len(body) % 2)


def name20(text):
    return text.encode().ljust(20, b'\0')


SAMPLE_MODES, OVERRIDING_ROOT, SAMPLE_ID, INSTRUMENT, RELEASE = 54, 58, 53, 41, 38
REVERB_SEND, CHORUS_SEND, PAN = 16, 15, 17


def soundfont(presets=((0, 0, 'Sine Lead', -300), (0, 40, 'Second/Voice', 300), (128, 0, 'Kit', 0))):
    """One looped sine of 441 Hz; each preset pans it elsewhere."""
    period, periods = 100, 20
    wave = [round(20000 * math.sin(2 * math.pi * i / period)) for i in range(period * periods)]
    smpl = struct.pack(f'<{len(wave)}h', *wave) + bytes(2 * 46)
    shdr = (name20('sine') + struct.pack('<5IBbHH', 0, len(wave), period, period * (periods - 1),
                                         44100, 69, 0, 0, 1)
            + name20('EOS') + bytes(26))
    phdr = pbag = pgen = inst = ibag = igen = b''
    for i, (bank, number, name, pan) in enumerate(presets):
        phdr += name20(name) + struct.pack('<HHHIII', number, bank, i, 0, 0, 0)
        pbag += struct.pack('<HH', i, 0)
        pgen += struct.pack('<HH', INSTRUMENT, i)
        inst += name20(name) + struct.pack('<H', i)
        ibag += struct.pack('<HH', i * 5, 0)
        igen += struct.pack('<HhHhHhHHHH', PAN, pan, RELEASE, -2000, REVERB_SEND, 200,
                            SAMPLE_MODES, 1, SAMPLE_ID, 0)
    n = len(presets)
    phdr += name20('EOP') + struct.pack('<HHHIII', 0, 0, n, 0, 0, 0)
    pbag += struct.pack('<HH', n, 0)
    inst += name20('EOI') + struct.pack('<H', n)
    ibag += struct.pack('<HH', n * 5, 0)
    pdta = b''.join(chunk(name, body) for name, body in (
        (b'phdr', phdr), (b'pbag', pbag), (b'pmod', bytes(10)), (b'pgen', pgen + bytes(4)),
        (b'inst', inst), (b'ibag', ibag), (b'imod', bytes(10)), (b'igen', igen + bytes(4)),
        (b'shdr', shdr)))
    info = (chunk(b'ifil', struct.pack('<HH', 2, 4)) + chunk(b'isng', b'EMU8000\0')
            + chunk(b'INAM', b'tiny\0\0'))
    body = (b'sfbk' + chunk(b'LIST', b'INFO' + info)
            + chunk(b'LIST', b'sdta' + chunk(b'smpl', smpl)) + chunk(b'LIST', b'pdta' + pdta))
    return chunk(b'RIFF', body)


# ---- WAV ---------------------------------------------------------------------------------------

def wav_chunks(data):
    """{id: body} of a RIFF file; a data chunk of unknown size goes to the end."""
    assert data[:4] == b'RIFF' and data[8:12] == b'WAVE', data[:12]
    at, chunks = 12, {}
    while at + 8 <= len(data):
        size = struct.unpack_from('<I', data, at + 4)[0]
        chunks.setdefault(data[at:at + 4], data[at + 8:at + 8 + size])
        at += 8 + size + size % 2
    return chunks


def wav_floats(data):
    """(channels, rate, interleaved samples) of a 32-bit float WAV file."""
    chunks = wav_chunks(data)
    channels, rate = struct.unpack_from('<HI', chunks[b'fmt '], 2)
    body = chunks[b'data']
    return channels, rate, struct.unpack(f'<{len(body) // 4}f', body)

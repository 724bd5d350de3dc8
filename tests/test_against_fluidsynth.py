#!/usr/bin/env python3
"""Each channel of real pieces, rendered by Plainsong and by FluidSynth with the effects off: as loud
within 0.5 LU, and each octave from 63 Hz to 8 kHz within 1 dB, or there is a reason below.

    test_against_fluidsynth.py COMPARE_AUDIO [PIECE ...]      (with pieces: prints every figure)

Nothing is aligned but one constant a bank, the engines' gain. Events lie on FluidSynth's raster of
time, controllers it ignores are left out (compare_audio.c).
Pieces come from the shared material (PS_SHARED) and from what bench/fetch_files.sh has fetched
(PS_FILES); without ten of them, the fluidsynth command or the banks, the comparison is skipped.
"""
import collections
import concurrent.futures
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get('PS_SHARED', ROOT.parent / 'shared'))
FETCHED = pathlib.Path(os.environ.get('PS_FILES', ROOT / 'build-bench/files'))
BANKS = {'TimGM6mb': '/usr/share/sounds/sf2/TimGM6mb.sf2',
         'FluidR3_GM': '/usr/share/sounds/sf2/FluidR3_GM.sf2'}
BAND_NAMES = ['63', '125', '250', '500', '1k', '2k', '4k', '8k']

LOUDNESS_LU, BAND_DB = 0.5, 1.0
FAR_BELOW_DB = 40.0  # an octave this far under the channel's loudest is not heard beside it
TAIL_SEC = 2.0
LEAST_PIECES = 10
SKIPPED = 77

# (piece, first second, seconds): where many channels play.
EXCERPTS = [
    (SHARED / 'data/midi/piano/Bach_Prelude_and_Fugue_in_A-flat_major_BWV862_gC.mid', 0, 20),
    (SHARED / 'data/midi/piano/Chopin_Etudes_Op10_g0hoN6_HDVU_no_9_cut.mid', 60, 20),
    (SHARED / 'data/midi/piano/Debussy_Estampes_R-YcnPXY2yE_cut_no_3.mid', 0, 20),
    (SHARED / 'data/midi/piano/Scarlatti_Keyboard_Sonata_in_C_major_K132_KkQWgp.mid', 0, 20),
    (SHARED / 'data/midi/piano/Schumann_Robert_Toccata_Op_7_EUHobIa3TL0_cut.mid', 0, 20),
    (SHARED / 'data/midi/piano/Haydn_Keyboard_Sonata_in_E-flat_major_Hob_XVI_49.mid', 30, 15),
    (SHARED / 'data/midi/piano/Schubert_Impromptus_D899_24DugWBRkYg_cut_no_4.mid', 60, 15),
    (SHARED / 'data/midi/exercises/025_Gospel_2-5-1_in_C.mid', 0, 20),
    (SHARED / 'data/midi/exercises/043_Gospel_Tritone_Sub_in_C.mid', 0, 20),
    (SHARED / 'data/midi/exercises/091_12-Bar_Blues_in_D.mid', 0, 20),
    (SHARED / 'data/practice/Bach-fugue_bwv_858.mid', 0, 20),
    (FETCHED / 'bwv772-harpsichord.mid', 0, 20),
    (FETCHED / 'keep-on-rolling.mid', 20, 20),
    (FETCHED / 'tttheme2.mid', 20, 20),
    (FETCHED / 'harp-harmony.mid', 10, 20),
    (FETCHED / 'alternative.mid', 40, 15),
    (FETCHED / 'niagara.mid', 30, 20),
    (FETCHED / 'kobo-bends.mid', 0, 20),
    (FETCHED / 'dink-1003.mid', 0, 20),
    (FETCHED / 'dink-104.mid', 20, 20),
    (FETCHED / 'pangzero.mid', 10, 15),
]

# What differs, why, and by how much at most. docs/synthesis.md tells the reasons in full. `programs`
# are those a channel plays; None is any.
Explanation = collections.namedtuple('Explanation',
                                     'bank piece channel programs most_lu most_db reason')
EXPLAINED = [
    Explanation('TimGM6mb', None, None, {38, 51, 62, 83, 90, 102}, 1.0, 2.0,
                'resonance: SF2 8.1.3 counts Q above the level at 0 Hz; FluidSynth makes the same '
                'peak 3 dB lower (its Q of 0 dB is a Butterworth, and so on up)'),
    Explanation('FluidR3_GM', None, None, {81, 90}, 1.0, 2.5, 'resonance, as above'),
    Explanation('TimGM6mb', None, None, {48, 49, 81, 83, 118}, 1.2, 4.0,
                'layers of one sample whose modulation envelopes bend their pitch (or, in FluidSynth, '
                'detune them by whole cents only): the layers add up in other phases. FluidSynth steps '
                'the envelope every 64 frames'),
    Explanation('FluidR3_GM', None, None, {118}, 0.5, 2.0, 'pitch by a modulation envelope, as above'),
    Explanation('FluidR3_GM', None, None, {44}, 0.5, 1.5,
                'tremolo: modLfoToVolume swings both ways (SF2 8.1.3, 13); FluidSynth 2.3 swings half '
                'as far'),
    Explanation(None, 'Debussy_Estampes_R-YcnPXY2yE_cut_no_3', None, {0}, 1.2, 1.8,
                'long notes: decay runs over 100 dB in the time of the generator (SF2 8.1.3, 36), in '
                'FluidSynth over 96 dB; after 48 dB that is 2 dB'),
    Explanation(None, 'dink-1003', None, {12}, 0.5, 2.0,
                'one note of no length: 441 frames here, in FluidSynth seven buffers of 64, the first '
                'of which is its attack'),
    Explanation('TimGM6mb', 'alternative', 9, None, 4.6, 8.0,
                'there is no drum kit 9: ours is kit 8 of the same family, as on a GS synthesizer, '
                "FluidSynth's kit 0"),
]


def run(argv):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f'{argv[0]} {argv[1]}: {done.stderr.strip()[-300:]}')
    return done.stdout


class Measure:
    """Loudness, peak and octaves, as compare_audio prints them."""

    def __init__(self, line):
        numbers = [float(word) for word in line.split()]
        self.lufs, self.peak, self.bands = numbers[0], numbers[1], numbers[2:]


def measure_ours(tool, bank, midi, seconds):
    return Measure(run([tool, 'render', BANKS[bank], midi, seconds, 1.0]))


def measure_theirs(tool, bank, midi, seconds, wav):
    run(['fluidsynth', '-ni', '-q', '-R', '0', '-C', '0', '-g', '1', '-r', '44100', '-z', '64',
         '-T', 'wav', '-O', 'float', '-F', wav, BANKS[bank], midi])
    measure = Measure(run([tool, 'measure', wav, seconds]))
    os.unlink(wav)
    return measure


class Pair:
    """One channel of a piece with one bank, by both."""

    def __init__(self, bank, piece, channel, programs, ours, theirs):
        self.bank, self.piece, self.channel, self.programs = bank, piece, channel, programs
        self.ours, self.theirs = ours, theirs

    def name(self):
        return f'{self.bank}, {self.piece}, channel {self.channel + 1} ({self.programs})'

    def played(self):
        return {int(part.split(':')[0]) for part in self.programs.split()}

    def both_sound(self):
        return self.ours.lufs > -70 and self.theirs.lufs > -70

    def differences(self, offset):
        """(what, ours minus theirs, limit) for the loudness and for every octave that is heard."""
        found = [('loudness', self.ours.lufs - self.theirs.lufs - offset, LOUDNESS_LU)]
        loudest = max(self.theirs.bands)
        for name, ours, theirs in zip(BAND_NAMES, self.ours.bands, self.theirs.bands):
            if theirs > loudest - FAR_BELOW_DB:
                found.append((name, ours - theirs - offset, BAND_DB))
        return found


def compare_channel(tool, bank, piece, midi, programs, seconds, folder):
    wav = folder / f'{bank}-{piece}-{midi.stem}.wav'
    return Pair(bank, piece, int(midi.stem), programs,
                measure_ours(tool, bank, midi, seconds),
                measure_theirs(tool, bank, midi, seconds, wav))


def compare_all(tool, excerpts, banks, folder):
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, start, seconds in excerpts:
            part = folder / path.stem
            part.mkdir()
            listed = run([tool, 'channels', path, start, start + seconds, part])
            for line in listed.splitlines():
                channel, programs = line.split(' ', 1)
                jobs += [pool.submit(compare_channel, tool, bank, path.stem,
                                     part / f'{int(channel):02}.mid', programs, seconds + TAIL_SEC,
                                     folder)
                         for bank in banks]
        return [job.result() for job in jobs]


def explained(pair, what, difference):
    for e in EXPLAINED:
        most = e.most_lu if what == 'loudness' else e.most_db
        if (e.bank in (None, pair.bank) and e.piece in (None, pair.piece) and
                e.channel in (None, pair.channel) and abs(difference) <= most and
                (e.programs is None or pair.played() <= e.programs)):
            return True
    return False


def judge(pairs, offset, verbose):
    """Counts and prints what is neither equal nor explained."""
    bad = known = 0
    for pair in pairs:
        if not pair.both_sound():
            if max(pair.ours.peak, pair.theirs.peak) > -80:
                bad += 1
                print(f'{pair.name()}: peaks {pair.ours.peak:.1f} and {pair.theirs.peak:.1f} dBFS: '
                      'one of them is silent')
            continue
        for what, difference, limit in pair.differences(offset):
            if abs(difference) <= limit:
                continue
            if explained(pair, what, difference):
                known += 1
            else:
                bad += 1
                print(f'{pair.name()}: {what} {difference:+.2f} dB')
        if verbose:
            print(f'{pair.name()}:', *(f'{what} {difference:+.2f}'
                                       for what, difference, _ in pair.differences(offset)))
    return bad, known


def main():
    tool, wanted = pathlib.Path(sys.argv[1]), sys.argv[2:]
    excerpts = [e for e in EXCERPTS if e[0].exists() and (not wanted or e[0].stem in wanted)]
    banks = [name for name, path in BANKS.items() if pathlib.Path(path).exists()]
    if not shutil.which('fluidsynth'):
        print('skipped: there is no fluidsynth command')
        sys.exit(SKIPPED)
    if len(banks) < len(BANKS) or len(excerpts) < LEAST_PIECES and not wanted:
        print(f'skipped: {len(banks)} of {len(BANKS)} banks, {len(excerpts)} pieces of '
              f'{LEAST_PIECES} (../shared, bench/fetch_files.sh)')
        sys.exit(SKIPPED)

    with tempfile.TemporaryDirectory() as folder:
        pairs = compare_all(tool, excerpts, banks, pathlib.Path(folder))
    bad = 0
    for bank in banks:
        mine = [pair for pair in pairs if pair.bank == bank]
        offset = statistics.median(pair.ours.lufs - pair.theirs.lufs for pair in mine
                                   if pair.both_sound())
        unexplained, known = judge(mine, offset, bool(wanted))
        bad += unexplained
        print(f'{bank}: {len(mine)} channels of {len({pair.piece for pair in mine})} pieces, our gain {offset:+.2f} dB, '
              f'{known} differences explained, {unexplained} not')
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()

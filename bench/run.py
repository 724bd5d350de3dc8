#!/usr/bin/env python3
"""Measures Plainsong beside its peers, in one run, on the same inputs, and writes bench/RESULTS.md.

    bench/run.py                    everything, under 20 minutes
    bench/run.py --quick            the same shape from a few files, under 3 minutes, to look at
    bench/run.py --topics voice,lesson
    bench/run.py --peers-only       before there is anything of ours to measure

Contenders take turns (A B C A B C ...), every figure is a median, and the cost is the CPU seconds of
the finished process (user and system), so that a busy machine disturbs the ratios little. README.md
in this folder says what is compared with what and why.
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import wave

import make_midi
import make_tracks

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / 'build-bench'
RESULTS = HERE / 'RESULTS.md'
SHARED = pathlib.Path(os.environ.get('PS_SHARED', ROOT.parent / 'shared'))
RATE = 44100
LIMIT_SEC = 300

BANKS = {
    'TimGM6mb': '/usr/share/sounds/sf2/TimGM6mb.sf2',
    'FluidR3_GM': '/usr/share/sounds/sf2/FluidR3_GM.sf2',
    'MuseScore_General_Lite': '/usr/share/sounds/sf3/MuseScore_General_Lite.sf3',
}
# Varied kinds, both formats, up to four minutes; longer ones are in other topics.
WHOLE_FILES = ['bach-invention', 'bwv772-harpsichord', 'harp-harmony', 'keep-on-rolling', 'tttheme2',
               'alternative', 'libertador', 'niagara', 'techno-gs', 'kobo-bends',
               'dink-1003', 'pangzero']
PIANO = 'Scarlatti*'  # and one performance, when the shared material is there
MASTERING = ('eq:hp30,ls90+2,180-1.5,400-2q1.2,1k+1,2.5k-1q2,6k+1.5,hs10k+2 | compressor:-18,3 | '
             'limiter:-1')
QUICK_FILES = ['bwv772-harpsichord', 'tttheme2', 'dink-1003', 'pangzero']


# ---- Building the contenders ---------------------------------------------------------------------

def run_quietly(argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, **more)
    if done.returncode:
        raise RuntimeError(f'{" ".join(map(str, argv))}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}')
    return done.stdout


def build_timer():
    run_quietly(['cc', '-O2', '-D_GNU_SOURCE', HERE / 'timed.c', '-o', WORK / 'timed'])


def build_fluidsynth():
    flags = run_quietly(['pkg-config', '--cflags', '--libs', 'fluidsynth']).split()
    run_quietly(['cc', '-O2', '-std=c11', '-D_GNU_SOURCE', HERE / 'peers/fluidsynth/driver.c',
                 '-o', WORK / 'fluidsynth-driver', *flags, '-lm'])


def build_rustysynth():
    run_quietly(['cargo', 'build', '--release'], cwd=HERE / 'peers/rustysynth',
                env={**os.environ, 'CARGO_TARGET_DIR': str(WORK / 'rustysynth')})


def build_tinysoundfont():
    python = WORK / 'tinysoundfont/bin/python'
    if not python.exists():
        run_quietly([sys.executable, '-m', 'venv', WORK / 'tinysoundfont'])
    # Its sound card library is only for playing, and would have to be compiled.
    run_quietly([python, '-m', 'pip', 'install', '-q', '--no-deps', '-r',
                 HERE / 'peers/tinysoundfont/requirements.txt'])


def build_fftw():
    run_quietly([HERE / 'peers/fftw/build.sh', WORK / 'fftw'])


def build_plainsong():
    build = WORK / 'plainsong'
    if not (build / 'build.ninja').exists():
        run_quietly(['meson', 'setup', '--buildtype=release', '-Dbench=true', '-Dtests=false', build,
                     ROOT])
    run_quietly(['ninja', '-C', build])


def build_all(peers_only):
    """Names of what could be built; says what is left out and why."""
    WORK.mkdir(exist_ok=True)
    build_timer()
    built = set()
    for name, build in (('plainsong', build_plainsong), ('fluidsynth', build_fluidsynth),
                        ('rustysynth', build_rustysynth), ('tinysoundfont', build_tinysoundfont),
                        ('fftw', build_fftw)):
        if name == 'plainsong' and peers_only:
            continue
        try:
            say(f'building {name}')
            build()
            built.add(name)
        except (RuntimeError, OSError) as trouble:
            say(f'{name} is left out: {trouble}')
    return built


# ---- Contenders ----------------------------------------------------------------------------------

class Contender:
    """A way of rendering a file: make(midi, bank, seconds) gives the command line."""

    def __init__(self, name, needs, make, clock='cpu_sec'):
        self.name, self.needs, self.make, self.clock = name, needs, make, clock


def driver(program, *options):
    return lambda midi, bank, seconds: [*program, *options, '--seconds', f'{seconds:.3f}', bank, midi]


def plainsong_command(*options):
    return lambda midi, bank, seconds: [
        WORK / 'plainsong/cli/plainsong', 'render', midi, '-o', 'null:', '--soundfont', bank, '--level',
        'none', '--quiet', '--duration', f'{seconds:.3f}', *options]


FLUID = [WORK / 'fluidsynth-driver']
RUSTY = [WORK / 'rustysynth/release/rustysynth-driver']
TINY = [WORK / 'tinysoundfont/bin/python', HERE / 'peers/tinysoundfont/driver.py']
OURS = [WORK / 'plainsong/bench/bench_render']

PLAIN = Contender('Plainsong', 'plainsong', plainsong_command('--threads', '1'))
PLAIN_ALL = Contender('Plainsong, all threads', 'plainsong', plainsong_command())
PLAIN_DRY = Contender('Plainsong, effects off', 'plainsong',
                      plainsong_command('--threads', '1', '--no-reverb', '--no-chorus'))
FLUID_FULL = Contender('FluidSynth', 'fluidsynth', driver(FLUID))
FLUID_DRY = Contender('FluidSynth, effects off', 'fluidsynth', driver(FLUID, '--no-effects'))
FLUID_LAZY = Contender('FluidSynth, dynamic loading', 'fluidsynth', driver(FLUID, '--dynamic'))
RUSTY_FULL = Contender('rustysynth', 'rustysynth', driver(RUSTY))
# It has no effects. Only its C synthesizer is counted: the package's Python is left out, to be fair
# to the synthesizer; README.md has the figure for whole processes.
TINY_C = Contender('TinySoundFont', 'tinysoundfont', driver(TINY), 'synthesis_cpu_sec')
TINY_ALL = Contender('TinySoundFont', 'tinysoundfont', driver(TINY))


def run_once(argv, limit_sec=LIMIT_SEC):
    """What one process cost and printed; None when it failed."""
    with tempfile.TemporaryFile() as usage:
        argv = [str(WORK / 'timed'), str(limit_sec), *map(str, argv)]
        out = subprocess.run(['sh', '-c', f'exec "$@" 3>&{usage.fileno()}', 'sh', *argv],
                             pass_fds=[usage.fileno()], capture_output=True, text=True)
        usage.seek(0)
        cost = json.loads(usage.read())
    if cost['exit']:
        say(f'  failed ({cost["exit"]}): {" ".join(argv[2:])}: {out.stderr.strip()[-200:]}')
        return None
    for line in out.stdout.splitlines():
        if line.startswith('{'):
            cost = {**json.loads(line), **cost}
    return cost


def take_turns(contenders, repeats, limit_sec=LIMIT_SEC):
    """contenders: {name: argv}. {name: medians of every number}; failed ones are missing."""
    runs, failed = {name: [] for name in contenders}, set()
    for _ in range(repeats):
        for name, argv in contenders.items():
            cost = None if name in failed else run_once(argv, limit_sec)
            if cost is None:
                failed.add(name)
            else:
                runs[name].append(cost)
    return {name: {key: statistics.median(cost[key] for cost in costs)
                   if isinstance(costs[0][key], (int, float)) else costs[0][key]
                   for key in costs[0]}
            for name, costs in runs.items() if costs and name not in failed}


# ---- Words ---------------------------------------------------------------------------------------

def say(words):
    print(words, file=sys.stderr, flush=True)


def table(head, rows):
    lines = ['| ' + ' | '.join(head) + ' |', '| --- |' + ' ---: |' * (len(head) - 1)]
    lines += ['| ' + ' | '.join(row) + ' |' for row in rows]
    return '\n'.join(lines) + '\n'


def number(value, digits=2, unit=''):
    return '—' if value is None else f'{value:.{digits}f}{unit}'


def ratio(theirs, ours):
    return None if not theirs or not ours else theirs / ours


def times(value):
    return number(value, 1, '×')


def geometric_mean(values):
    values = [value for value in values if value]
    return math.exp(statistics.fmean(map(math.log, values))) if values else None


def first_line(argv, pattern='.*'):
    try:
        found = re.search(pattern, run_quietly(argv))
        return found.group(0).strip() if found else ''
    except (RuntimeError, OSError):
        return ''


def machine():
    cpu = first_line(['lscpu'], r'Model name:.*').split(':')[-1].strip() or 'unknown processor'
    family = '-'.join(first_line(['lscpu'], rf'(?m)^{name}:.*').split(':')[-1].strip()
                      for name in ('CPU family', 'Model'))
    commit = first_line(['git', '-C', ROOT, 'describe', '--always', '--dirty'])
    row = first_line([WORK / 'plainsong/cli/plainsong', '--version'], r'kernels [^\n]*')
    return (f'{datetime.date.today()}, {cpu} (family-model {family}), {os.cpu_count()} processors, '
            f'load {os.getloadavg()[0]:.1f}, {first_line(["cc", "--version"])}, '
            f'Plainsong {commit}{", " + row if row else ""}')


# ---- Topics --------------------------------------------------------------------------------------

class Run:
    def __init__(self, built, quick):
        self.built, self.quick = built, quick

    def chosen(self, *contenders):
        return [c for c in contenders if c.needs in self.built]

    def repeats(self, wanted):
        return 1 if self.quick else wanted

    def measure(self, contenders, midi, bank, seconds, repeats, limit_sec=LIMIT_SEC):
        jobs = {c.name: c.make(midi, bank, seconds) for c in self.chosen(*contenders)}
        return take_turns(jobs, self.repeats(repeats), limit_sec)


def real(name):
    return WORK / 'files' / f'{name}.mid'


def synthetic(name):
    return WORK / 'synthetic' / f'{name}.mid'


def have_bank(name):
    if pathlib.Path(BANKS[name]).exists():
        return True
    say(f'{name} is not installed: left out')
    return False


def whole_files(run):
    names = QUICK_FILES if run.quick else WHOLE_FILES
    files = {name: real(name) for name in names if real(name).exists()}
    if not run.quick:
        for path in sorted(SHARED.glob(f'data/midi/piano/{PIANO}.mid'))[:1]:
            files['piano performance'] = path
    return files


def sounded(cost):
    return cost is not None and cost.get('peak', 1.0) > 0.0


def topic_whole(run):
    """Whole renders of real General MIDI files"""
    contenders = run.chosen(PLAIN, PLAIN_DRY, FLUID_FULL, FLUID_DRY, RUSTY_FULL, TINY_C)
    out = ('CPU seconds of one render: process start, opening everything, the file\'s length plus two '
           'seconds, in memory, one thread, 256 notes. TinySoundFont (linear, no effects) is counted '
           'without its package\'s Python. Silent: it rendered nothing and said nothing.\n')
    for bank in ('TimGM6mb', 'FluidR3_GM'):
        if (run.quick and bank != 'TimGM6mb') or not have_bank(bank):
            continue
        out += f'\n**{bank}**\n\n' + whole_table(run, contenders, bank)
    return out


WHOLE_RATIOS = [(FLUID_FULL, PLAIN), (FLUID_DRY, PLAIN_DRY), (RUSTY_FULL, PLAIN), (TINY_C, PLAIN)]


def whole_table(run, contenders, bank):
    costs = {}
    for name, path in whole_files(run).items():
        say(f'whole {bank} {name}')
        seconds = make_midi.seconds_of(path) + 2
        measured = run.measure(contenders, path, BANKS[bank], seconds, 2)
        costs[name] = seconds, {c.name: measured[c.name][c.clock] for c in contenders
                                if c.name in measured and sounded(measured[c.name])}
    pairs = [(a.name, b.name) for a, b in WHOLE_RATIOS if a in contenders and b in contenders]
    head = ['file', 'audio s'] + [c.name for c in contenders] + [f'{a} / {b}' for a, b in pairs]
    rows = [[name, number(seconds, 0)] +
            [number(cost.get(c.name)) if c.name in cost else 'silent' for c in contenders] +
            [times(ratio(cost.get(a), cost.get(b))) for a, b in pairs]
            for name, (seconds, cost) in costs.items()]
    everywhere = [(seconds, cost) for seconds, cost in costs.values()
                  if all(c.name in cost for c in contenders)]
    total_sec = sum(seconds for seconds, _ in everywhere)
    total = {c.name: sum(cost[c.name] for _, cost in everywhere) for c in contenders}
    rows += [['**total** of those all played', number(total_sec, 0)] +
             [number(total[c.name]) for c in contenders] +
             [times(ratio(total[a], total[b])) for a, b in pairs],
             ['**audio seconds per CPU second**', ''] +
             [number(ratio(total_sec, total[c.name]), 0) for c in contenders] + [''] * len(pairs),
             ['**geometric mean of the ratios**', ''] + [''] * len(contenders) +
             [times(geometric_mean(ratio(cost.get(a), cost.get(b)) for _, cost in costs.values()))
              for a, b in pairs]]
    return table(head, rows)


def voice_contenders(run):
    rows = [row for row in ('c', 'avx2', 'avx512', 'neon') if 'plainsong' in run.built and
            subprocess.run([*OURS, '--row', row, '--seconds', '0', BANKS['TimGM6mb'],
                            synthetic('nothing')], capture_output=True).returncode == 0]
    ours = [Contender(f'Plainsong {row}, cubic', 'plainsong', driver(OURS, '--no-effects', '--row', row))
            for row in rows]
    ours += [Contender(f'Plainsong {row}, {name}', 'plainsong',
                       driver(OURS, '--no-effects', '--row', row, '--interpolation', code))
             for row in rows[-1:]
             for name, code in (('linear', '1'), ('sinc8', '3'), ('sinc32', '4'))]
    ours += [Contender(f'Plainsong {row}, cubic, effects on', 'plainsong', driver(OURS, '--row', row))
             for row in rows[-1:]]
    fluid = [Contender(f'FluidSynth, {name}', 'fluidsynth',
                       driver(FLUID, '--no-effects', '--interpolation', code))
             for name, code in (('linear', '1'), ('4th order', '4'), ('7th order', '7'))]
    return run.chosen(*ours, *fluid,
                      Contender('FluidSynth, 4th order, effects on', 'fluidsynth', driver(FLUID)),
                      Contender('rustysynth, linear', 'rustysynth', driver(RUSTY, '--no-effects')),
                      Contender('rustysynth, linear, effects on', 'rustysynth', driver(RUSTY)),
                      Contender('TinySoundFont, linear', 'tinysoundfont', driver(TINY),
                                'synthesis_cpu_sec'))


def topic_voice(run):
    """The voice loop, all in"""
    out = ('Nanoseconds of CPU per voice and frame, everything included: interpolation, filter, '
           'envelopes, mixing. 255 held notes (synthetic/held255.mid); the slope between a short '
           'render and a longer one, so that opening the bank does not count. Effects off unless said. '
           'Where a contender does not tell its voices, FluidSynth\'s count is taken.\n')
    contenders = voice_contenders(run)
    long_sec = 20 if run.quick else 30
    for bank in ('TimGM6mb', 'FluidR3_GM'):
        if (run.quick and bank != 'TimGM6mb') or not have_bank(bank):
            continue
        say(f'voice {bank}')
        short = run.measure(contenders, synthetic('held255'), BANKS[bank], 10, 3)
        long = run.measure(contenders, synthetic('held255'), BANKS[bank], long_sec, 3)
        told = [long[n]['voice_frames'] - short[n]['voice_frames']
                for n in long if n in short and n.startswith('FluidSynth')]
        rows = []
        for c in contenders:
            if c.name not in long or c.name not in short:
                continue
            frames = (long[c.name].get('voice_frames', 0) - short[c.name].get('voice_frames', 0) or
                      (told[0] if told else 255 * RATE * (long_sec - 10)))
            spent = long[c.name][c.clock] - short[c.name][c.clock]
            rows.append([c.name, number(frames / RATE / (long_sec - 10), 0),
                         number(spent / frames * 1e9)])
        out += f'\n**{bank}**\n\n' + table(['', 'voices', 'ns per voice and frame'], rows)
    return out


def topic_kernel(_run):
    """The inner loops alone"""
    program = WORK / 'plainsong/bench/bench_kernel'
    if not program.exists():
        return None
    return ('`bench_kernel`: nanoseconds per note and frame, without envelopes and control.\n\n```\n' +
            run_quietly([program]).rstrip() + '\n```\n')


def topic_effects(run):
    """Reverb and chorus"""
    pairs = [('Plainsong', PLAIN, PLAIN_DRY), ('FluidSynth', FLUID_FULL, FLUID_DRY),
             ('rustysynth', RUSTY_FULL, Contender('rustysynth, effects off', 'rustysynth',
                                                  driver(RUSTY, '--no-effects')))]
    names = ['bwv772-harpsichord'] if run.quick else ['bwv772-harpsichord', 'keep-on-rolling']
    rows = []
    for name in names:
        if not real(name).exists():
            continue
        say(f'effects {name}')
        seconds = make_midi.seconds_of(real(name)) + 2
        measured = run.measure([c for _, on, off in pairs for c in (on, off)], real(name),
                               BANKS['TimGM6mb'], seconds, 3)
        rows.append([name] + [number((measured[on.name]['cpu_sec'] - measured[off.name]['cpu_sec'])
                                     * 1e3 / seconds) if on.name in measured and off.name in measured
                              else '—' for _, on, off in pairs])
    return ('Milliseconds of CPU per second of audio: the same render with and without, TimGM6mb.\n\n' +
            table(['file'] + [name for name, _, _ in pairs], rows))


def topic_lesson(run):
    """A 12 s lesson: from the start of the process to the finished WAV"""
    lessons = [synthetic('lesson')] + sorted(SHARED.glob('data/midi/exercises/*.mid'))[:1]
    out = 'Milliseconds of wall time, TimGM6mb, the file written to disk.\n\n'
    rows, names = [], []
    for path in lessons:
        say(f'lesson {path.stem}')
        with tempfile.TemporaryDirectory() as folder:
            wav, bank, seconds = f'{folder}/x.wav', BANKS['TimGM6mb'], '14'
            jobs = {
                'Plainsong (16 bit)': [WORK / 'plainsong/cli/plainsong', 'render', path, '-o', wav,
                                       '--soundfont', bank, '--quiet'],
                'fluidsynth -F (16 bit)': ['fluidsynth', '-ni', '-q', '-F', wav, '-r', RATE, bank, path],
                'rustysynth (float)': [*RUSTY, '--wav', wav, '--seconds', seconds, bank, path],
                'TinySoundFont, Python (float)': [*TINY, '--wav', wav, '--seconds', seconds, bank, path],
            }
            needs = dict(zip(jobs, ('plainsong', 'fluidsynth', 'rustysynth', 'tinysoundfont')))
            measured = take_turns({name: argv for name, argv in jobs.items()
                                   if needs[name] in run.built}, 3 if run.quick else 21)
        names = names or list(measured)
        rows.append([f'{path.stem}, wall'] +
                    [number(measured[n]['wall_sec'] * 1e3, 1) if n in measured else '—' for n in names])
        rows.append([f'{path.stem}, CPU'] +
                    [number(measured[n]['cpu_sec'] * 1e3, 1) if n in measured else '—' for n in names])
    return out + table([''] + names, rows)


BATCH_LOOP = 'for f in "$0"/*.mid; do fluidsynth -ni -q -F "$1/$(basename "$f" .mid).wav" -r 44100 "$2" "$f" || exit 1; done'


def topic_batch(run):
    """A batch of 200 lessons"""
    if 'plainsong' not in run.built:
        return None
    count, bank = (40, BANKS['TimGM6mb']) if run.quick else (200, BANKS['TimGM6mb'])
    lessons = WORK / 'synthetic' / f'lessons-{count}'
    make_midi.make_lessons(lessons, count)
    halves = [sorted(lessons.glob('*.mid'))[i::2] for i in range(2)]
    kinds = ['one thread', 'two threads']
    costs = {name: [] for name in [*kinds, 'fluidsynth, one after the other']}
    gains, limits = [], []
    for turn in range(1 if run.quick else 5):
        say(f'batch, turn {turn + 1}')
        with tempfile.TemporaryDirectory() as folder:
            def batch(name, inputs, threads):
                return [WORK / 'plainsong/cli/plainsong', 'batch', *inputs, '-o', f'{folder}/{name}', '-j', threads,
                        '-s', bank, '--quiet']
            one, two = (run_once(batch(f'out{n}', [lessons], n)) for n in (1, 2))
            if not one or not two:
                return None
            start = time.perf_counter()  # what the machine has to give: two that know nothing of each other
            both = [subprocess.Popen(list(map(str, batch(f'half{i}', half, 1)))) for i, half in enumerate(halves)]
            for process in both:
                process.wait()
            limits.append(one['wall_sec'] / (time.perf_counter() - start))
            gains.append(one['wall_sec'] / two['wall_sec'])
            costs['one thread'].append(one)
            costs['two threads'].append(two)
            if 'fluidsynth' in run.built and turn < 3:
                os.mkdir(f'{folder}/fluid')
                cost = run_once(['sh', '-c', BATCH_LOOP, lessons, f'{folder}/fluid', bank])
                if cost:
                    costs['fluidsynth, one after the other'].append(cost)
    medians = {name: {key: statistics.median(cost[key] for cost in of) for key in ('wall_sec', 'cpu_sec', 'peak_kib')}
               for name, of in costs.items() if of}
    fastest = medians['two threads']['wall_sec']
    rows = [[name, number(m['wall_sec']), number(m['cpu_sec']), times(m['wall_sec'] / fastest),
             number(m['peak_kib'] / 1024, 1) if 'thread' in name else '—'] for name, m in medians.items()]
    gain, limit = statistics.median(gains), statistics.median(limits)
    return (f'{count} piano lessons of 10 to 14 s, TimGM6mb, as 16-bit WAV files in a folder. `fluidsynth -F` in a loop, '
            f'a process for each.\n\n' +
            table(['', 'wall s', 'CPU s', 'wall, × two threads', 'peak RSS MiB'], rows) +
            f'\nTwo threads against one: {gain:.2f}×. Two processes of one thread, each with half of the files, show '
            f'what the machine has to give: {limit:.2f}×.\n')


def cost_rows(measured, contenders):
    return [[c.name, number(measured[c.name]['wall_sec'] * 1e3, 1),
             number(measured[c.name]['cpu_sec'], 3), number(measured[c.name]['peak_kib'] / 1024, 1)]
            for c in contenders if c.name in measured]


COST_HEAD = ['', 'wall ms', 'CPU s', 'peak RSS MiB']


def topic_open(run):
    """Opening a large bank, and the memory of a piano piece"""
    if not have_bank('FluidR3_GM'):
        return None
    bank = BANKS['FluidR3_GM']
    contenders = run.chosen(PLAIN, FLUID_FULL, FLUID_LAZY, RUSTY_FULL, TINY_ALL)
    say('open')
    measured = run.measure(contenders, synthetic('nothing'), bank, 0.1, 7)
    out = ('FluidR3_GM (148 MB), warm. A process that opens it and renders a tenth of a second:\n\n' +
           table(COST_HEAD, cost_rows(measured, contenders)))
    if 'plainsong' in run.built:
        alone = take_turns({'open': [*OURS, '--seconds', '0', bank, synthetic('nothing')]},
                           run.repeats(9))
        if alone:
            out += f'\nThe opening alone, inside Plainsong: {alone["open"]["open_ms"]:.2f} ms.\n'
    piano = real('what-a-friend-piano')
    if piano.exists():
        seconds = make_midi.seconds_of(piano) + 2
        measured = run.measure(contenders, piano, bank, seconds, 3)
        out += (f'\nA piano piece of {seconds:.0f} s (what-a-friend-piano):\n\n' +
                table(COST_HEAD, cost_rows(measured, contenders)))
    return out


def topic_sf3(run):
    """A compressed bank (SF3)"""
    if not have_bank('MuseScore_General_Lite'):
        return None
    contenders = run.chosen(PLAIN, PLAIN_ALL, FLUID_FULL, FLUID_LAZY, TINY_ALL)
    path = real('what-a-friend-piano')
    if not path.exists():
        path = synthetic('lesson')
    seconds = 10 if run.quick else make_midi.seconds_of(path) + 2
    say('sf3')
    measured = run.measure(contenders, path, BANKS['MuseScore_General_Lite'], seconds, 3)
    return (f'MuseScore_General_Lite.sf3 (40 MB), {path.stem}, {seconds:.0f} s of audio. rustysynth '
            'refuses SF3.\n\n' + table(COST_HEAD, cost_rows(measured, contenders)))


def topic_threads(run):
    """Two threads against one"""
    if 'plainsong' not in run.built:
        return None
    rows = []
    names = QUICK_FILES[1:2] if run.quick else ['keep-on-rolling', 'alternative', 'niagara',
                                                'out-there', 'planetblupi-long']
    for bank in ('TimGM6mb', 'FluidR3_GM'):
        if not have_bank(bank):
            continue
        for name in names:
            if not real(name).exists():
                continue
            say(f'threads {bank} {name}')
            rows.append([f'{name}, {bank}', *threads_row(run, real(name), BANKS[bank])])
    return ('Wall seconds of Plainsong; only meaningful with both processors free. Two processes of '
            'one thread each at the same time show what the machine itself has to give: the limit of '
            'any gain.\n\n' +
            table(['file', 'audio s', 'one', 'two', 'CPU, two / one', 'gain', 'limit', 'gain / limit'],
                  rows))


def threads_row(run, midi, bank):
    seconds = make_midi.seconds_of(midi) + 2
    one, two = (plainsong_command('--threads', n)(midi, bank, seconds) for n in '12')
    runs = [(run_once(one), run_once(two), wall_of_two(one)) for _ in range(run.repeats(5))]
    wall = statistics.median(a['wall_sec'] for a, _, _ in runs)
    gain = statistics.median(a['wall_sec'] / b['wall_sec'] for a, b, _ in runs)
    limit = statistics.median(2 * a['wall_sec'] / c for a, _, c in runs)
    return [number(seconds, 0), number(wall, 3),
            number(statistics.median(b['wall_sec'] for _, b, _ in runs), 3),
            number(statistics.median(b['cpu_sec'] / a['cpu_sec'] for a, b, _ in runs)),
            number(gain, 2, '×'), number(limit, 2, '×'), number(gain / limit)]


def wall_of_two(argv):
    start = time.perf_counter()
    both = [subprocess.Popen(list(map(str, argv))) for _ in range(2)]
    for process in both:
        process.wait()
    return time.perf_counter() - start


def topic_extremes(run):
    """Nothing, little, very much"""
    contenders = run.chosen(PLAIN, FLUID_FULL, RUSTY_FULL)
    jobs = [('silent', 600, 'one note, ten minutes of silence'), ('sparse-minute', 60, 'two notes, a minute'),
            ('sparse-hour', 3600, 'a note every 30 s, an hour'),
            ('black1000', 62, '1000 notes a second, a minute'),
            ('chords255', 62, 'chords of 255 notes, a minute')]
    rows = []
    for name, seconds, words in jobs:
        if run.quick:
            seconds = min(seconds, 600)
        say(f'extremes {name}')
        measured = run.measure(contenders, synthetic(name), BANKS['TimGM6mb'], seconds, 3)
        for c in contenders:
            if c.name in measured:
                cost = measured[c.name]
                rows.append([words, c.name, number(cost['cpu_sec'], 3),
                             number(ratio(seconds, cost['cpu_sec']), 0),
                             number(cost['peak_kib'] / 1024, 1)])
    return 'TimGM6mb, effects on.\n\n' + table(
        ['', '', 'CPU s', 'audio s per CPU s', 'peak RSS MiB'], rows)


def track_command(path, *options):
    return [WORK / 'plainsong/cli/plainsong', 'render', path, '-o', 'null:', '--level', 'fixed',
            '--quiet', *options]


def topic_tracks(run):
    """Tracks"""
    if 'plainsong' not in run.built:
        return None
    folder, rows, long_rows = WORK / 'tracks', [], []
    make_tracks.make_all(folder)
    for index, (words, (_, old_sec)) in enumerate(make_tracks.SIXTY.items()):
        say(f'tracks {words}')
        cost = take_turns({'one': track_command(folder / f'{index}.json', '--threads', '1')},
                          3 if run.quick else 15)['one']
        frames = 60 * RATE
        rows.append([words, number(old_sec) if old_sec else '—', number(cost['cpu_sec'], 4),
                     number(cost['cpu_sec'] * 1e9 / frames, 2),
                     number(ratio(old_sec, cost['cpu_sec']), 0, '×') if old_sec else '—'])
    for hours in (1,) if run.quick else (1, 8):
        say(f'tracks of {hours} h')
        path = folder / f'{hours}h.json'
        jobs = {'one thread': track_command(path, '--threads', '1'),
                'two threads': track_command(path, '--threads', '2')}
        measured = take_turns(jobs, 1 if run.quick else 3)
        for name, cost in measured.items():
            long_rows.append([f'{hours} h, {name}', number(cost['wall_sec'], 2),
                              number(cost['cpu_sec'], 2), number(cost['peak_kib'] / 1024, 1)])
    return ('CPU seconds of the process for 60 s of audio at 44.1 kHz, one thread, level fixed, nothing '
            'written, beside what the old Python renderer took on one core of such a machine (its '
            'start and compilation not counted).\n\n' +
            table(['60 s of', 'old renderer, CPU s', 'Plainsong, CPU s', 'ns per frame', 'ratio'], rows) +
            '\n\nFour voices, a crossfade of 10 s every five minutes, brown noise with a swept notch:\n\n' +
            table(['', 'wall s', 'CPU s', 'peak RSS MiB'], long_rows))


def topic_loudness(_run):
    """Measuring levels"""
    program = WORK / 'plainsong/bench/bench_loudness'
    if not program.exists():
        return None
    say('loudness')
    return ('`bench_loudness`: nanoseconds per stereo frame at 44.1 kHz, one thread, 4 s of noise at an '
            'even level, and in bursts that fade, so that most frames cannot hold the peak. I, M, S: '
            'integrated, momentary, short-term.\n\n```\n' + run_quietly([program]).rstrip() + '\n```\n')


def printed(name, title, *options):
    """What a bench program of ours prints, as it is."""
    program = WORK / 'plainsong/bench' / name
    if not program.exists():
        return None
    say(name)
    return f'{title}\n\n```\n' + run_quietly([program, *options]).rstrip() + '\n```\n'


def topic_rack(_run):
    """Effects"""
    music = printed('bench_effects', '`bench_effects`: nanoseconds per stereo frame at 44.1 kHz, one thread. '
                    'Chords near full level; effects with their presets (an eq has no band then).')
    noise = printed('bench_effects', 'White noise at full level, in which the limiter has to look between '
                    'all samples:', '--noise', 'limiter', MASTERING)
    return music and f'{music}\n{noise}'


def write_response(path, taps):
    """A mono WAV of decaying noise, 16 bits."""
    noise = random.Random(1)
    with wave.open(str(path), 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(b''.join(struct.pack('<h', int(20000 * noise.uniform(-1, 1) * math.exp(-3 * i / taps)))
                                  for i in range(taps)))


def build_convolution_peers():
    python = WORK / 'convolution/bin/python'
    if not python.exists():
        run_quietly([sys.executable, '-m', 'venv', WORK / 'convolution'])
    run_quietly([python, '-m', 'pip', 'install', '-q', '-r', HERE / 'peers/convolution/requirements.txt'])
    return python


def topic_convolution(_run):
    """Convolution"""
    program = WORK / 'plainsong/bench/bench_effects'
    if not program.exists():
        return None
    python, rows, seconds = build_convolution_peers(), [], 60
    for taps, words in ((4410, '100 ms'), (132300, '3 s')):
        say(f'convolution {words}')
        path = WORK / f'response-{taps}.wav'
        write_response(path, taps)
        said = run_quietly([program, f'convolver:"{path}",wet=1'])
        ours = float(re.search(r'([\d.]+) ns per frame', said).group(1)) * 1e-9 * seconds * 44100
        peers = dict(line.split() for line in run_quietly(
            [python, HERE / 'peers/convolution/driver.py', str(seconds), path, '5']).splitlines())
        theirs = {name: float(value) for name, value in peers.items()}
        rows.append([words, number(1e3 * ours), f'{seconds / ours:.0f}×',
                     *(f'{1e3 * theirs[name]:.0f} ({theirs[name] / ours:.1f}×)' for name in ('pedalboard', 'scipy'))])
    return ('CPU milliseconds for 60 s of stereo noise at 44.1 kHz through one mono response, one thread, single '
            'precision; in brackets how many times more the peers need.\n\n' +
            table(['response', 'Plainsong', 'times real time', 'pedalboard Convolution', 'scipy oaconvolve'], rows))


FFT_COLUMNS = [(kind, way) for kind in ('complex', 'real') for way in ('forward', 'inverse')]


def topic_fft(run):
    """Fourier transforms in single precision"""
    program = WORK / 'plainsong/bench/bench_fft'
    if not program.exists():
        return None
    out = ('`bench_fft`: nanoseconds, and how many times as long FFTW 3.3.10 takes (`FFTW_PATIENT` up to '
           '16384 points, `FFTW_MEASURE` above) when it was built for the same instruction set.\n')
    for row in ('avx512', 'avx2'):
        say(f'fft {row}')
        library = WORK / f'fftw/{row}/lib/libfftw3f.so.3'
        peer = ['--fftw', library] if 'fftw' in run.built else []
        lines = run_quietly([program, '--rows', row, *peer, '--most', '4096' if run.quick else '65536',
                             '--rounds', '100' if run.quick else '1000']).splitlines()
        if not lines:
            continue  # not on this processor
        times_of = {}
        for _, kind, way, size, ours, *theirs in map(str.split, lines):
            beside = f' ({float(theirs[0]) / float(ours):.2f}×)' if theirs else ''
            times_of.setdefault(size, {})[kind, way] = f'{float(ours):.0f}{beside}'
        out += f'\n**{row}**\n\n' + table(['points'] + [f'{kind}, {way}' for kind, way in FFT_COLUMNS],
                                         [[size] + [found[column] for column in FFT_COLUMNS]
                                          for size, found in times_of.items()])
    return out


TOPICS = {'whole': topic_whole, 'voice': topic_voice, 'kernel': topic_kernel, 'effects': topic_effects,
          'lesson': topic_lesson, 'batch': topic_batch, 'open': topic_open, 'sf3': topic_sf3, 'threads': topic_threads,
          'extremes': topic_extremes, 'tracks': topic_tracks, 'loudness': topic_loudness,
          'fft': topic_fft, 'rack': topic_rack, 'convolution': topic_convolution}


# ---- The results file ----------------------------------------------------------------------------

INTRODUCTION = """# Results

Written by `bench/run.py` between the markers; remarks outside them are kept. Ratios say how many
times more CPU the other one needs. How it is measured: [README.md](README.md).
"""


def put_section(text, name, title, body):
    begin, end = f'<!-- begin {name} -->', f'<!-- end {name} -->'
    block = f'{begin}\n{body.rstrip()}\n{end}'
    if begin in text and end in text:
        before, rest = text.split(begin, 1)
        return before + block + rest.split(end, 1)[1]
    return f'{text.rstrip()}\n\n## {title}\n\n{block}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='few files, one repeat')
    parser.add_argument('--topics', default=','.join(TOPICS), help='of: ' + ', '.join(TOPICS))
    parser.add_argument('--peers-only', action='store_true', help='do not build or measure Plainsong')
    parser.add_argument('--output', type=pathlib.Path,
                        help='the results file; by default bench/RESULTS.md, with --quick the screen')
    wish = parser.parse_args()
    unknown = set(wish.topics.split(',')) - set(TOPICS)
    if unknown:
        parser.error(f'no such topic: {", ".join(unknown)}')

    run = Run(build_all(wish.peers_only), wish.quick)
    make_midi.make_all(WORK / 'synthetic')
    say('real MIDI files')
    subprocess.run([HERE / 'fetch_files.sh', WORK / 'files'], check=False, stdout=sys.stderr)
    if not have_bank('TimGM6mb'):
        sys.exit('bench/run.py: needs the package timgm6mb-soundfont')

    where = wish.output or (None if wish.quick else RESULTS)
    text = where.read_text() if where and where.exists() else INTRODUCTION
    for name in wish.topics.split(','):
        body = TOPICS[name](run)
        if body is None:
            continue
        text = put_section(text, name, TOPICS[name].__doc__, f'*{machine()}*\n\n{body}')
        if where:
            where.write_text(text)
    if not where:
        print(text)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Builds the fuzzers with clang under ASan and UBSan, and runs each for a while.

    tools/run_fuzzers.py [--seconds N] [NAME...]

Seeds lie in fuzz/corpus/NAME and stay as they are; what a run finds new goes to build-fuzz/found.
An input that breaks something is kept in build-fuzz/broken.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / 'build-fuzz'
SLOWEST_INPUT_SEC = 20
MEMORY_MB = 2048


OPTIONS = ['-Dfuzz=true', '-Dtests=false', '-Doptimization=1', '-Db_sanitize=address,undefined',
           '-Db_lundef=false',
           '-Dc_args=-fsanitize=fuzzer-no-link,float-cast-overflow -fno-sanitize-recover=all']


def build():
    """Keeps what earlier runs found, also when the options are other ones now."""
    env = dict(os.environ, CC='clang', CXX='clang++')
    stamp = BUILD / 'made-with'
    if not stamp.exists() or stamp.read_text() != ' '.join(OPTIONS):
        made = (BUILD / 'build.ninja').exists()
        subprocess.run(['meson', 'configure' if made else 'setup', BUILD, *OPTIONS],
                       cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(' '.join(OPTIONS))
    subprocess.run(['ninja', '-C', BUILD], env=env, check=True, stdout=subprocess.DEVNULL)


def fuzz(program, seconds):
    name = program.name.removeprefix('fuzz_')
    seeds, found, broken = ROOT / 'fuzz/corpus' / name, BUILD / 'found' / name, BUILD / 'broken'
    for folder in (found, broken):
        folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [program, f'-max_total_time={seconds}', f'-timeout={SLOWEST_INPUT_SEC}',
         f'-rss_limit_mb={MEMORY_MB}', '-print_final_stats=1', f'-artifact_prefix={broken}/{name}-',
         found, *([seeds] if seeds.is_dir() else [])],
        text=True, errors='replace', stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    runs = re.search(r'number_of_executed_units: +(\d+)', done.stdout)
    covered = re.findall(r'cov: (\d+)', done.stdout)
    if done.returncode:
        print('\n'.join(done.stdout.rstrip().split('\n')[-50:]), flush=True)
    print(f'{name}: {"broken" if done.returncode else "clean"},'
          f' {runs.group(1) if runs else "?"} inputs, {covered[-1] if covered else "?"} edges,'
          f' {seconds} s', flush=True)
    return done.returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seconds', type=int, default=60, help='for each fuzzer')
    parser.add_argument('names', nargs='*', help='only these')
    arguments = parser.parse_args()
    build()
    programs = [path for path in sorted((BUILD / 'fuzz').glob('fuzz_*'))
                if path.is_file() and os.access(path, os.X_OK)]
    if arguments.names:
        programs = [path for path in programs if path.name.removeprefix('fuzz_') in arguments.names]
    broken = sum(fuzz(program, arguments.seconds) for program in programs)
    print(f'{len(programs)} fuzzers, {broken} broken')
    return 1 if broken or not programs else 0


if __name__ == '__main__':
    sys.exit(main())

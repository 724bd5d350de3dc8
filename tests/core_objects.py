#!/usr/bin/env python3
"""The core, as compiled: no variable that can change, and nothing wanted from outside but what only
computes. Sees what tests/layers.py cannot: what macros and compilers put in."""
import re
import shutil
import subprocess
import sys

MAY_WANT = re.compile(
    r'^(ps_\w+'
    r'|mem(cpy|set|move|cmp|chr)|bcmp|str(len|cmp|ncmp|chr|rchr|str|nlen|spn|cspn)|qsort|bsearch|abort'
    r'|v?snprintf'  # into memory, for the words of an error
    r'|(a?sin|a?cos|tan|sinh|cosh|tanh|atan2?|exp2?|expm1|log(2|10|1p)?|pow|sqrt|fabs|floor|ceil|fmod|l?l?r?round|l?l?rint'
    r'|trunc|ldexp|frexp|hypot|cbrt|sincos|fmax|fmin|modf)f?'
    r'|_GLOBAL_OFFSET_TABLE_|__assert_fail|__stack_chk_fail|__cpu_model|__cpu_indicator_init'
    r'|__(mem|str|v?snprintf)\w*_chk)$')
ALLOCATES = {'aligned_alloc', 'free'}  # only the default allocator


def symbols(library):
    """(object, letter, name) of every symbol in the archive's members that are the core's."""
    listed = subprocess.run(['nm', '-A', '--format=posix', library], text=True, check=True,
                            capture_output=True).stdout
    for line in listed.splitlines():
        match = re.match(r'.*\[((?:src|kernel|row)_[^\]]+)\]: (\S+) (\w)', line)
        if match:
            yield match.group(1), match.group(3), match.group(2)


def writable_sections(library):
    member = ''
    listed = subprocess.run(['objdump', '-h', '-w', library], text=True, check=True,
                            capture_output=True).stdout
    for line in listed.splitlines():
        named = re.match(r'(\S+): +file format', line)
        section = re.match(r' *\d+ (\.t?(?:data|bss)\S*) +([0-9a-f]+) ', line)
        if named:
            member = named.group(1)
        elif section and member.startswith(('src_', 'kernel_', 'row_')) and int(section.group(2), 16) > 0 \
                and not section.group(1).startswith('.data.rel.ro'):
            yield member, section.group(1)


def main():
    library = sys.argv[1]
    if not (sys.platform == 'linux' and shutil.which('nm') and shutil.which('objdump')):
        print('there are no nm and objdump for ELF here')
        return 77
    bad = [f'{member}: {section} holds variables' for member, section in writable_sections(library)]
    members = set()
    for member, letter, name in symbols(library):
        members.add(member)
        allocator = name in ALLOCATES and member.startswith('src_base_memory.c')
        if letter == 'U' and not MAY_WANT.match(name) and not allocator:
            bad.append(f'{member}: wants {name}')
    print(*bad, f'{len(members)} objects of the core', sep='\n')
    return 1 if bad or len(members) < 10 else 0


if __name__ == '__main__':
    sys.exit(main())

"""What goes wrong, as exceptions: all are plainsong.Error, each also what Python calls it."""
from __future__ import annotations

import errno
from typing import Any


class PlainsongWarning(UserWarning):
    """Something was mended or left out: a damaged file, a value that cannot be used."""


class Error(RuntimeError):
    """What the engine could not do.

    Attributes:
        code: a word for programs: 'bad_data', 'not_found', ...
        hint: what to do about it, or ''
        path: the file meant, or ''
        line, column: in a text file, counted from 1; 0 when there is none
        offset: the byte of the file where the trouble lies, or None
    """

    code: str = 'error'

    def __init__(self, text: str = '', *, hint: str = '', path: str = '', line: int = 0,
                 column: int = 0, offset: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
        self.path = path
        self.line = line
        self.column = column
        self.offset = offset

    def __str__(self) -> str:
        """One line: file, place, what is wrong, and the hint in parentheses."""
        place = self.path
        if self.line:
            place += f':{self.line}' + (f':{self.column}' if self.column else '')
        elif self.offset is not None:
            place += f'{": " if place else ""}byte {self.offset}'
        words = f'{place}: {self.text}' if place else self.text
        return f'{words} ({self.hint})' if self.hint else words

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.text, {key: getattr(self, key) for key in (
            'hint', 'path', 'line', 'column', 'offset')})


def _again(kind: type[Error], text: str, places: dict[str, Any]) -> Error:
    return kind(text, **places)


class NoMemoryError(Error, MemoryError):
    """Memory is out; everything taken so far has been given back."""

    code = 'no_memory'


class ArgumentError(Error, ValueError):
    """A value is outside its range, or cannot be read."""

    code = 'bad_argument'


class DataError(Error, ValueError):
    """A file is damaged, or of another kind."""

    code = 'bad_data'


class UnsupportedError(Error, ValueError):
    """A file or a wish is in order, but not of a kind that is handled."""

    code = 'unsupported'


class NotFoundError(Error, FileNotFoundError):
    """There is no such file, preset or name."""

    code = 'not_found'
    _errno = errno.ENOENT


class ReadError(Error, OSError):
    """The system refused to read."""

    code = 'cannot_read'
    _errno = errno.EIO


class WriteError(Error, OSError):
    """The system refused to write: the disk is full, the file exists, the folder is closed."""

    code = 'cannot_write'
    _errno = errno.EIO


class CancelledError(Error):
    """The progress function returned False."""

    code = 'cancelled'


# In the order of ps_status.
_KINDS: tuple[type[Error], ...] = (
    Error, NoMemoryError, ArgumentError, DataError, UnsupportedError, NotFoundError, ReadError,
    WriteError, CancelledError)


def of(status: int, text: str, hint: str, path: str, line: int, column: int,
       offset: int | None) -> Error:
    """The exception for what the engine said."""
    kind = _KINDS[status] if 0 <= status < len(_KINDS) else Error
    error = kind(text, hint=hint, path=path, line=line, column=column, offset=offset)
    if isinstance(error, OSError):
        error.errno = getattr(kind, '_errno')
        error.filename = path or None
    return error


for _kind in (*_KINDS, PlainsongWarning):  # their home is the package
    _kind.__module__ = 'plainsong'

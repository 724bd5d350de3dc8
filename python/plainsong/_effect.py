"""What the typed effects of plainsong.effects have in common."""
from __future__ import annotations

import dataclasses
import os
from typing import ClassVar

from . import _core


class Effect:
    """An effect with its parameters; see plainsong.effects. It does not change.

    Goes wherever a chain is taken. chain() makes a chain of it alone; effects and chains can be
    added.
    """

    name: ClassVar[str]

    def __post_init__(self) -> None:
        self.chain()  # says at once what is wrong

    def document(self) -> dict[str, object]:
        """The effect as a document has it, without what is not preset: {'effect': name, ...}."""
        document: dict[str, object] = {'effect': self.name}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value, name = getattr(self, field.name), field.name.replace('_', '-')
            if isinstance(value, tuple | list):
                for number, one in enumerate(value, 1):
                    if one is not None:
                        document[f'{name}{number}'] = one
            elif value != field.default:
                document[name] = os.fsdecode(value) if isinstance(
                    value, os.PathLike) else value
        return document

    def chain(self) -> _core.EffectChain:
        """A chain of this effect alone."""
        return _core.EffectChain([self.document()])

    def __add__(self, other: Effect | _core.EffectChain) -> _core.EffectChain:
        return self.chain() + (other.chain() if isinstance(other, Effect) else other)

    def __radd__(self, other: _core.EffectChain) -> _core.EffectChain:
        return other + self.chain()

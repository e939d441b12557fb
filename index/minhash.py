"""MinHash: how alike two sets are, told by 128 numbers of each.

The numbers are those of datasketch's scheme "affine32": every member is hashed to 32 bits (SHA-1, then the finalizer of
MurmurHash3), every hash h permuted to a·h + b modulo 2^32 in 128 ways, of each of which the least is kept. Importing
datasketch takes half a second and 40 MB, which a process that adds one document would spend on these few lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha1

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint32]
_PERMUTATIONS, _SEED = 128, 1
_AT_ONCE = 4096  # members, for which 2 MB are needed


def minhash(members: Sequence[bytes]) -> bytes:
    """The MinHash of a set: 128 numbers of 4 bytes, little-endian; all ones of the empty set."""
    digests = b"".join(sha1(member).digest()[:4] for member in members)
    hashes = _mixed(np.frombuffer(digests, dtype="<u4").astype(np.uint32))
    factors, terms = _permutations()
    least = np.full(_PERMUTATIONS, np.iinfo(np.uint32).max, dtype=np.uint32)
    for at in range(0, len(hashes), _AT_ONCE):
        permuted = factors[:, np.newaxis] * hashes[at : at + _AT_ONCE] + terms[:, np.newaxis]
        np.minimum(least, permuted.min(axis=1), out=least)
    return least.astype("<u4").tobytes()


def _mixed(hashes: Numbers) -> Numbers:
    """MurmurHash3's finalizer: neighbouring values become far ones, no two the same."""
    hashes = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    hashes = (hashes ^ (hashes >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return hashes ^ (hashes >> np.uint32(16))


@cache
def _permutations() -> tuple[Numbers, Numbers]:
    """Odd factors, which make every permutation one, and terms; the same for ever."""
    chance = np.random.RandomState(_SEED)
    factors = chance.randint(0, 1 << 31, _PERMUTATIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, chance.randint(0, 1 << 32, _PERMUTATIONS, dtype=np.uint32)

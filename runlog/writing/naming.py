"""Names that read well, for runs that were given none."""

from __future__ import annotations

import hashlib

_ADJECTIVES = """
    amber autumn bold brave bright brisk calm clear clever coral crisp dapper eager early easy fair fleet
    fresh
    gentle glad golden grand green hazel honest humble ivory jolly keen kind late light lively lucid lucky
    mellow merry mild misty neat noble olive patient plain proud quick quiet rapid rosy ruby sage scarlet
    sharp
    silent silver sleek smooth snowy steady sunny swift tidy vivid warm wise
"""
_NOUNS = """
    acorn alder badger beech birch bison brook cedar comet condor crane creek delta dune eagle elm ember
    falcon
    fern finch fjord fox gale garnet glacier grove harbor hawk heron hill island jay juniper kestrel lagoon
    lake
    lark linden lynx maple marsh meadow moose moss oak orchid osprey otter owl pebble pine plover poplar
    quartz
    raven reef ridge river robin rowan spruce stork thrush tide willow wren
"""


def readable_name(run_id: str) -> str:
    """Return a name such as ``quiet-heron-3f9c`` for a run id; the same id gives the same name."""
    digest = hashlib.sha256(run_id.encode()).digest()
    adjectives, nouns = _ADJECTIVES.split(), _NOUNS.split()
    adjective = adjectives[int.from_bytes(digest[:4]) % len(adjectives)]
    noun = nouns[int.from_bytes(digest[4:8]) % len(nouns)]
    return f"{adjective}-{noun}-{run_id[-4:]}"

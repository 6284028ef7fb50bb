"""Names for runs that were given none."""

import re

from runlog.writing.naming import readable_name


def test_a_name_is_two_words_and_the_end_of_the_id() -> None:
    assert re.fullmatch(r"[a-z]+-[a-z]+-17ab", readable_name("20261122-101502-3f9c17ab"))


def test_the_same_id_gives_the_same_name_and_others_differ() -> None:
    names = [readable_name(f"20261122-101502-{number:08x}") for number in range(1000)]
    assert names == [readable_name(f"20261122-101502-{number:08x}") for number in range(1000)]
    assert len(set(names)) == 1000

"""What a script is told once for each key, since it may not be what it meant. Nothing here stops it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from runlog.images.image import Image
from runlog.storage.kinds import TABLE
from runlog.writing.judging import why_not_judged
from runlog.writing.log_data import Values

if TYPE_CHECKING:
    from runlog.evaluation.definition import Evaluation
    from runlog.storage.judgements import JudgedGallery


class Surprises:
    """Remembers what was logged under each key by this process, and what was said of it."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._kinds: dict[str, str] = {}
        self._image_steps: dict[str, int] = {}
        self._judged: dict[str, str] = {}

    def of_call(
        self,
        values: Values,
        step: int,
        evaluations: Sequence[Evaluation],
        judged: Mapping[str, JudgedGallery],
    ) -> Iterator[str]:
        """Yield what is to be said of values that were logged at a step, now that they are.

        Parameters
        ----------
        evaluations
            How predictions are judged.
        judged
            What is said of galleries.
        """
        for key, topic, message in (
            *self._found(values, step),
            *self._unjudged(values, evaluations),
            *self._of_judged(values, judged),
        ):
            if (key, topic) not in self._told:
                self._told.add((key, topic))
                yield f"{message} (said once for this key)"

    def _found(self, values: Values, step: int) -> Iterator[tuple[str, str, str]]:
        """Yield key, topic and message of each surprise."""
        yield from self._changed_kinds("a number", values.scalars)
        for kind, rows in values.rows.items():
            yield from self._changed_kinds(f"a {kind.name}", rows)
        for key, table in values.rows.get(TABLE, {}).items():
            for topic, message in table.warnings.items():
                yield key, topic, f"{key!r}: {message}"
        for key, integer in values.rounded.items():
            yield (
                key,
                "rounded",
                f"{key!r}: integers past 2**53 are stored as the nearest float: "
                f"{integer} became {int(values.scalars[key])}; log it as a string to keep it exactly",
            )
        for key, count in values.binned.items():
            yield (
                key,
                "binned",
                f"{key!r}: an array of {count:,} numbers is stored as a histogram of them; log a list "
                "(values.tolist()) to keep each number, or a Histogram to choose its bins",
            )
        if values.galleries:
            yield from self._changed_kinds("an image", values.galleries)
            yield from self._of_images(values.galleries, step)

    def _unjudged(self, values: Values, evaluations: Sequence[Evaluation]) -> Iterator[tuple[str, str, str]]:
        for key, images in values.galleries.items() if evaluations else ():
            if (why := why_not_judged(key, images, evaluations)) is not None:
                yield key, "evaluation", why

    def _of_judged(
        self, values: Values, judged: Mapping[str, JudgedGallery]
    ) -> Iterator[tuple[str, str, str]]:
        for key, said in judged.items():
            self._judged.update(dict.fromkeys(said.scalars, key))
            if count := said.found.unranked_count:
                yield (
                    key,
                    "unranked",
                    f"{key!r}: the score that ranks is NaN of {count} predicted boxes, which count nowhere "
                    "in its evaluation",
                )
        if not self._judged:
            return
        names = {name for said in judged.values() for name in said.scalars}
        for key in (*(names & self._kinds.keys()), *(self._judged.keys() & values.keys())):
            yield (
                key,
                "judged",
                f"{key!r} is logged by the script, and evaluating {self._judged[key]!r} gives a number of "
                "that name: at a step that has both, the script's stays; log yours under another key",
            )

    def _changed_kinds(self, kind: str, logged: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
        for key in logged:
            before = self._kinds.setdefault(key, kind)
            if before != kind:
                yield (
                    key,
                    "kind",
                    f"{key!r} was logged as {before} before, and now as {kind}: at one step the last one "
                    "stays, and pages show the key as both; use a key for each",
                )

    def _of_images(
        self, galleries: Mapping[str, tuple[Image, ...]], step: int
    ) -> Iterator[tuple[str, str, str]]:
        for key, images in galleries.items():
            if images and self._image_steps.get(key) == step:
                yield (
                    key,
                    "replaced",
                    f"{key!r}: the images logged at step {step} were replaced by those of a later call; log "
                    "them in one list, or give each call its own step or key",
                )
            if images:
                self._image_steps[key] = step
            for index, image in enumerate(images):
                for topic, message in image.warnings.items():
                    yield key, topic, f"{key!r}[{index}]: {message}"

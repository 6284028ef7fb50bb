"""The kinds of layers that are stored, in one table: what writes, reads or checks layers asks here."""

from __future__ import annotations

from typing import Any

from runlog.storage.box_rows import BOXES
from runlog.storage.layer_rows import LayerRows
from runlog.storage.mask_rows import MASKS

LAYER_KINDS: tuple[LayerRows[Any, Any, Any], ...] = (BOXES, MASKS)

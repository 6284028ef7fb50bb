"""Events as tensorboardX's protocol buffers write them; bytes that are none are an error in our words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboardX.proto.event_pb2 import Event as TheirEvent
from tensorboardX.proto.event_pb2 import SessionLog
from tensorboardX.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboardX.proto.tensor_pb2 import TensorProto

from runlog.errors import InvalidValueError
from runlog.importers.events import (
    Buckets,
    Event,
    EventReader,
    Hyperparameters,
    Number,
    Other,
    Pictures,
    Text,
)
from runlog.importers.protobuf import read_message


def plugin(name: str) -> SummaryMetadata:
    return SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=name))


def of_every_kind() -> TheirEvent:
    values = [
        Summary.Value(tag="loss", simple_value=0.5),
        Summary.Value(tag="photo", image=Summary.Image(width=4, height=3, encoded_image_string=b"file")),
        Summary.Value(tag="weights", histo=HistogramProto(num=3, bucket=[1, 2], bucket_limit=[3, 4])),
        Summary.Value(tag="sound", audio=Summary.Audio(sample_rate=8000)),
        Summary.Value(
            tag="note", tensor=TensorProto(dtype="DT_STRING", string_val=[b"a"]), metadata=plugin("text")
        ),
        Summary.Value(
            tag="batch",
            tensor=TensorProto(dtype="DT_STRING", string_val=[b"4", b"3", b"one", b"two"]),
            metadata=plugin("images"),
        ),
        Summary.Value(
            tag="accuracy",
            tensor=TensorProto(dtype="DT_DOUBLE", double_val=[0.25]),
            metadata=plugin("scalars"),
        ),
        Summary.Value(
            tag="several",
            tensor=TensorProto(dtype="DT_INT64", int64_val=[1, 2]),
            metadata=plugin("scalars"),
        ),
        Summary.Value(tag="_hparams_/experiment", metadata=plugin("hparams")),
    ]
    return TheirEvent(step=7, wall_time=1e9, summary=Summary(value=values))


def test_every_kind_of_value_is_told_apart() -> None:
    assert EventReader().read(of_every_kind().SerializeToString()) == Event(
        7,
        1e9,
        (
            Number("loss", 0.5),
            Pictures("photo", (b"file",), ""),
            Buckets("weights", 0.0, 0.0, (3.0, 4.0), (1.0, 2.0)),
            Other("audio", "sound"),
            Text("note", ("a",)),
            Pictures("batch", (b"one", b"two"), ""),
            Number("accuracy", 0.25),
            Other("scalars", "several"),
            Hyperparameters({}),
        ),
    )


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        (TheirEvent(file_version="brain.Event:2"), []),
        (TheirEvent(graph_def=b"graph"), ["graphs"]),
        (TheirEvent(session_log=SessionLog(status="START")), ["session marks"]),
    ],
)
def test_what_is_no_summary_is_named(event: TheirEvent, kinds: list[str]) -> None:
    values = EventReader().read(event.SerializeToString()).values
    assert values == tuple(Other(kind, "") for kind in kinds)


@given(st.integers(-(2**63), 2**63 - 1))
def test_steps_have_64_bits_and_a_sign(step: int) -> None:
    assert EventReader().read(TheirEvent(step=step).SerializeToString()).step == step


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_one_error(data: bytes) -> None:
    try:
        message = read_message(data)
    except InvalidValueError:
        return
    assert all(values for values in message.values())


@given(st.data())
def test_any_change_of_an_event_gives_an_event_or_one_error(data: st.DataObject) -> None:
    changed = bytearray(of_every_kind().SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    for attempt in (bytes(changed), bytes(changed[:cut])):
        try:
            event = EventReader().read(attempt)
        except InvalidValueError:
            continue
        assert isinstance(event, Event)

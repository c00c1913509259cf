"""A Python publisher from generated stubs, by the rules of PublishService."""

import grpc
from google.rpc import error_details_pb2, status_pb2

from harness import check, equal, true
from sessions import Publishing, Stream, channel, create_topic, read_columns, read_rows
from weir.v1 import publish_service_pb2 as pub
from weir.v1 import publish_service_pb2_grpc as pub_grpc
from weir.v1 import telemetry_pb2 as model

BASE = 1_700_000_000_000_000_000
DOUBLE, INTEGER, TEXT = model.KIND_DOUBLE, model.KIND_INTEGER, model.KIND_TEXT
BOOLEAN, BLOB = model.KIND_BOOLEAN, model.KIND_BLOB
VALUE_FIELDS = {"d": "double", "i": "integer", "b": "boolean", "t": "text", "x": "blob"}


def doubles(sensor_id, *values):
    columns = model.Columns(
        count=len(values), sensor_ids=[sensor_id], time_base=BASE, time_step=1000, doubles=values
    )
    return model.Batch(columns=[columns])


def values(readings):
    return [value for _, _, _, value in readings]


def murmur3(data):
    """murmur3_32 with seed 0, written from its definition: the rule that routes sensors."""
    mask, h = 0xFFFFFFFF, 0
    def mixed(k):
        k = k * 0xCC9E2D51 & mask
        k = (k << 15 | k >> 17) & mask
        return k * 0x1B873593 & mask
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        h ^= mixed(int.from_bytes(data[i:i + 4], "little"))
        h = (h << 13 | h >> 19) & mask
        h = (h * 5 + 0xE6546B64) & mask
    if data[whole:]:
        h ^= mixed(int.from_bytes(data[whole:], "little"))
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & mask
    h = (h ^ h >> 13) * 0xC2B2AE35 & mask
    return h ^ h >> 16


@check
def publisher_with_ids_of_every_kind_is_acked_and_read_back(world):
    topic = "interop.py.ids"
    with channel(world.dev) as opened, Publishing(opened, topic) as session:
        true(session.opened.producer.startswith("~"), f"a made-up producer: {session.opened.producer}")
        equal(session.opened.epoch, 1, "epoch of a made-up producer")
        ids = session.define(d=DOUBLE, i=INTEGER, b=BOOLEAN, t=TEXT, x=BLOB)
        times = {"time_base": BASE, "time_unit": 1000, "time_offsets": [0, 5, -7]}
        runs = [
            model.Columns(count=3, sensor_ids=[ids["d"]], doubles=[1.5, -0.0, 1e300], **times),
            model.Columns(count=3, sensor_ids=[ids["i"]], integers=[-(1 << 63), 0, (1 << 63) - 1], **times),
            model.Columns(count=3, sensor_ids=[ids["b"]], booleans=[True, False, True], **times),
            model.Columns(count=3, sensor_ids=[ids["t"]], texts=["", "ø", "𝄞"], **times),
            model.Columns(count=3, sensor_ids=[ids["x"]], blobs=[b"", b"\x00", b"\xff\xfe"], **times),
        ]
        session.batch(1, model.Batch(columns=runs[:2]))
        session.batch(2, model.Batch(columns=runs[2:]))
        acks = session.acked_through(2)
        equal(acks[-1].durability, model.DURABILITY_SYNCED, "durability")
        session.half_close()
        equal(session.end(), [], "responses after the half-close")
        expected = []
        for name, run in zip("dibtx", runs):
            kind = VALUE_FIELDS[name]
            expected += [
                (name, BASE + offset * 1000, kind, value)
                for offset, value in zip(times["time_offsets"], getattr(run, kind + "s"))
            ]
        equal(read_columns(opened, topic), expected, "readings in columns")
        equal(read_rows(opened, topic), expected, "readings in rows")


@check
def publisher_with_refs_gets_bindings_and_goes_on_with_ids(world):
    topic = "interop.py.refs"
    with channel(world.dev) as opened, Publishing(opened, topic) as session:
        sensors = [model.Sensor(name=name, kind=DOUBLE, unit="kW") for name in ("p", "q")]
        columns = model.Columns(count=3, sensor_refs=[1, 0, 1], time_base=BASE, doubles=[1, 2, 3])
        session.batch(1, model.Batch(columns=[columns], sensors=sensors))
        (ack,) = session.acked_through(1)
        ids = {binding.name: binding.id for binding in ack.bindings}
        equal(sorted(ids), ["p", "q"], "sensors bound by the ack")
        session.batch(2, doubles(ids["p"], 4, 5))
        session.acked_through(2)
        got = [(sensor, value) for sensor, _, _, value in read_columns(opened, topic)]
        equal(got, [("q", 1), ("p", 2), ("q", 3), ("p", 4), ("p", 5)], "readings")


@check
def publisher_with_rows_is_stored_in_the_same_order(world):
    topic = "interop.py.rows"
    with channel(world.dev) as opened, Publishing(opened, topic) as session:
        rows = []
        for i in range(10):
            row = model.Reading(sensor=f"s{i % 3}")
            row.time.FromNanoseconds(BASE + i)
            if i % 3 == 2:
                row.text = str(i)
            else:
                row.double = i
            rows.append(row)
        session.batch(1, model.Batch(rows=rows))
        session.acked_through(1)
        expected = [
            (row.sensor, BASE + i, *(("text", str(i)) if i % 3 == 2 else ("double", float(i))))
            for i, row in enumerate(rows)
        ]
        equal(read_rows(opened, topic), expected, "readings")
        equal(read_columns(opened, topic), expected, "readings in columns")


@check
def bad_batch_in_a_pipeline_is_rejected_and_the_session_goes_on_in_order(world):
    topic = "interop.py.reject"
    with channel(world.dev) as opened, Publishing(opened, topic) as session:
        ids = session.define(a=DOUBLE, t=TEXT)
        session.batch(1, doubles(ids["a"], 1))
        wrong = model.Batch(columns=[
            model.Columns(count=1, sensor_ids=[ids["a"]], time_base=BASE, doubles=[2]),
            model.Columns(count=2, sensor_ids=[ids["a"], ids["t"]], time_base=BASE, doubles=[3, 4]),
        ])
        session.batch(2, wrong)
        session.batch(3, doubles(ids["a"], 5))
        session.batch(4, doubles(ids["a"], 6))
        rejects, acked = {}, 0
        while len(rejects) < 3 or not acked:
            response = session.next()
            if response.HasField("reject"):
                rejects[response.reject.sequence] = response.reject
            else:
                acked = response.ack.through_sequence
        equal(acked, 1, "acknowledged")
        equal(rejects[2].problem.reason, "KIND_MISMATCH", "why the second was rejected")
        equal(list(rejects[2].rows), [2], "wrong readings")
        equal({s: r.problem.reason for s, r in rejects.items() if s > 2},
              {3: "OUT_OF_SEQUENCE", 4: "OUT_OF_SEQUENCE"}, "what was sent behind it")
        equal({r.expected_sequence for r in rejects.values()}, {2}, "expected sequence")
        for sequence, value in ((2, 20), (3, 5), (4, 6)):
            session.batch(sequence, doubles(ids["a"], value))
        session.acked_through(4)
        equal(values(read_columns(opened, topic)), [1, 20, 5, 6], "what is stored")


@check
def batch_sent_again_is_acked_as_a_duplicate(world):
    topic = "interop.py.duplicate"
    with channel(world.dev) as opened, Publishing(opened, topic, producer="p") as session:
        ids = session.define(a=DOUBLE)
        session.batch(1, doubles(ids["a"], 1))
        session.acked_through(1)
        session.batch(1, doubles(ids["a"], 1))
        ack = session.expect("ack")
        equal((ack.through_sequence, ack.duplicates), (1, 1), "through and duplicates")
        equal(values(read_columns(opened, topic)), [1], "what is stored")


@check
def publisher_that_reconnects_goes_on_at_its_sequence(world):
    topic = "interop.py.reconnect"
    with channel(world.dev) as opened:
        with Publishing(opened, topic, producer="p") as first:
            ids = first.define(a=DOUBLE)
            first.batch(1, doubles(ids["a"], 1))
            first.acked_through(1)
            epoch = first.opened.epoch
        with Publishing(opened, topic, producer="p", epoch=epoch) as second:
            equal(second.opened.epoch, epoch, "epoch")
            equal([s.last_sequence for s in second.opened.last_sequences], [1], "last sequence")
            second.batch(2, doubles(ids["a"], 2))
            reject = second.expect("reject")
            equal(reject.problem.reason, "UNKNOWN_SENSOR_ID", "ids of the session before")
            equal(second.define(a=DOUBLE), ids, "ids defined again")
            second.batch(1, doubles(ids["a"], 1))
            second.batch(2, doubles(ids["a"], 2))
            equal(sum(ack.duplicates for ack in second.acked_through(2)), 1, "duplicates")
        equal(values(read_columns(opened, topic)), [1, 2], "what is stored")


@check
def older_session_of_a_producer_is_replaced_or_fenced(world):
    topic = "interop.py.zombie"
    with channel(world.dev) as opened, Publishing(opened, topic, producer="p") as zombie:
        ids = zombie.define(a=DOUBLE)
        with Publishing(opened, topic, producer="p", epoch=zombie.opened.epoch) as successor:
            zombie.batch(1, doubles(ids["a"], 1))
            refused(zombie, "REPLACED")
            ids = successor.define(a=DOUBLE)
            with Publishing(opened, topic, producer="p") as newest:
                equal(newest.opened.epoch, zombie.opened.epoch + 1, "epoch of a new process")
                successor.batch(1, doubles(ids["a"], 2))
                refused(successor, "PRODUCER_FENCED")
        equal(read_columns(opened, topic), [], "what is stored")


def refused(session, reason):
    """The session's batch is rejected for this reason, or the call ends with it."""
    for response in session.rest_or_reject():
        if response.HasField("reject"):
            equal(response.reject.problem.reason, reason, "why it is rejected")
            return
    code, details = session.status()
    true(code != grpc.StatusCode.OK and reason_of(session.call) == reason, f"{code} {details}")


def reason_of(call):
    metadata = dict(call.trailing_metadata())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info):
            return info.reason
    return None


@check
def sensors_are_routed_by_the_hash_of_their_names(world):
    topic = "interop.py.routes"
    create_topic(world.dev, topic, 4)
    names = [f"plant{i}/line{i % 7}/tempé" for i in range(50)]
    with channel(world.dev) as opened, Publishing(opened, topic) as session:
        equal(len(session.opened.last_sequences), 4, "partitions")
        ids = session.define(**{name: DOUBLE for name in names})
        for name, sensor_id in ids.items():
            equal(sensor_id % 4, murmur3(name.encode()) % 4, f"partition of {name}")
        for partition in range(4):
            mine = [i for i in ids.values() if i % 4 == partition]
            columns = model.Columns(count=len(mine), sensor_ids=mine, time_base=BASE, doubles=mine)
            session.batch(1, model.Batch(columns=[columns]), partition)
        acked = set()
        while len(acked) < 4:
            acked.add(session.expect("ack").partition)
        stored = read_columns(opened, topic)
        equal({name: value for name, _, _, value in stored}, ids, "readings by sensor")
        elsewhere = next(i for i in ids.values() if i % 4 != 0)
        session.batch(2, doubles(elsewhere, 1), 0)
        equal(session.expect("reject").problem.reason, "SPANS_PARTITIONS", "a sensor elsewhere")
        session.batch(1, doubles(0, 1), 4)
        equal(session.expect("reject").problem.reason, "INVALID_ARGUMENT", "no such partition")


@check
def wrong_definitions_and_requests_are_answered_and_the_session_goes_on(world):
    with channel(world.dev) as opened, Publishing(opened, "interop.py.define") as session:
        session.define(a=DOUBLE)
        sensors = [
            model.Sensor(name="ok", kind=INTEGER),
            model.Sensor(name="no kind"),
            model.Sensor(name="x" * 513, kind=DOUBLE),
            model.Sensor(name="a", kind=TEXT),
            model.Sensor(name="odd kind", kind=77),
        ]
        session.send(pub.PublishStreamRequest(define=pub.Define(id=9, sensors=sensors[:4])))
        defined = session.expect("defined")
        equal(defined.id, 9, "id of the request")
        equal([binding.name for binding in defined.bindings], ["ok"], "defined")
        reasons = {problem.index: problem.problem.reason for problem in defined.problems}
        equal(reasons, {1: "INVALID_ARGUMENT", 2: "INVALID_ARGUMENT", 3: "KIND_MISMATCH"}, "problems")
        session.send(pub.PublishStreamRequest(define=pub.Define(id=10, sensors=sensors[4:])))
        equal(session.expect("refused").problem.reason, "UNIMPLEMENTED", "an unknown kind")
        session.send(pub.PublishStreamRequest(open=pub.PublishOpen(topic="t")))
        equal(session.expect("refused").problem.reason, "SESSION_NOT_OPEN", "a second open")
        session.send(pub.PublishStreamRequest())
        equal(session.expect("refused").problem.reason, "INVALID_ARGUMENT", "an empty request")
        session.send(pub.PublishStreamRequest(ping=model.Ping(id=5)))
        equal(session.expect("pong").id, 5, "id of the pong")
        session.half_close()
        session.end()


@check
def session_without_open_ends_with_a_reason(world):
    with channel(world.dev) as opened:
        with Stream(pub_grpc.PublishServiceStub(opened).PublishStream) as session:
            session.send(pub.PublishStreamRequest(ping=model.Ping(id=1)))
            session.end(grpc.StatusCode.FAILED_PRECONDITION)
            equal(reason_of(session.call), "SESSION_NOT_OPEN", "reason")

"""A Python upload from generated stubs, and a snapshot of what it stored."""

from harness import check, equal, true
from publisher_checks import DOUBLE
from sessions import ALL, SESSION_SECONDS, Subscribing, channel, create_topic, readings_of
from weir.v1 import publish_service_pb2 as pub
from weir.v1 import publish_service_pb2_grpc as pub_grpc
from weir.v1 import subscribe_service_pb2 as sub
from weir.v1 import telemetry_pb2 as model

SECOND = 10**9


def batch(sequence, time_base, *values):
    """Values of the sensors a and b in turn, a second apart."""
    columns = model.Columns(
        count=len(values),
        sensor_refs=[i % 2 for i in range(len(values))],
        time_base=time_base,
        time_step=SECOND,
        doubles=values,
    )
    sensors = [model.Sensor(name=name, kind=DOUBLE, unit="Cel") for name in "ab"]
    return pub.UploadBatch(sequence=sequence, batch=model.Batch(columns=[columns], sensors=sensors))


def upload(opened, topic, *batches):
    opening = pub.UploadRequest(open=pub.UploadOpen(topic=topic, producer="importer", client="interop"))
    requests = [opening, *(pub.UploadRequest(batch=each) for each in batches)]
    return pub_grpc.PublishServiceStub(opened).Upload(iter(requests), timeout=SESSION_SECONDS)


@check
def upload_again_stores_only_what_is_missing_and_a_snapshot_has_the_last_values(world):
    topic = "interop.py.upload"
    create_topic(world.dev, topic)
    first, second = batch(1, 10 * SECOND, 0, 1, 2), batch(2, 20 * SECOND, 3, 4)
    with channel(world.dev) as opened:
        done = upload(opened, topic, first)
        equal((done.batches, done.readings, done.duplicates, done.rejected), (1, 3, 0, 0), "stored")
        done = upload(opened, topic, first, second)
        equal((done.batches, done.readings, done.duplicates, done.rejected), (1, 2, 1, 0), "stored again")
        equal([last.last_sequence for last in done.last_sequences], [2], "where the producer stands")
        asked = sub.Subscription(id=1, topic=topic, selector=ALL, snapshot=True, format=sub.FORMAT_COLUMNS)
        with Subscribing(opened, asked) as session:
            snapshot(session, done.cursor)


def snapshot(session, cursor):
    """The last values between the two phases, as of the cursor; none of them has a cursor."""
    session.expect("status")
    phases, names, readings = [], {}, []
    while sub.PHASE_SNAPSHOT_END not in phases:
        response = session.next()
        if response.HasField("phase"):
            phases.append(response.phase.phase)
        for sensor in response.sensors.sensors:
            names[sensor.id] = sensor.name
            equal(sensor.unit, "Cel", "unit")
        true(response.delivery.cursor == "", "a snapshot's deliveries have no cursor")
        for stored in response.delivery.batches:
            readings += readings_of(stored, names)
    equal(response.phase.cursor, cursor, "the position of which these are the last values")
    equal(phases, [sub.PHASE_SNAPSHOT_BEGIN, sub.PHASE_SNAPSHOT_END], "phases")
    expected = [("a", 20 * SECOND, "double", 3.0), ("b", 21 * SECOND, "double", 4.0)]
    equal(sorted(readings), expected, "last values")

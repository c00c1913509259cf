"""A Python subscriber from generated stubs: columns and rows, credit, resuming, several at once."""

import itertools

from harness import check, equal, true
from publisher_checks import DOUBLE, doubles, values
from sessions import ALL, EARLIEST, Publishing, Stream, Subscribing, channel, readings_of
from weir.v1 import subscribe_service_pb2 as sub
from weir.v1 import telemetry_pb2 as model

QUIET_SECONDS = 0.3


def fill(opened, topic, batches, sensor="a"):
    """Stores batches of two readings each: 0, 1 / 2, 3 / …"""
    with Publishing(opened, topic) as session:
        sensor_id = session.define(**{sensor: DOUBLE})[sensor]
        for i in range(batches):
            session.batch(i + 1, doubles(sensor_id, 2 * i, 2 * i + 1))
            session.acked_through(i + 1)


def values_of(delivery):
    readings = itertools.chain.from_iterable(map(readings_of, delivery.batches))
    return values(readings) + [row.double for row in delivery.readings]


def subscription(topic, **fields):
    return {"id": 1, "topic": topic, "selector": ALL, "start": EARLIEST, **fields}


def credit_bounds_deliveries(world, form, topic):
    """Readings come one delivery per raised credit, in order, and none without credit."""
    with channel(world.dev) as opened:
        fill(opened, topic, 10)
        with Subscribing(opened) as session:
            status = session.add(**subscription(topic, format=form, credit=sub.Credit(readings=0)))
            equal(status.effective.format, form, "format in force")
            true(status.start_cursor, "it says where it starts")
            session.ping(1)
            true(session.silent(QUIET_SECONDS), "no credit, no delivery")
            got, charged = [], 0
            while len(got) < 20:
                granted = charged + 1
                session.credit(1, readings=granted)
                session.credit(1, readings=1)  # a lower total is ignored
                delivery = session.delivery()
                true(charged < granted, "it began below its limit")
                equal(delivery.charged_readings, len(values_of(delivery)), "charged readings")
                true(delivery.charged_bytes > 0, "charged bytes are stated")
                charged += delivery.charged_readings
                got += values_of(delivery)
            equal(got, list(range(20)), "values")


@check
def subscriber_in_columns_gets_what_its_credit_permits(world):
    credit_bounds_deliveries(world, sub.FORMAT_COLUMNS, "interop.py.credit.columns")


@check
def subscriber_in_rows_gets_what_its_credit_permits(world):
    credit_bounds_deliveries(world, sub.FORMAT_ROWS, "interop.py.credit.rows")


@check
def credit_in_bytes_bounds_live_deliveries(world):
    topic = "interop.py.bytes"
    with channel(world.dev) as opened, Publishing(opened, topic) as publisher:
        sensor_id = publisher.define(a=DOUBLE)["a"]
        with Subscribing(opened) as session:
            fields = subscription(topic, format=sub.FORMAT_COLUMNS, credit=sub.Credit(bytes=1))
            session.add(**fields)
            for sequence in (1, 2, 3):
                publisher.batch(sequence, doubles(sensor_id, sequence))
                publisher.acked_through(sequence)
            first = session.delivery()
            equal(values_of(first)[0], 1, "the first may overrun its credit")
            session.ping(2)
            true(session.silent(QUIET_SECONDS), "then nothing follows")
            session.credit(1, bytes=1 << 40)
            got = values_of(first)
            while len(got) < 3:
                got += values_of(session.delivery())
            equal(got, [1, 2, 3], "values")


@check
def subscriber_resumes_behind_every_reading(world):
    topic = "interop.py.resume"
    with channel(world.dev) as opened:
        fill(opened, topic, 5)
        everything = sub.Subscription(**subscription(topic, until=sub.Until(now=True)))
        with Subscribing(opened, everything) as session:
            session.half_close()
            rows = [row for r in session.end() for row in r.delivery.readings]
        equal([row.double for row in rows], list(range(10)), "values")
        for i, row in enumerate(rows):
            for form in (sub.FORMAT_ROWS, sub.FORMAT_COLUMNS):
                after = subscription(
                    topic,
                    start=sub.Start(after_cursor=row.cursor),
                    until=sub.Until(now=True),
                    format=form,
                )
                with Subscribing(opened, sub.Subscription(**after)) as session:
                    session.half_close()
                    rest = [v for r in session.end() for v in values_of(r.delivery)]
                equal(rest, list(range(i + 1, 10)), f"behind reading {i} in {sub.Format.Name(form)}")


@check
def subscriber_with_count_ends_exactly_there(world):
    topic = "interop.py.count"
    with channel(world.dev) as opened:
        fill(opened, topic, 5)
        for form in (sub.FORMAT_ROWS, sub.FORMAT_COLUMNS):
            fields = subscription(topic, until=sub.Until(count=3), format=form)
            with Subscribing(opened, sub.Subscription(**fields)) as session:
                session.half_close()
                responses = session.end()
            got = [v for r in responses for v in values_of(r.delivery)]
            equal(got, [0, 1, 2], f"values in {sub.Format.Name(form)}")
            end = responses[-1].end
            equal(end.reason, sub.END_REASON_UNTIL_REACHED, "how it ended")
            fields = subscription(topic, start=sub.Start(after_cursor=end.cursor), until=sub.Until(now=True))
            with Subscribing(opened, sub.Subscription(**fields)) as session:
                session.half_close()
                rest = [v for r in session.end() for v in values_of(r.delivery)]
            equal(rest, list(range(3, 10)), "behind its end")


@check
def several_subscriptions_share_a_session_and_one_is_removed(world):
    topic = "interop.py.several"
    with channel(world.dev) as opened, Publishing(opened, topic) as publisher:
        ids = publisher.define(a=DOUBLE, b=DOUBLE)
        with Subscribing(opened) as session:
            session.add(id=1, topic=topic, selector=ALL)
            equal(session.expect("phase").phase, sub.PHASE_CAUGHT_UP, "phase")
            session.add(id=2, topic=topic, selector=sub.Selector(names=["b"]))
            equal(session.expect("phase").subscription, 2, "subscription that caught up")
            twice = session.add(id=2, topic=topic, selector=ALL)
            equal(twice.problem.reason, "SUBSCRIPTION_EXISTS", "an id used twice")
            columns = model.Columns(count=2, sensor_ids=[ids["a"], ids["b"]], time_base=1, doubles=[1, 2])
            publisher.batch(1, model.Batch(columns=[columns]))
            got = {}
            while sum(map(len, got.values())) < 3:
                delivery = session.delivery()
                got.setdefault(delivery.subscription, []).extend(values_of(delivery))
            equal(got, {1: [1, 2], 2: [2]}, "values by subscription")
            session.send(sub.SubscribeRequest(remove=sub.Remove(subscription=1)))
            end = session.expect("end")
            equal((end.subscription, end.reason), (1, sub.END_REASON_REMOVED), "end")
            publisher.batch(2, model.Batch(columns=[columns]))
            delivery = session.delivery()
            equal((delivery.subscription, values_of(delivery)), (2, [2]), "what remains")
            session.send(sub.SubscribeRequest(remove=sub.Remove(subscription=1)))
            equal(session.expect("refused").problem.reason, "SUBSCRIPTION_NOT_FOUND", "removed twice")


@check
def progress_comes_behind_the_data_it_counts(world):
    topic = "interop.py.progress"
    with channel(world.dev) as opened:
        fill(opened, topic, 3)
        fields = subscription(topic, credit=sub.Credit(readings=100))
        fields["progress_interval"] = {"nanos": 100_000_000}
        with Subscribing(opened, sub.Subscription(**fields)) as session:
            delivered, progress = 0, None
            while progress is None or progress.lag_readings:
                response = session.next()
                delivered += response.delivery.charged_readings
                if response.HasField("progress"):
                    progress = response.progress
                    equal(progress.credit_readings_left, 100 - delivered, "credit left")
                    equal(progress.lag_readings, 6 - delivered, "lag")
            equal(delivered, 6, "delivered before the lag was zero")
            (partition,) = progress.partitions
            equal(partition.next_offset, partition.high_offset, "offsets at the end")


@check
def unknown_request_is_refused_and_the_session_goes_on(world):
    with channel(world.dev) as opened:
        method = opened.stream_stream(
            "/weir.v1.SubscribeService/Subscribe", None, sub.SubscribeResponse.FromString
        )
        with Stream(method) as session:
            session.send(sub.SubscribeRequest(open=sub.SubscribeOpen()).SerializeToString())
            session.expect("opened")
            session.send(b"\xfa\x01\x02\x08\x01")  # field 31, a message
            equal(session.expect("refused").problem.reason, "UNIMPLEMENTED", "reason")
            session.send(sub.SubscribeRequest(ping=model.Ping(id=3)).SerializeToString())
            equal(session.expect("pong").id, 3, "id of the pong")


@check
def one_subscription_without_credit_does_not_delay_its_neighbour(world):
    topic = "interop.py.neighbour"
    with channel(world.dev) as opened:
        fill(opened, topic, 50)
        stopped = sub.Subscription(**subscription(topic, credit=sub.Credit(readings=0)))
        other = sub.Subscription(**{**subscription(topic, until=sub.Until(now=True)), "id": 2})
        with Subscribing(opened, stopped, other) as session:
            got = []
            while True:
                response = session.next()
                equal(response.delivery.subscription in (0, 2), True, "only the neighbour is served")
                got += values_of(response.delivery)
                if response.HasField("end"):
                    break
            equal(got, list(range(100)), "values")

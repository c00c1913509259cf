"""Streaming sessions from generated stubs, each bounded by a deadline."""

import contextlib
import queue
import threading

import grpc

from harness import CALL_SECONDS, Grpcurl, equal, true
from weir.v1 import publish_service_pb2 as pub
from weir.v1 import publish_service_pb2_grpc as pub_grpc
from weir.v1 import subscribe_service_pb2 as sub
from weir.v1 import subscribe_service_pb2_grpc as sub_grpc
from weir.v1 import telemetry_pb2 as model

SESSION_SECONDS = 60
ALL = sub.Selector(all=True)
EARLIEST = sub.Start(earliest=True)


@contextlib.contextmanager
def channel(server):
    with grpc.insecure_channel(server.address) as opened:
        grpc.channel_ready_future(opened).result(CALL_SECONDS)
        yield opened


def create_topic(server, name, partitions=1):
    topic = {"topic": {"name": name, "partition_count": partitions}}
    Grpcurl(server, "weir.v1.CatalogService/CreateTopic", topic).message


class Stream:
    """One bidirectional call: requests from a queue, responses into a queue."""

    END = object()

    def __init__(self, method):
        self.requests = queue.Queue()
        self.responses = queue.Queue()
        self.call = method(iter(self.requests.get, Stream.END), timeout=SESSION_SECONDS)
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        try:
            for response in self.call:
                self.responses.put(response)
        except grpc.RpcError:
            pass  # the status is asked of the call itself
        self.responses.put(Stream.END)

    def send(self, request):
        self.requests.put(request)

    def half_close(self):
        self.requests.put(Stream.END)

    def next(self):
        """The next response; it must come in time, and before the end."""
        try:
            response = self.responses.get(timeout=CALL_SECONDS)
        except queue.Empty:
            raise AssertionError("no response in time") from None
        if response is Stream.END:
            raise AssertionError(f"the call ended instead: {self.status()}")
        return response

    def expect(self, kind):
        """The next response, which must be of this kind; returns its content."""
        response = self.next()
        equal(response.WhichOneof("response"), kind, f"kind of the response {response}")
        return getattr(response, kind)

    def silent(self, seconds):
        """Whether no response comes for so long."""
        try:
            return self.responses.get(timeout=seconds) is None
        except queue.Empty:
            return True

    def rest(self):
        """All responses up to the end of the call."""
        responses = []
        while True:
            try:
                response = self.responses.get(timeout=CALL_SECONDS)
            except queue.Empty:
                raise AssertionError(f"no end in time, after {len(responses)} responses") from None
            if response is Stream.END:
                return responses
            responses.append(response)

    def rest_or_reject(self):
        """Responses up to a reject or the end of the call."""
        response = None
        while response is not Stream.END:
            try:
                response = self.responses.get(timeout=CALL_SECONDS)
            except queue.Empty:
                raise AssertionError("neither a reject nor the end in time") from None
            if response is not Stream.END:
                yield response

    def status(self):
        """Code and details of a call that has ended."""
        return self.call.code(), self.call.details()

    def end(self, code=grpc.StatusCode.OK):
        responses = self.rest()
        equal(self.call.code(), code, f"status of the call ({self.call.details()})")
        return responses

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call.cancel()


class Publishing(Stream):
    """A publishing session that is open. With raw=True requests are bytes."""

    METHOD = "/weir.v1.PublishService/PublishStream"

    def __init__(self, opened_channel, topic, producer="", epoch=0, raw=False):
        method = pub_grpc.PublishServiceStub(opened_channel).PublishStream
        if raw:
            parse = pub.PublishStreamResponse.FromString
            method = opened_channel.stream_stream(self.METHOD, None, parse)
        super().__init__(method)
        opening = pub.PublishOpen(topic=topic, producer=producer, epoch=epoch, client="interop")
        request = pub.PublishStreamRequest(open=opening)
        self.send(request.SerializeToString() if raw else request)
        self.raw = raw
        self.opened = self.expect("opened")

    def define(self, **kinds):
        """Defines sensors by name and kind; their ids by name."""
        sensors = [model.Sensor(name=name, kind=kind) for name, kind in kinds.items()]
        request = pub.PublishStreamRequest(define=pub.Define(id=1, sensors=sensors))
        self.send(request.SerializeToString() if self.raw else request)
        defined = self.expect("defined")
        equal(list(defined.problems), [], "problems of the definitions")
        return {binding.name: binding.id for binding in defined.bindings}

    def batch(self, sequence, batch, partition=0):
        numbered = pub.PublishBatch(partition=partition, sequence=sequence, batch=batch)
        self.send(pub.PublishStreamRequest(batch=numbered))

    def acked_through(self, sequence):
        """Acks until this sequence is acknowledged; nothing else may come."""
        acks = [self.expect("ack")]
        while acks[-1].through_sequence < sequence:
            acks.append(self.expect("ack"))
        equal(acks[-1].through_sequence, sequence, "acknowledged sequence")
        return acks


class Subscribing(Stream):
    """A subscribing session that is open."""

    def __init__(self, opened_channel, *subscriptions):
        super().__init__(sub_grpc.SubscribeServiceStub(opened_channel).Subscribe)
        self.sensors = {}
        opening = sub.SubscribeOpen(subscriptions=subscriptions, client="interop")
        self.send(sub.SubscribeRequest(open=opening))
        self.opened = self.expect("opened")

    def add(self, **fields):
        self.send(sub.SubscribeRequest(add=sub.Subscription(**fields)))
        return self.expect("status")

    def credit(self, subscription, **totals):
        grant = sub.GrantCredit(subscription=subscription, credit=sub.Credit(**totals))
        self.send(sub.SubscribeRequest(credit=grant))

    def ping(self, number):
        self.send(sub.SubscribeRequest(ping=model.Ping(id=number)))
        equal(self.expect("pong").id, number, "id of the pong")

    def delivery(self):
        """The next delivery; remembers sensors on the way."""
        while True:
            response = self.next()
            kind = response.WhichOneof("response")
            if kind == "sensors":
                self.sensors.update({sensor.id: sensor for sensor in response.sensors.sensors})
            elif kind == "delivery":
                return response.delivery
            else:
                equal(kind, "phase", f"kind of the response {response}")


def readings_of(batch, names=None):
    """The readings of a batch as (sensor, time in ns, kind, value); columns by the contract's rule.

    names are those of ids; without them a sensor is its id. A row without a time has None.
    """
    readings = []
    for row in batch.rows:
        kind = row.WhichOneof("value")
        time = row.time.ToNanoseconds() if row.HasField("time") else None
        readings.append((row.sensor, time, kind, getattr(row, kind)))
    for columns in batch.columns:
        readings += column_readings(batch, columns, names)
    return readings


def column_readings(batch, columns, names):
    base = columns.time_base - (1 << 64) if columns.time_base >> 63 else columns.time_base
    unit = columns.time_unit or 1
    kinds = {
        "double": columns.doubles,
        "integer": columns.integers,
        "boolean": columns.booleans,
        "text": columns.texts,
        "blob": columns.blobs,
    }
    (kind, values), = [(kind, values) for kind, values in kinds.items() if len(values)]
    for i in range(columns.count):
        if columns.sensor_refs:
            refs = columns.sensor_refs
            sensor = batch.sensors[refs[i] if len(refs) > 1 else refs[0]].name
        else:
            ids = columns.sensor_ids
            sensor = ids[i] if len(ids) > 1 else ids[0]
            sensor = names[sensor] if names else sensor
        offset = columns.time_offsets[i] if columns.time_offsets else 0
        yield sensor, base + i * columns.time_step + offset * unit, kind, values[i]


def read_columns(opened_channel, topic):
    """Everything of a topic through Subscribe in columns, until now."""
    everything = sub.Subscription(
        id=1,
        topic=topic,
        selector=ALL,
        start=EARLIEST,
        until=sub.Until(now=True),
        format=sub.FORMAT_COLUMNS,
    )
    readings = []
    names = {}
    with Subscribing(opened_channel, everything) as session:
        session.half_close()
        for response in session.end():
            if response.HasField("sensors"):
                names.update({sensor.id: sensor.name for sensor in response.sensors.sensors})
            for batch in response.delivery.batches:
                readings += readings_of(batch, names)
    return readings


def read_rows(opened_channel, topic):
    """Everything of a topic through Tail in rows, until now."""
    request = sub.TailRequest(topic=topic, start=EARLIEST, until=sub.Until(now=True))
    readings = []
    stub = sub_grpc.SubscribeServiceStub(opened_channel)
    for response in stub.Tail(request, timeout=SESSION_SECONDS):
        readings += readings_of(model.Batch(rows=response.delivery.readings))
    return readings

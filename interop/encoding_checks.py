"""What the server accepts parses in Python and means the same; what it rejects leaves nothing.

Batches are written byte by byte here, so that every legal spelling of protobuf can be sent, and
mutated at random. Python's own parser is the judge of what the bytes mean; go_checks asks Go's too.
"""

import contextlib
import math
import os
import random
import struct

from google.protobuf.message import DecodeError

from harness import check, equal, true
from publisher_checks import BASE, BLOB, BOOLEAN, DOUBLE, INTEGER, TEXT
from sessions import Publishing, channel, read_columns, read_rows, readings_of
from weir.v1 import telemetry_pb2 as model

MUTATIONS = 1500
KINDS = {"d": DOUBLE, "i": INTEGER, "b": BOOLEAN, "t": TEXT, "x": BLOB}


def varint(value, extra=0):
    """A varint, with `extra` bytes more than it needs."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    for _ in range(extra):
        out[-1] |= 0x80
        out.append(0)
    return bytes(out)


def field(number, content, extra=0):
    """A field: a number as a varint, anything else with its length."""
    if isinstance(content, int):
        return varint(number << 3, extra) + varint(content, extra)
    return varint(number << 3 | 2, extra) + varint(len(content), extra) + content


def fixed64(number, value):
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def double(value):
    return struct.pack("<d", value)


def envelope(sequence, batch):
    return field(3, field(2, sequence) + field(3, batch))


def columns(*fields):
    return field(1, b"".join(fields))


def ids_of(*sensor_ids):
    return field(2, b"".join(map(varint, sensor_ids)))


def count(readings):
    return field(1, readings)


def base(nanos=BASE):
    return fixed64(4, nanos % (1 << 64))


def doubles(*values):
    return field(8, b"".join(map(double, values)))


def unpacked_double(value):
    return varint(8 << 3 | 1) + double(value)


def row(sensor, *fields):
    return field(2, field(1, sensor) + b"".join(fields))


def row_double(value):
    return varint(3 << 3 | 1) + double(value)


def legal_spellings(ids):
    """Name and bytes of batches that are legal but not written as usual."""
    d, t, b = ids["d"], ids["t"], ids["b"]
    both = ids_of(d, d)
    one, two = doubles(1), doubles(1, 2)
    usual = columns(count(2), both, base(), two)
    time = field(2, field(1, BASE // 10**9) + field(2, 1))
    backwards_time = field(2, field(2, 5) + field(1, 6))
    trace = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
    return [
        ("ids unpacked", columns(count(2), field(2, d), field(2, d), base(), two)),
        ("ids in two packed runs", columns(count(2), ids_of(d), ids_of(d), base(), two)),
        ("ids packed and unpacked", columns(count(2), ids_of(d), field(2, d), base(), two)),
        ("one id for all, unpacked", columns(count(2), field(2, d), base(), two)),
        ("doubles unpacked", columns(count(2), both, base(), unpacked_double(1), unpacked_double(2))),
        ("doubles in two packed runs", columns(count(2), both, base(), one, one)),
        ("fields backwards", columns(two, base(), both, count(2))),
        ("long varints", columns(field(1, 2, 3), field(2, varint(d, 2) + varint(d, 4)), base(), two)),
        ("long tag and length", varint(1 << 3 | 2, 1) + usual[1:]),
        ("count twice, the last counts", columns(count(9), both, base(), two, count(2))),
        ("base twice, the last counts", columns(count(2), both, base(5), base(), two)),
        ("zeros written out", columns(count(2), both, base(), field(5, 0), field(6, 0), field(7, b"\0\0"), two)),
        ("empty lists written out", columns(count(2), both, base(), field(7, b""), two, field(9, b""))),
        ("step and unpacked offsets", columns(count(2), both, base(), field(5, 7), field(7, 4), field(7, 3), two)),
        ("several columns", usual + columns(count(1), ids_of(t), base(), field(11, "é".encode()))),
        ("booleans in long varints", columns(count(2), field(2, b), base(), field(10, varint(1, 2) + varint(0, 1)))),
        ("boolean of value 2", columns(count(2), field(2, b), base(), field(10, b"\x02\x00"))),
        ("before 1970", columns(count(2), both, base(-5), field(5, 3), two)),
        ("trace context in front", field(4, trace) + usual),
        ("a row", row(b"d", time, row_double(8))),
        ("a row whose value is written twice", row(b"d", time, row_double(8), row_double(9))),
        ("a row backwards", field(2, row_double(8) + backwards_time + field(1, b"d"))),
    ]


def illegal_spellings(ids):
    """Name, bytes and reason of batches that must not be stored."""
    d, t = ids["d"], ids["t"]
    of_d, of_t = ids_of(d), ids_of(t)
    one = doubles(1)
    good = columns(count(1), of_d, base(), one)
    late = base((1 << 63) - 1)
    return [
        ("unknown field in the batch", good + field(15, 1), "UNIMPLEMENTED"),
        ("unknown field in columns", columns(count(1), of_d, base(), one, field(14, 1)), "UNIMPLEMENTED"),
        ("wrong wire type", columns(count(1), of_d, field(4, 5), one), "INVALID_ARGUMENT"),
        ("doubles that are cut", columns(count(1), of_d, base(), field(8, double(1)[:7])), "INVALID_ARGUMENT"),
        ("cut batch", good[:-1], "INVALID_ARGUMENT"),
        ("id over 32 bits", columns(count(1), ids_of(1 << 32 | d), base(), one), "INVALID_ARGUMENT"),
        ("bad text", columns(count(2), of_t, base(), field(11, b"ok"), field(11, b"\xc3\x28")), "BAD_UTF8"),
        ("bad text in a row", row(b"t", field(6, b"\xed\xa0\x80")), "BAD_UTF8"),
        ("bad sensor name", row(b"\xff", row_double(8)), "BAD_UTF8"),
        ("columns and rows", good + row(b"d", row_double(8)), "INVALID_ARGUMENT"),
        ("ids and refs", columns(count(1), of_d, field(3, b"\0"), base(), one), "INVALID_ARGUMENT"),
        ("too many offsets", columns(count(1), of_d, base(), field(7, b"\0\0"), one), "INVALID_ARGUMENT"),
        ("time over 64 bits", columns(count(2), of_d, late, field(5, 2), doubles(1, 1)), "TIME_OUT_OF_RANGE"),
        ("values of another kind", columns(count(1), of_t, base(), one), "KIND_MISMATCH"),
        ("unknown sensor id", columns(count(1), ids_of(4000), base(), one), "UNKNOWN_SENSOR_ID"),
    ]


class Sender:
    """Sends batches one by one and remembers what was accepted, also for the checks of other languages."""

    def __init__(self, world, opened_channel, topic):
        self.accepted = world.accepted
        self.session = Publishing(opened_channel, topic, raw=True)
        self.ids = self.session.define(**KINDS)
        self.names = {sensor_id: name for name, sensor_id in self.ids.items()}
        self.sequence = 1
        self.expected = []

    def send(self, batch):
        """Sends the bytes of a batch; its reject, or None when it is stored."""
        self.session.send(envelope(self.sequence, batch))
        response = self.session.next()
        if response.HasField("reject"):
            equal(response.reject.sequence, self.sequence, "sequence of the reject")
            equal(response.reject.expected_sequence, self.sequence, "expected sequence")
            return response.reject
        equal(response.ack.through_sequence, self.sequence, "acknowledged sequence")
        self.sequence += 1
        self.accepted.append(batch)
        for binding in response.ack.bindings:
            self.names[binding.id] = binding.name
        try:
            parsed = model.Batch.FromString(batch)
        except DecodeError as error:
            raise AssertionError(f"accepted, but Python cannot parse {batch.hex()}: {error}") from None
        self.expected += readings_of(parsed, self.names)
        return None


def bits(readings):
    """Readings with doubles as their bits, so that NaN equals itself and -0.0 is not 0.0."""
    return [
        (sensor, time, kind, "NaN" if kind == "double" and math.isnan(value) else
         double(value) if kind == "double" else value)
        for sensor, time, kind, value in readings
    ]


def reads_back(opened_channel, topic, sender):
    expected = bits(sender.expected)
    for form, readings in (
        ("columns", read_columns(opened_channel, topic)),
        ("rows", read_rows(opened_channel, topic)),
    ):
        equal(len(readings), len(expected), f"number of readings in {form}")
        for i, (actual, wanted) in enumerate(zip(bits(readings), expected)):
            if wanted[1] is None:  # stated no time, so it got the server's
                actual = (actual[0], None, *actual[2:])
            equal(actual, wanted, f"reading {i} in {form}")


@check
def legal_spellings_are_accepted_and_mean_the_same(world):
    topic = "interop.py.spellings"
    with channel(world.dev) as opened:
        sender = Sender(world, opened, topic)
        with sender.session:
            for name, batch in legal_spellings(sender.ids):
                reject = sender.send(batch)
                true(reject is None, f"{name} is rejected: {reject}")
        reads_back(opened, topic, sender)


@check
def illegal_spellings_are_rejected_and_leave_nothing(world):
    topic = "interop.py.illegal"
    with channel(world.dev) as opened:
        sender = Sender(world, opened, topic)
        with sender.session:
            for name, batch, reason in illegal_spellings(sender.ids):
                reject = sender.send(batch)
                true(reject is not None, f"{name} is accepted")
                equal(reject.problem.reason, reason, f"why {name} is rejected")
                true(reject.problem.field_violations, f"{name}: the reject names a field")
            last = columns(count(1), ids_of(sender.ids["d"]), doubles(5))
            true(sender.send(last) is None, "the session goes on")
        reads_back(opened, topic, sender)


@check
def unknown_field_beside_a_batch_is_rejected(world):
    with channel(world.dev) as opened:
        sender = Sender(world, opened, "interop.py.beside")
        with sender.session:
            batch = columns(count(1), ids_of(sender.ids["d"]), doubles(5))
            message = field(3, field(2, 1) + field(3, batch) + field(14, 1))
            sender.session.send(message)
            equal(sender.session.expect("reject").problem.reason, "UNIMPLEMENTED", "reason")
            true(sender.send(batch) is None, "the session goes on")


@check
def oddly_written_envelopes_are_answered_like_any_other(world):
    topic = "interop.py.envelopes"
    with channel(world.dev) as opened:
        sender = Sender(world, opened, topic)
        ids = sender.ids
        one = columns(count(1), ids_of(ids["d"]), doubles(1))
        two = columns(count(1), ids_of(ids["d"]), doubles(2))
        text = columns(count(1), ids_of(ids["t"]), field(11, b"\xff"))
        with sender.session as session:
            session.send(field(3, field(3, one) + field(2, 1)))
            session.acked_through(1)
            session.send(field(3, field(2, 9) + field(3, one) + field(3, two) + field(2, 2)))
            session.acked_through(2)
            session.send(field(3, field(3, text) + field(2, 3)))
            equal(session.expect("reject").problem.reason, "BAD_UTF8", "why it is rejected")
            session.send(field(3, field(2, 3) + field(3, two)))
            session.acked_through(3)
        got = [value for _, _, _, value in read_columns(opened, topic)]
        equal(got, [1, 1, 2, 2], "values; the parts of a message written twice are one message")


@check
def mutated_batches_never_store_what_python_reads_otherwise(world):
    topic = "interop.py.mutated"
    with channel(world.dev) as opened:
        sender = Sender(world, opened, topic)
        with repeatable() as chance:
            rejected = send_mutations(sender, chance)
            reads_back(opened, topic, sender)
        true(rejected > MUTATIONS // 10, f"only {rejected} of {MUTATIONS} mutations were rejected")
        true(rejected < MUTATIONS, "none of the mutations was accepted")


@contextlib.contextmanager
def repeatable():
    """Random numbers; a failure says how to have the same ones again."""
    seed = int(os.environ.get("INTEROP_SEED") or random.SystemRandom().randrange(1 << 32))
    try:
        yield random.Random(seed)
    except Exception as error:
        raise AssertionError(f"{error} (repeat with INTEROP_SEED={seed})") from None


def send_mutations(sender, chance):
    """Sends batches mutated at random; how many were rejected."""
    spellings = legal_spellings(sender.ids) + illegal_spellings(sender.ids)
    rejected = 0
    with sender.session:
        for _ in range(MUTATIONS):
            batch = bytearray(chance.choice(spellings)[1])
            for _ in range(chance.randint(1, 3)):
                mutate(batch, chance)
            rejected += sender.send(bytes(batch)) is not None
    return rejected


def mutate(batch, chance):
    at = chance.randrange(len(batch)) if batch else 0
    way = chance.randrange(4)
    if way == 0 and batch:
        batch[at] ^= 1 << chance.randrange(8)
    elif way == 1 and batch:
        batch[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    elif way == 2 and batch:
        del batch[at]
    else:
        batch.insert(at, chance.randrange(256))

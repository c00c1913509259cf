"""A publisher and a subscriber from Go stubs, and Go's parser as the judge of what was accepted.

Both languages list readings as the same lines; Python's come from its own stubs, Go's from the
program in go/.
"""

import os
import subprocess
import urllib.parse

from encoding_checks import MUTATIONS, Sender, double, legal_spellings, repeatable, send_mutations
from harness import CALL_SECONDS, Lines, check, equal, true
from publisher_checks import BASE, BLOB, BOOLEAN, DOUBLE, INTEGER, TEXT, doubles
from sessions import Publishing, channel, create_topic, read_columns, read_rows, readings_of
from weir.v1 import catalog_service_pb2 as catalog
from weir.v1 import catalog_service_pb2_grpc as catalog_grpc
from weir.v1 import telemetry_pb2 as model

SECOND = 10**9
PROGRAM_SECONDS = 60
WAYS = (("subscribe", "columns"), ("subscribe", "rows"), ("tail", "columns"), ("tail", "rows"), ("read",))
NOT_A_NUMBER, INFINITE = float("nan"), float("inf")
READINGS = [
    ("d", BASE, "double", 1.5),
    ("d/ø %,", BASE - 5, "double", -0.0),
    ("d", BASE + 7, "double", NOT_A_NUMBER),
    ("d", BASE + 7, "double", -INFINITE),
    ("i", -1, "integer", -(1 << 63)),
    ("i", 0, "integer", (1 << 63) - 1),
    ("b", BASE, "boolean", True),
    ("b", BASE, "boolean", False),
    ("t", -9 * SECOND - 1, "text", ""),
    ("t", BASE, "text", "tab\t, 𝄞\n"),
    ("x", BASE, "blob", b""),
    ("x", BASE, "blob", b"\x00\xff"),
]


def line(reading):
    """A reading as Go lists it too; of a sensor whose name is not known, the id."""
    sensor, time_nanos, kind, value = reading
    if kind == "double":
        written = "NaN" if value != value else double(value)[::-1].hex()
    elif kind == "text":
        written = escaped(value)
    elif kind == "blob":
        written = value.hex()
    else:
        written = str(value).lower()
    name = escaped(f"#{sensor}" if isinstance(sensor, int) else sensor)
    return "\t".join((name, "-" if time_nanos is None else str(time_nanos), kind, written))


def escaped(text):
    """The text with a percent sign and the hex of each byte that is not plain."""
    return urllib.parse.quote(text, safe="/#")


def lines(readings):
    return [line(reading) for reading in readings]


def same(actual, expected, what):
    """Asserts that two lists are equal; names the first difference."""
    for i, (one, other) in enumerate(zip(actual, expected)):
        equal(one, other, f"{what}: line {i}")
    equal(len(actual), len(expected), f"{what}: number of lines")


def start_go(*words):
    pipe = subprocess.PIPE
    return subprocess.Popen([os.environ["GO_PROGRAM"], *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def go(*words, given=(), code=0):
    """Runs the Go program to its end; its lines as (first field, rest of the line)."""
    process = start_go(*words)
    try:
        out, err = process.communicate("".join(text + "\n" for text in given), PROGRAM_SECONDS)
    finally:
        process.kill()
    equal(process.returncode, code, f"exit code of the Go program with {words[:4]} ({err.strip()})")
    return [tuple(text.partition("\t")[::2]) for text in out.splitlines()]


def go_reads(server, way, *topics):
    """The lines of readings that Go reads, by topic."""
    found = {}
    for word, rest in go(server.address, *way, *topics):
        if word == "topic":
            readings = found[rest] = []
        else:
            equal(word, "reading", "what the Go program says")
            readings.append(rest)
    equal(list(found), list(topics), "topics")
    return found


def go_reads_the_same(server, topic, expected):
    for way in WAYS:
        same(go_reads(server, way, topic)[topic], lines(expected), f"{topic} with Go's {' '.join(way)}")


@check
def go_publisher_with_refs_then_ids_is_acked_and_read_back(world):
    topic = "interop.go.stream"
    batches = [READINGS, READINGS[:6], READINGS[6:], [("new", BASE, "double", 1.0), *READINGS[:1]]]
    given = [text for batch in batches for text in (*lines(batch), "")][:-1]
    said = go(world.dev.address, "publish-stream", topic, given=given)
    synced = "DURABILITY_SYNCED"
    expected = [f"1\t{synced}", f"1\t{synced}\trefs\t6", f"2\t{synced}\tids\t0", f"3\t{synced}\tids\t0"]
    expected.append(f"4\t{synced}\trefs\t2")
    equal([rest for _, rest in said], expected, "opened and acks: sequence, durability, sensors by, bindings")
    readings = [reading for batch in batches for reading in batch]
    with channel(world.dev) as opened:
        same(lines(read_columns(opened, topic)), lines(readings), "what Python reads in columns")
        same(lines(read_rows(opened, topic)), lines(readings), "what Python reads in rows")
    go_reads_the_same(world.dev, topic, readings)


@check
def go_publish_sent_again_is_stored_once(world):
    topic = "interop.go.publish"
    for duplicate in ("false", "true"):
        said = go(world.dev.address, "publish", topic, "go", "1", given=lines(READINGS))
        stored = 0 if duplicate == "true" else len(READINGS)
        equal(said, [("stored", f"{stored}\tDURABILITY_SYNCED\t{duplicate}\ttrue")], "what was stored")
    with channel(world.dev) as opened:
        same(lines(read_rows(opened, topic)), lines(READINGS), "what Python reads in rows")
        same(lines(read_columns(opened, topic)), lines(READINGS), "what Python reads in columns")


@check
def go_reads_what_python_published_in_every_way(world):
    topic = "interop.go.reads"
    kinds = {"d": DOUBLE, "i": INTEGER, "b": BOOLEAN, "t": TEXT, "x": BLOB}
    fields = {"d": "doubles", "i": "integers", "b": "booleans", "t": "texts", "x": "blobs"}
    expected = []
    with channel(world.dev) as opened, Publishing(opened, topic) as session:
        ids = session.define(**kinds)
        for sequence in range(1, 61):
            name = "dibtx"[sequence % 5]
            values = [value for sensor, _, _, value in READINGS if sensor == name] * 2
            run = model.Columns(count=len(values), sensor_ids=[ids[name]], time_base=BASE, time_step=-sequence)
            getattr(run, fields[name]).extend(values)
            batch = model.Batch(columns=[run])
            session.batch(sequence, batch)
            expected += readings_of(batch, {ids[name]: name})
        session.acked_through(60)
    true(len(expected) > 200, "they are several pages")
    go_reads_the_same(world.dev, topic, expected)


@check
def go_follows_what_is_published_by_its_credit(world):
    topic = "interop.go.follows"
    create_topic(world.dev, topic)
    process = start_go(world.dev.address, "follow", topic, "40")
    try:
        said = Lines(process.stdout)
        true(said.find(r"^follows\t", CALL_SECONDS), "it follows")
        with channel(world.dev) as opened, Publishing(opened, topic) as session:
            sensor_id = session.define(a=DOUBLE)["a"]
            for sequence in range(1, 21):
                session.batch(sequence, doubles(sensor_id, 2 * sequence - 2, 2 * sequence - 1))
                session.acked_through(sequence)
        equal((process.wait(CALL_SECONDS), process.stderr.read()), (0, ""), "exit code of the Go program")
    finally:
        process.kill()
    expected = [("a", BASE + 1000 * (i % 2), "double", float(i)) for i in range(40)]
    true(said.find(f"^reading\t{line(expected[-1])}$", CALL_SECONDS), f"the last reading; {said.text}")
    same(said.text.splitlines()[1:], ["reading\t" + text for text in lines(expected)], "what Go follows")


@check
def go_is_told_reason_and_field_of_an_error(world):
    said = go(world.strict.address, "tail", "rows", "interop.go.missing", code=1)
    equal(said[-1], ("error", "NotFound\tTOPIC_NOT_FOUND"), "missing topic")
    wrong = [line(("a/+", BASE, "double", 1.0))]
    said = go(world.dev.address, "publish", "interop.go.wrong", "go", "1", given=wrong, code=1)
    equal(said, [("error", "InvalidArgument\tINVALID_ARGUMENT\tbatch.rows[0].sensor")], "wrong name")


@check
def go_parses_every_accepted_batch_as_python_does(world):
    topic = "interop.go.mutated"
    with channel(world.dev) as opened, repeatable() as chance:
        sender = Sender(world, opened, "interop.go.spellings")
        with sender.session:
            for name, batch in legal_spellings(sender.ids):
                true(sender.send(batch) is None, f"{name} is rejected")
        sender = Sender(world, opened, topic)
        rejected = send_mutations(sender, chance)
        true(rejected < MUTATIONS, "none of the mutations was accepted")
        expected = []
        for batch in world.accepted:
            readings = lines(readings_of(model.Batch.FromString(batch)))
            expected += [("batch", str(len(readings))), *(("reading", text) for text in readings)]
        same(go("parse", given=[batch.hex() for batch in world.accepted]), expected, "what Go parses")


@check
def go_reads_every_topic_as_python_does(world):
    publisher = "interop.go.topics"
    with channel(world.dev) as opened:
        with Publishing(opened, publisher) as session:
            session.batch(1, doubles(session.define(a=DOUBLE)["a"], 1, 2))
            session.acked_through(1)
        topics = topics_of(opened)
        true(publisher in topics, f"topics: {topics}")
        for way, python_reads in ((WAYS[0], read_columns), (WAYS[3], read_rows)):
            for topic, found in go_reads(world.dev, way, *topics).items():
                expected = lines(python_reads(opened, topic))
                what = f"{topic} with Go's {' '.join(way)}"
                same(sorted(found, key=sensor_of), sorted(expected, key=sensor_of), what)


def sensor_of(text):
    """Order holds per sensor; topics may have several partitions."""
    return text.partition("\t")[0]


def topics_of(opened):
    request = catalog.ListTopicsRequest(page_size=1000)
    page = catalog_grpc.CatalogServiceStub(opened).ListTopics(request, timeout=CALL_SECONDS)
    equal(page.next_page_token, "", "one page is all")
    return [topic.name for topic in page.topics]

"""grpcurl against a running server: everything a person can type."""

import json

from harness import CALL_SECONDS, Grpcurl, Lines, check, equal, start_grpcurl, true

PUBLISH = "weir.v1.PublishService/Publish"
READ = "weir.v1.SubscribeService/Read"
TAIL = "weir.v1.SubscribeService/Tail"
SUBSCRIBE = "weir.v1.SubscribeService/Subscribe"
CATALOG = "weir.v1.CatalogService/"
VALUES = [
    {"sensor": "plant1/temp", "time": "2026-11-23T10:00:00.000000001Z", "double": 21.5},
    {"sensor": "plant1/count", "time": "2026-11-23T10:00:00.000000002Z", "integer": "-9007199254740993"},
    {"sensor": "plant1/open", "time": "2026-11-23T10:00:00.000000003Z", "boolean": False},
    {"sensor": "plant1/state", "time": "2026-11-23T10:00:00.000000004Z", "text": "läuft ✓"},
    {"sensor": "plant1/raw", "time": "2026-11-23T10:00:00.000000005Z", "blob": "AP8="},
]


def publish(world, topic, rows, **fields):
    return Grpcurl(world.dev, PUBLISH, {"topic": topic, "batch": {"rows": rows}, **fields}).message


def read(world, topic, **fields):
    request = {"topic": topic, "start": {"earliest": True}, **fields}
    return Grpcurl(world.dev, READ, request).message


def without_cursor(reading):
    return {name: value for name, value in reading.items() if name != "cursor"}


def doubles(readings):
    return [reading["double"] for reading in readings]


@check
def list_names_all_services(world):
    services = Grpcurl(world.dev, "list").out.split()
    for service in (
        "weir.v1.PublishService",
        "weir.v1.SubscribeService",
        "weir.v1.CatalogService",
        "weir.v1.AdminService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ):
        true(service in services, f"{service} is not listed, but {services}")


@check
def list_of_a_service_names_its_methods(world):
    methods = Grpcurl(world.dev, "list weir.v1.SubscribeService").out.split()
    names = "CommitCursor DeleteCursor GetCursors GetLatest Read Subscribe Tail".split()
    equal(sorted(methods), [f"weir.v1.SubscribeService.{name}" for name in names], "methods")


@check
def describe_shows_streaming_methods_and_messages(world):
    service = Grpcurl(world.dev, "describe weir.v1.PublishService").out
    expected = "rpc PublishStream ( stream .weir.v1.PublishStreamRequest ) returns ( stream"
    true(expected in service, f"{expected!r} is not in {service}")
    columns = Grpcurl(world.dev, "describe weir.v1.Columns").out
    true("repeated double doubles = 8" in columns, columns)


@check
def health_says_serving(world):
    health = Grpcurl(world.dev, "grpc.health.v1.Health/Check").message
    equal(health["status"], "SERVING", "health")


@check
def server_info_says_engine_durability_and_limits(world):
    info = Grpcurl(world.dev, "weir.v1.AdminService/GetServerInfo").message
    equal(info["engine"], "segment", "engine")
    equal(
        info["durabilities"],
        ["DURABILITY_SYNCED", "DURABILITY_BUFFERED", "DURABILITY_MEMORY"],
        "durabilities",
    )
    equal(info["development_mode"], True, "development mode")
    strict = Grpcurl(world.strict, "weir.v1.AdminService/GetServerInfo").message
    true(not strict.get("development_mode"), "a server with a configuration file is not in development mode")
    limits = {limit["name"]: limit for limit in strict["limits"]}
    equal(limits["batch_readings_max"]["value"], "1000", "the limit of the configuration file")
    true(not any(limit.get("description") for limit in limits.values()), "limits are told without texts")
    described = Grpcurl(world.strict, "weir.v1.AdminService/GetServerInfo", {"describe_limits": True}).message
    true(all(limit.get("description") for limit in described["limits"]), "every limit says what it bounds")
    equal(len(described["limits"]), len(limits), "limits with texts")


@check
def ready_line_states_what_the_server_is(world):
    equal(world.dev.ready["engine"], "segment", "engine")
    equal(world.dev.ready["durability"], "SYNCED", "durability")
    equal(world.dev.ready["data"].endswith(world.dev.data), True, f"data ({world.dev.ready['data']})")


@check
def publish_of_rows_of_every_kind_reads_back_the_same(world):
    response = publish(world, "interop.kinds", VALUES)
    equal(response["durability"], "DURABILITY_SYNCED", "durability")
    equal([part["readings"] for part in response["parts"]], [len(VALUES)], "stored")
    true(not response.get("retry_safe"), "without producer and sequence a retry is not safe")
    kinds = {binding["name"]: binding["kind"] for binding in response["bindings"]}
    equal(kinds["plant1/state"], "KIND_TEXT", "kind of a new sensor")
    page = read(world, "interop.kinds")
    equal([without_cursor(reading) for reading in page["readings"]], VALUES, "readings")
    equal(page["caught_up"], True, "caught up")
    behind = {"topic": "interop.kinds", "start": {"after_cursor": response["parts"][0]["cursor"]}}
    true("readings" not in Grpcurl(world.dev, READ, behind).message, "nothing lies behind the cursor")


@check
def publish_without_time_gets_the_server_time(world):
    publish(world, "interop.notime", [{"sensor": "a", "double": 1}])
    reading = read(world, "interop.notime")["readings"][0]
    true(reading["time"] > "2020-01-01", f"time {reading['time']}")


@check
def not_a_number_and_infinities_are_values(world):
    values = ["NaN", "Infinity", "-Infinity"]
    publish(world, "interop.nan", [{"sensor": "a", "double": value} for value in values])
    equal(doubles(read(world, "interop.nan")["readings"]), values, "values")


@check
def publish_again_with_the_same_sequence_is_a_duplicate(world):
    rows = [{"sensor": "a", "double": 1}]
    first = publish(world, "interop.twice", rows, producer="p", sequence=1)
    again = publish(world, "interop.twice", rows, producer="p", sequence=1)
    equal(first["retry_safe"], True, "retry safe")
    true(not first.get("duplicate"), "the first is none")
    equal(again["duplicate"], True, "the second is a duplicate")
    equal(again["bindings"], first["bindings"], "bindings of a duplicate")
    equal(len(read(world, "interop.twice")["readings"]), 1, "readings stored")


@check
def publish_of_columns_with_refs_defines_sensors_with_units(world):
    batch = {
        "sensors": [
            {"name": "x", "kind": "KIND_DOUBLE", "unit": "Cel", "labels": {"room": "1"}},
            {"name": "y", "kind": "KIND_DOUBLE"},
        ],
        "columns": [
            {
                "count": 4,
                "sensor_refs": [0, 1, 0, 1],
                "time_base": "1000000000000000000",
                "time_step": "1000000",
                "time_unit": "1000",
                "time_offsets": ["0", "1", "-1", "2"],
                "doubles": [1, 2, 3, 4],
            }
        ],
    }
    Grpcurl(world.dev, PUBLISH, {"topic": "interop.refs", "batch": batch}).message
    readings = [without_cursor(reading) for reading in read(world, "interop.refs")["readings"]]
    expected = [
        {"sensor": sensor, "time": time, "double": value}
        for sensor, time, value in (
            ("x", "2001-09-09T01:46:40Z", 1),
            ("y", "2001-09-09T01:46:40.001001Z", 2),
            ("x", "2001-09-09T01:46:40.001999Z", 3),
            ("y", "2001-09-09T01:46:40.003002Z", 4),
        )
    ]
    equal(readings, expected, "readings")
    sensors = Grpcurl(world.dev, CATALOG + "ListSensors", {"topic": "interop.refs"}).message["sensors"]
    equal([sensor["name"] for sensor in sensors], ["x", "y"], "sensors by id")
    equal((sensors[0]["unit"], sensors[0]["labels"]), ("Cel", {"room": "1"}), "unit and labels")


@check
def read_in_pages_gives_every_reading_once(world):
    publish(world, "interop.pages", [{"sensor": f"s{i % 3}", "double": i} for i in range(10)])
    seen, page = [], read(world, "interop.pages", limit=3)
    while page.get("readings"):
        seen += doubles(page["readings"])
        page = read(world, "interop.pages", limit=3, start={"after_cursor": page["next_cursor"]})
    equal(seen, list(range(10)), "values")
    equal(page["caught_up"], True, "caught up")


@check
def read_after_the_cursor_of_a_reading_gives_exactly_the_next(world):
    publish(world, "interop.resume", [{"sensor": f"s{i % 3}", "double": i} for i in range(7)])
    readings = read(world, "interop.resume")["readings"]
    equal(len(readings), 7, "readings")
    for i, reading in enumerate(readings):
        rest = read(world, "interop.resume", start={"after_cursor": reading["cursor"]})
        equal(doubles(rest.get("readings", [])), list(range(i + 1, 7)), f"behind reading {i}")


@check
def read_of_names_gives_those_sensors_only(world):
    publish(world, "interop.names", [{"sensor": f"s{i % 3}", "double": i} for i in range(9)])
    page = read(world, "interop.names", selector={"names": ["s1", "unheard/of"]})
    equal(doubles(page["readings"]), [1, 4, 7], "values")


@check
def read_waits_for_the_next_reading(world):
    publish(world, "interop.wait", [{"sensor": "a", "double": 0}])
    request = {"topic": "interop.wait", "start": {"latest": True}, "wait": "1s"}
    true("readings" not in Grpcurl(world.dev, READ, request).message, "nothing came")
    cursor = read(world, "interop.wait")["next_cursor"]
    request = {"topic": "interop.wait", "start": {"after_cursor": cursor}, "wait": "10s"}
    waiting = start_grpcurl(world.dev, READ, request)
    publish(world, "interop.wait", [{"sensor": "a", "double": 1}])
    out, err = waiting.communicate(timeout=CALL_SECONDS + 5)
    equal(doubles(json.loads(out)["readings"]), [1], f"what it waited for ({err})")


@check
def tail_with_limit_starts_delivers_and_ends(world):
    publish(world, "interop.tail", VALUES)
    request = {"topic": "interop.tail", "start": {"earliest": True}, "limit": 3}
    messages = Grpcurl(world.dev, TAIL, request).messages
    true(messages[0]["started"]["cursor"], "the first message holds the start cursor")
    equal(messages[-1]["end"]["reason"], "END_REASON_UNTIL_REACHED", "how it ended")
    deliveries = [message["delivery"] for message in messages if "delivery" in message]
    readings = [reading for delivery in deliveries for reading in delivery["readings"]]
    equal([without_cursor(reading) for reading in readings], VALUES[:3], "readings")
    rest = read(world, "interop.tail", start={"after_cursor": messages[-1]["end"]["cursor"]})
    equal([without_cursor(reading) for reading in rest["readings"]], VALUES[3:], "behind its end")


@check
def tail_in_columns_tells_sensors_before_their_ids(world):
    publish(world, "interop.columns", VALUES[:1])
    request = {
        "topic": "interop.columns",
        "start": {"earliest": True},
        "until": {"now": True},
        "format": "FORMAT_COLUMNS",
    }
    messages = Grpcurl(world.dev, TAIL, request, "-emit-defaults").messages
    kinds = [next(iter(message)) for message in messages]
    true(kinds.index("sensors") < kinds.index("delivery"), f"order of messages: {kinds}")
    sensor = messages[kinds.index("sensors")]["sensors"]["sensors"][0]
    columns = messages[kinds.index("delivery")]["delivery"]["batches"][0]["columns"][0]
    equal(columns["sensor_ids"], [sensor["id"]], "ids")
    equal((sensor["name"], columns["doubles"]), ("plant1/temp", [21.5]), "the reading")


@check
def tail_at_the_end_of_the_log_follows_what_is_published(world):
    publish(world, "interop.live", [{"sensor": "a", "double": 0}])
    process = start_grpcurl(world.dev, TAIL, {"topic": "interop.live", "limit": 2})
    lines = Lines(process.stdout)
    true(lines.find('"started"', CALL_SECONDS), "the start is told at once")
    publish(world, "interop.live", [{"sensor": "a", "double": 1}])
    publish(world, "interop.live", [{"sensor": "a", "double": 2}])
    true(lines.find('"double": 2', CALL_SECONDS), f"the second reading comes; so far {lines.text}")
    equal(process.wait(CALL_SECONDS), 0, "exit code")
    true('"double": 0' not in lines.text, "what was stored before is not delivered")


@check
def subscribe_with_one_object_delivers_and_ends_by_itself(world):
    publish(world, "interop.subscribe", VALUES)
    subscription = {
        "topic": "interop.subscribe",
        "selector": {"all": True},
        "start": {"earliest": True},
        "until": {"now": True},
    }
    opening = {"open": {"client": "grpcurl", "subscriptions": [{"id": 7, **subscription}]}}
    messages = Grpcurl(world.dev, SUBSCRIBE, opening).messages
    true(messages[0]["opened"]["session"], "the session has an id")
    status = messages[1]["status"]
    equal((status["subscription"], status["effective"]["mode"]), (7, "MODE_EVERY"), "status")
    readings = [r for m in messages if "delivery" in m for r in m["delivery"]["readings"]]
    equal([without_cursor(reading) for reading in readings], VALUES, "readings")
    equal(messages[-1]["end"]["reason"], "END_REASON_UNTIL_REACHED", "how it ended")


@check
def subscribe_half_closed_at_once_keeps_delivering(world):
    publish(world, "interop.halfclose", [{"sensor": "a", "double": 0}])
    subscription = {"id": 1, "topic": "interop.halfclose", "selector": {"all": True}}
    opening = {"open": {"subscriptions": [{**subscription, "until": {"count": 2}}]}}
    process = start_grpcurl(world.dev, SUBSCRIBE, opening)
    lines = Lines(process.stdout)
    true(lines.find('"start_cursor"', CALL_SECONDS), "the subscription is active")
    publish(world, "interop.halfclose", [{"sensor": "a", "double": 1}])
    true(lines.find('"double": 1', CALL_SECONDS), "the first reading comes")
    publish(world, "interop.halfclose", [{"sensor": "a", "double": 2}])
    true(lines.find('"double": 2', CALL_SECONDS), "the second reading comes")
    equal(process.wait(CALL_SECONDS), 0, "exit code after the last of two readings")


@check
def empty_topic_is_caught_up_at_once(world):
    Grpcurl(world.dev, CATALOG + "CreateTopic", {"topic": {"name": "interop.empty"}}).message
    request = {"topic": "interop.empty", "start": {"earliest": True}}
    process = start_grpcurl(world.dev, TAIL, request)
    found = Lines(process.stdout).find("PHASE_CAUGHT_UP", CALL_SECONDS)
    process.terminate()
    process.wait(CALL_SECONDS)
    true(found, "CAUGHT_UP is told on an empty topic")


@check
def topic_created_with_partitions_is_listed_and_routes_by_name(world):
    topic = {"name": "interop.parts", "partition_count": 4, "labels": {"site": "x"}}
    created = Grpcurl(world.dev, CATALOG + "CreateTopic", {"topic": topic}).message["topic"]
    equal((created["partition_count"], created["durability"]), (4, "DURABILITY_SYNCED"), "topic")
    again = Grpcurl(world.dev, CATALOG + "CreateTopic", {"topic": topic}).message["topic"]
    equal(again, created, "created again")
    got = Grpcurl(world.dev, CATALOG + "GetTopic", {"name": "interop.parts"}).message["topic"]
    equal(got, created, "got")
    listed, page = [], {}
    while page is not None:
        answer = Grpcurl(world.dev, CATALOG + "ListTopics", {"page_size": 2, **page}).message
        listed += answer["topics"]
        token = answer.get("next_page_token")
        page = {"page_token": token} if token else None
    true(created in listed, "it is listed")
    names = [topic["name"] for topic in listed]
    equal(names, sorted(set(names)), "topics by name, each once")
    rows = [{"sensor": f"s{i}", "double": i} for i in range(40)]
    parts = publish(world, "interop.parts", rows)["parts"]
    numbers = sorted(part.get("partition", 0) for part in parts)
    equal(numbers, [0, 1, 2, 3], "partitions that got readings")
    equal(sum(part["readings"] for part in parts), 40, "readings stored")
    page = read(world, "interop.parts", limit=100)
    equal(sorted(doubles(page["readings"])), list(range(40)), "values")

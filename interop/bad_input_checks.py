"""What is wrong is refused with a status, a reason and the field, and nothing of it is stored."""

from harness import CALL_SECONDS, Grpcurl, Lines, check, equal, start_grpcurl, true

PUBLISH = "weir.v1.PublishService/Publish"
READ = "weir.v1.SubscribeService/Read"
TAIL = "weir.v1.SubscribeService/Tail"
SUBSCRIBE = "weir.v1.SubscribeService/Subscribe"
CATALOG = "weir.v1.CatalogService/"
INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS = 3, 5, 6
RESOURCE_EXHAUSTED, UNIMPLEMENTED = 8, 12
TOPIC = "interop.bad"


def row(**fields):
    return {"sensor": "a", **fields}


def columns(**fields):
    usual = {"sensor_refs": [0], "time_base": "1000000000000000000"}
    return {"sensors": [{"name": "c", "kind": "KIND_DOUBLE"}], "columns": [{**usual, **fields}]}


def publish(world, batch, **fields):
    return Grpcurl(world.dev, PUBLISH, {"topic": TOPIC, "batch": batch, **fields})


def stored(world):
    request = {"topic": TOPIC, "start": {"earliest": True}, "limit": 10000}
    return Grpcurl(world.dev, READ, request).message.get("readings", [])


@check
def bad_batches_are_refused_by_field_and_leave_nothing(world):
    good = {"rows": [row(double=1)]}
    publish(world, good).message
    before = stored(world)
    invalid, late = "INVALID_ARGUMENT", "TIME_OUT_OF_RANGE"
    own_ids = {"sensor_refs": [], "sensor_ids": [0]}
    no_kind = {**columns(count=1, doubles=[1]), "sensors": [{"name": "u"}]}
    for batch, reason, field in (
        ({}, invalid, "batch"),
        ({"rows": [row(double=1), row()]}, invalid, "batch.rows[1].value"),
        ({"rows": [{"double": 1}]}, invalid, "batch.rows[0].sensor"),
        ({"rows": [row(sensor="x" * 513, double=1)]}, invalid, "batch.rows[0].sensor"),
        ({"rows": [row(sensor="a/+/b", double=1)]}, invalid, "batch.rows[0].sensor"),
        ({"rows": [row(sensor="a\u0007", double=1)]}, invalid, "batch.rows[0].sensor"),
        ({"rows": [row(double=1, cursor="x")]}, invalid, "batch.rows[0].cursor"),
        ({"rows": [row(double=1, time="2300-01-01T00:00:00Z")]}, late, "batch.rows[0].time"),
        ({"rows": [row(double=1, time="2200-01-01T00:00:00Z")]}, late, None),
        ({"rows": [row(double=1), row(text="no number")]}, "KIND_MISMATCH", "batch.rows[1].text"),
        (columns(count=3, doubles=[1, 2]), invalid, "batch.columns[0].doubles"),
        (columns(count=1, doubles=[1], integers=["1"]), invalid, "batch.columns[0]"),
        (columns(count=0), invalid, "batch.columns[0].count"),
        (columns(count=1, sensor_refs=[1], doubles=[1]), invalid, "batch.columns[0].sensor_refs[0]"),
        (columns(count=1, doubles=[1], **own_ids), "UNKNOWN_SENSOR_ID", "batch.columns[0].sensor_ids[0]"),
        (no_kind, invalid, "batch.sensors[0].kind"),
        ({**good, "traceparent": "none"}, invalid, "batch.traceparent"),
    ):
        publish(world, batch).failed(INVALID_ARGUMENT, reason, field)
    equal(stored(world), before, "what is stored")
    sensors = Grpcurl(world.dev, CATALOG + "ListSensors", {"topic": TOPIC}).message["sensors"]
    equal([sensor["name"] for sensor in sensors], ["a"], "sensors that exist")


@check
def sequence_without_producer_is_refused(world):
    call = publish(world, {"rows": [row(double=1)]}, sequence=1)
    call.failed(INVALID_ARGUMENT, "INVALID_ARGUMENT", "producer")


@check
def batch_with_sequence_that_spans_partitions_is_refused(world):
    topic = {"name": "interop.spans", "partition_count": 4}
    Grpcurl(world.dev, CATALOG + "CreateTopic", {"topic": topic}).message
    rows = [{"sensor": f"s{i}", "double": i} for i in range(20)]
    request = {"topic": "interop.spans", "producer": "p", "sequence": 1, "batch": {"rows": rows}}
    Grpcurl(world.dev, PUBLISH, request).failed(INVALID_ARGUMENT, "SPANS_PARTITIONS")


@check
def sizes_over_the_limits_are_resource_exhausted(world):
    rows = [{"sensor": "a", "double": i} for i in range(1001)]
    Grpcurl(world.strict, CATALOG + "CreateTopic", {"topic": {"name": "interop.sizes"}}).message
    request = {"topic": "interop.sizes", "batch": {"rows": rows}}
    Grpcurl(world.strict, PUBLISH, request).failed(RESOURCE_EXHAUSTED, "TOO_LARGE")
    huge = publish(world, {"rows": [row(text="x" * 1_100_000)]})
    equal(huge.code, 64 + RESOURCE_EXHAUSTED, f"exit code for a message over 1 MiB ({huge.err})")


@check
def empty_selector_is_refused(world):
    read = Grpcurl(world.dev, READ, {"topic": TOPIC, "selector": {}})
    read.failed(INVALID_ARGUMENT, "EMPTY_SELECTOR", "selector")
    tail = Grpcurl(world.dev, TAIL, {"topic": TOPIC, "selector": {}})
    tail.failed(INVALID_ARGUMENT, "EMPTY_SELECTOR", "selector")
    opening = {"open": {"subscriptions": [{"id": 1, "topic": TOPIC}]}}
    problem = Grpcurl(world.dev, SUBSCRIBE, opening).messages[1]["status"]["problem"]
    equal((problem["code"], problem["reason"]), (3, "EMPTY_SELECTOR"), "problem of the subscription")
    equal(problem["field_violations"][0]["field"], "selector", "field")


@check
def levels_not_built_yet_are_refused(world):
    topic = {"topic": {"name": "interop.bad.level", "durability": "DURABILITY_REPLICATED"}}
    Grpcurl(world.dev, CATALOG + "CreateTopic", topic).failed(UNIMPLEMENTED, "UNIMPLEMENTED")


@check
def wrong_settings_of_a_subscription_are_refused_by_field(world):
    for field, settings in (
        ("selector.globs[0]", {"selector": {"globs": ["a**"]}}),
        ("snapshot", {"snapshot": True, "start": {"earliest": True}}),
        ("on_change", {"on_change": {"dead_band": 1}}),
        ("on_change.dead_band", {"mode": "MODE_ON_CHANGE", "on_change": {"dead_band": -1}}),
        ("sample.interval", {"mode": "MODE_SAMPLE"}),
        ("threshold", {"mode": "MODE_THRESHOLD"}),
        ("max_lag", {"max_lag": {"readings": 1}}),
        ("event_time", {"event_time": {"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}}),
    ):
        tail = Grpcurl(world.dev, TAIL, {"topic": TOPIC, **settings})
        tail.failed(INVALID_ARGUMENT, "INVALID_ARGUMENT", field)


@check
def cursor_damaged_or_of_another_topic_is_refused(world):
    other = {"topic": "interop.bad.other", "batch": {"rows": [row(double=1)]}}
    cursor = Grpcurl(world.dev, PUBLISH, other).message["parts"][0]["cursor"]
    for wrong in (cursor, cursor[:-1], "nonsense"):
        request = {"topic": TOPIC, "start": {"after_cursor": wrong}}
        Grpcurl(world.dev, READ, request).failed(INVALID_ARGUMENT, "CURSOR_INVALID")


@check
def read_limit_and_page_size_over_their_bounds_are_refused(world):
    read = Grpcurl(world.dev, READ, {"topic": TOPIC, "limit": 10001})
    read.failed(INVALID_ARGUMENT, "INVALID_ARGUMENT", "limit")
    page = Grpcurl(world.dev, CATALOG + "ListTopics", {"page_size": 1001})
    page.failed(INVALID_ARGUMENT, "INVALID_ARGUMENT", "page_size")


@check
def topic_with_a_wrong_name_or_other_settings_is_refused(world):
    for topic, field in (
        ({"name": "Upper"}, "topic.name"),
        ({"name": ""}, "topic.name"),
        ({"name": "x" * 201}, "topic.name"),
        ({"name": "interop.many", "partition_count": 65}, "topic.partition_count"),
    ):
        created = Grpcurl(world.dev, CATALOG + "CreateTopic", {"topic": topic})
        created.failed(INVALID_ARGUMENT, "INVALID_ARGUMENT", field)
    Grpcurl(world.dev, CATALOG + "CreateTopic", {"topic": {"name": "interop.once"}}).message
    again = {"topic": {"name": "interop.once", "partition_count": 2}}
    Grpcurl(world.dev, CATALOG + "CreateTopic", again).failed(ALREADY_EXISTS, "TOPIC_EXISTS")


@check
def missing_topic_outside_development_mode_is_not_found_with_the_fix(world):
    missing = {"topic": "interop.missing"}
    for method, request in (
        (PUBLISH, {**missing, "batch": {"rows": [row(double=1)]}}),
        (READ, missing),
        (TAIL, missing),
        (CATALOG + "GetTopic", {"name": "interop.missing"}),
        (CATALOG + "ListSensors", missing),
    ):
        status = Grpcurl(world.strict, method, request).failed(NOT_FOUND, "TOPIC_NOT_FOUND")
        true("CreateTopic" in status["message"], f"{method} does not say the fix: {status['message']}")
    opening = {"open": {"subscriptions": [{"id": 1, "selector": {"all": True}, **missing}]}}
    problem = Grpcurl(world.strict, SUBSCRIBE, opening).messages[1]["status"]["problem"]
    equal((problem["code"], problem["reason"]), (5, "TOPIC_NOT_FOUND"), "problem of the subscription")
    true("CreateTopic" in problem["message"], f"Subscribe does not say the fix: {problem['message']}")


@check
def missing_topic_in_development_mode_is_created_by_publishers_and_who_follows(world):
    until = {"until": {"now": True}}
    missing = {"topic": "interop.made.tail"}
    for method, request in ((TAIL, {**missing, **until}), (READ, missing)):
        Grpcurl(world.dev, method, request).failed(NOT_FOUND, "TOPIC_NOT_FOUND")
    subscription = {"id": 1, "topic": "interop.made.subscribe", "selector": {"all": True}}
    opening = {"open": {"subscriptions": [{**subscription, **until}]}}
    problem = Grpcurl(world.dev, SUBSCRIBE, opening).messages[1]["status"]["problem"]
    equal(problem["reason"], "TOPIC_NOT_FOUND", "problem of a subscription that ends now")
    opening = {"open": {"subscriptions": [{**subscription, "until": {"count": 1}}]}}
    processes = [
        start_grpcurl(world.dev, TAIL, {**missing, "limit": 1}),
        start_grpcurl(world.dev, SUBSCRIBE, opening),
    ]
    for process in processes:
        found = Lines(process.stdout).find("cursor", CALL_SECONDS)
        process.terminate()
        process.wait(CALL_SECONDS)
        true(found, "it follows the topic it made")
    publish(world, {"rows": [row(double=1)]}, topic="interop.made.publish").message
    for way in ("tail", "subscribe", "publish"):
        Grpcurl(world.dev, CATALOG + "GetTopic", {"name": "interop.made." + way}).message

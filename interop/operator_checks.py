"""Last values, snapshots, committed cursors, uploads, topics and sessions, as a person types them."""

from harness import CALL_SECONDS, Grpcurl, Lines, check, equal, start_grpcurl, true

PUBLISH = "weir.v1.PublishService/Publish"
UPLOAD = "weir.v1.PublishService/Upload"
CATALOG = "weir.v1.CatalogService/"
ADMIN = "weir.v1.AdminService/"
SERVICE = "weir.v1.SubscribeService/"
INVALID_ARGUMENT, NOT_FOUND = 3, 5


def publish(world, topic, *rows):
    """Stores rows of (sensor, second, value); the cursor behind them."""
    batch = {"rows": [{"sensor": s, "time": f"2026-11-23T10:00:{t:02}Z", "double": v} for s, t, v in rows]}
    return Grpcurl(world.dev, PUBLISH, {"topic": topic, "batch": batch}).message["parts"][0]["cursor"]


def call(world, method, **request):
    return Grpcurl(world.dev, method, request).message


def pairs(readings):
    return [(reading["sensor"], reading["double"]) for reading in readings]


@check
def latest_is_the_greatest_event_time_of_each_sensor_in_pages(world):
    topic = "interop.latest"
    publish(world, topic, ("a/x", 2, 20), ("a/x", 1, 10), ("b", 1, 1), ("a/y", 1, 5))
    page = call(world, SERVICE + "GetLatest", topic=topic, page_size=2)
    rest = call(world, SERVICE + "GetLatest", topic=topic, page_size=2, page_token=page["next_page_token"])
    true("next_page_token" not in rest, "two pages are all")
    equal(sorted(pairs(page["readings"] + rest["readings"])), [("a/x", 20), ("a/y", 5), ("b", 1)], "values")
    chosen = call(world, SERVICE + "GetLatest", topic=topic, selector={"globs": ["a/*"]})
    equal(sorted(pairs(chosen["readings"])), [("a/x", 20), ("a/y", 5)], "values of the glob")
    publish(world, topic, ("b", 3, 3))
    follows = call(world, SERVICE + "Read", topic=topic, start={"after_cursor": page["cursor"]})
    equal(pairs(follows["readings"]), [("b", 3)], "what follows the cursor of the first page")


@check
def snapshot_and_mode_in_one_object_begin_with_last_values(world):
    topic = "interop.snapshot"
    publish(world, topic, ("a", 1, 1), ("a", 2, 2), ("b", 3, 3))
    common = {"topic": topic, "selector": {"all": True}}
    subscriptions = [
        {"id": 1, "snapshot": True, "until": {"count": 2}, **common},
        {"id": 2, "mode": "MODE_ON_CHANGE", "on_change": {"dead_band": 5}, "until": {"count": 1}, **common},
    ]
    process = start_grpcurl(world.dev, SERVICE + "Subscribe", {"open": {"subscriptions": subscriptions}})
    lines = Lines(process.stdout)
    true(lines.find(r"(?s)SNAPSHOT_END.*SNAPSHOT_END", CALL_SECONDS), f"both snapshots end; {lines.text}")
    true('"double": 1' not in lines.text, "an older value is not in a snapshot")
    publish(world, topic, ("a", 4, 4))
    publish(world, topic, ("a", 5, 10))
    equal(process.wait(CALL_SECONDS), 0, "exit code when both have ended")
    true(lines.find(r"(?s)END_REASON_UNTIL_REACHED.*END_REASON_UNTIL_REACHED", CALL_SECONDS), lines.text)
    text = lines.text
    true(text.index("SNAPSHOT_BEGIN") < text.index('"double": 2') < text.index("SNAPSHOT_END"), text)
    equal(text.count('"double": 2'), 2, "the last value comes in both snapshots")
    equal(text.count('"double": 4'), 1, "the mode holds back what changed by less than its dead band")
    equal(text.count('"double": 10'), 2, "and sends what changed by more")


@check
def committed_cursors_move_forward_only_and_are_forgotten(world):
    topic, name = "interop.cursors", "archive"
    first = publish(world, topic, ("a", 1, 1))
    second = publish(world, topic, ("a", 2, 2))
    commit = {"topic": topic, "name": name}
    equal(call(world, SERVICE + "CommitCursor", cursor=second, **commit)["cursor"], second, "committed")
    equal(call(world, SERVICE + "CommitCursor", cursor=first, **commit)["cursor"], second, "not moved back")
    publish(world, topic, ("a", 3, 3))
    (listed,) = call(world, SERVICE + "GetCursors", topic=topic)["cursors"]
    equal((listed["name"], listed["cursor"], listed["lag_readings"]), (name, second, "1"), "listed")
    subscription = {"id": 1, "topic": topic, "selector": {"all": True}, "name": name}
    subscription.update(start={"committed": True}, until={"now": True})
    opening = {"open": {"subscriptions": [subscription]}}
    messages = Grpcurl(world.dev, SERVICE + "Subscribe", opening).messages
    readings = [r for m in messages if "delivery" in m for r in m["delivery"]["readings"]]
    equal(pairs(readings), [("a", 3)], "what follows the committed cursor")
    call(world, SERVICE + "DeleteCursor", **commit)
    again = Grpcurl(world.dev, SERVICE + "DeleteCursor", commit)
    again.failed(NOT_FOUND, "CURSOR_NOT_FOUND")


@check
def upload_of_two_batches_is_one_answer(world):
    topic = "interop.upload"
    batches = [{"batch": {"batch": {"rows": [{"sensor": "a", "double": v}]}}} for v in (1, 2)]
    done = Grpcurl(world.dev, UPLOAD, [{"open": {"topic": topic, "client": "grpcurl"}}, *batches]).message
    equal((done["batches"], done["readings"]), ("2", "2"), "stored")
    equal(done["durability"], "DURABILITY_SYNCED", "durability")
    page = call(world, SERVICE + "Read", topic=topic, start={"earliest": True})
    equal(pairs(page["readings"]), [("a", 1), ("a", 2)], "values")
    behind = call(world, SERVICE + "Read", topic=topic, start={"after_cursor": done["cursor"]})
    true("readings" not in behind, "nothing lies behind the cursor")


@check
def topic_is_changed_by_its_mask_and_deleted(world):
    name = "interop.life"
    asked = {"name": name, "durability": "DURABILITY_MEMORY", "labels": {"site": "x"}}
    call(world, CATALOG + "CreateTopic", topic=asked)
    change = {"name": name, "labels": {"site": "y"}, "retention": {"max_age": "3600s"}}
    mask = {"paths": ["labels", "retention.max_age"]}
    changed = call(world, CATALOG + "UpdateTopic", topic=change, update_mask=mask)
    topic = changed["topic"]
    equal((topic["labels"], topic["retention"]["max_age"]), ({"site": "y"}, "3600s"), "what changed")
    equal(topic["durability"], "DURABILITY_MEMORY", "what did not")
    fixed = {"topic": {"name": name, "partition_count": 2}, "update_mask": {"paths": ["partition_count"]}}
    wrong = Grpcurl(world.dev, CATALOG + "UpdateTopic", fixed)
    wrong.failed(INVALID_ARGUMENT, "INVALID_ARGUMENT", "update_mask.paths[0]")
    call(world, CATALOG + "DeleteTopic", name=name)
    gone = Grpcurl(world.dev, CATALOG + "GetTopic", {"name": name})
    gone.failed(NOT_FOUND, "TOPIC_NOT_FOUND")


@check
def session_is_listed_explained_and_ended(world):
    topic = "interop.sessions"
    publish(world, topic, ("a", 1, 1))
    subscription = {"id": 9, "topic": topic, "selector": {"names": ["none"]}, "start": {"earliest": True}}
    opening = {"open": {"client": "interop-watched", "subscriptions": [subscription]}}
    process = start_grpcurl(world.dev, SERVICE + "Subscribe", opening)
    true(Lines(process.stdout).find("CAUGHT_UP", CALL_SECONDS), "it is caught up")
    sessions = call(world, ADMIN + "ListSessions", page_size=1000)["sessions"]
    (session,) = [one for one in sessions if one["client"] == "interop-watched"]
    equal(session["method"], "Subscribe", "method")
    (state,) = call(world, ADMIN + "GetSession", id=session["id"])["subscriptions"]
    equal(state["stall"], "STALL_REASON_FILTER_MATCHES_NOTHING", "why it is not moving")
    true("selector" in state["advice"], f"advice: {state['advice']}")
    call(world, ADMIN + "EndSession", id=session["id"], message="maintenance")
    err = process.communicate(timeout=CALL_SECONDS)[1]
    true("maintenance" in err, f"the client is told why: {err}")
    unknown = Grpcurl(world.dev, ADMIN + "GetSession", {"id": session["id"]})
    unknown.failed(NOT_FOUND, "SESSION_NOT_FOUND")

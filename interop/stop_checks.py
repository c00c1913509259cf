"""The servers stop when told and keep what they acknowledged. Last, because it stops them."""

from harness import Grpcurl, check, equal

PUBLISH = "weir.v1.PublishService/Publish"
READ = "weir.v1.SubscribeService/Read"


@check
def server_told_to_stop_exits_zero_and_keeps_what_it_acknowledged(world):
    topic = "interop.stop"
    request = {"topic": topic, "batch": {"rows": [{"sensor": "a", "double": v} for v in range(5)]}}
    Grpcurl(world.dev, PUBLISH, request).message
    read = {"topic": topic, "start": {"earliest": True}}
    before = Grpcurl(world.dev, READ, read).message["readings"]
    equal(world.dev.stop(), 0, "exit code of the server")
    world.dev.start()
    equal(Grpcurl(world.dev, READ, read).message["readings"], before, "readings after a restart")
    equal(world.dev.stop(), 0, "exit code of the restarted server")
    equal(world.strict.stop(), 0, "exit code of the other server")

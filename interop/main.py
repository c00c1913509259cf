"""Starts two servers, runs every check against them, stops them, and exits 0 when all passed."""

import os
import sys
import threading

import harness

# Each import registers its checks, in this order.
import grpcurl_checks  # noqa: F401
import bad_input_checks  # noqa: F401
import operator_checks  # noqa: F401
import reflection_checks  # noqa: F401
import publisher_checks  # noqa: F401
import subscriber_checks  # noqa: F401
import upload_checks  # noqa: F401
import encoding_checks  # noqa: F401
import go_checks  # noqa: F401
import stop_checks  # noqa: F401

RUN_SECONDS = 300


def too_long(world):
    print(f"interop: not finished after {RUN_SECONDS} s; stopped", file=sys.stderr, flush=True)
    world.dev.kill()
    world.strict.kill()
    os._exit(1)


def main(work, *words):
    world = harness.World(work)
    watchdog = threading.Timer(RUN_SECONDS, too_long, [world])
    watchdog.daemon = True
    watchdog.start()
    return 0 if harness.run_checks(world, words) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

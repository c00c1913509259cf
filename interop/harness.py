"""Checks, servers and grpcurl: what the checks of this directory are written with."""

import atexit
import base64
import json
import os
import re
import subprocess
import threading
import time
import traceback

from google.rpc import error_details_pb2

CALL_SECONDS = 15
START_SECONDS = 60
STOP_SECONDS = 20

CHECKS = []


def check(function):
    """Registers a check; its name says situation and expectation."""
    CHECKS.append(function)
    return function


def run_checks(world, words):
    """Runs the checks whose names contain one of the words; True when all of them passed."""
    passed = failed = 0
    for function in CHECKS:
        name = function.__name__
        if words and not any(word in name for word in words):
            continue
        started = time.monotonic()
        try:
            function(world)
        except Exception as error:  # whatever a check meets is its failure, not the run's
            failed += 1
            print(f"FAIL {name}: {error}", flush=True)
            print("     " + traceback.format_exc().replace("\n", "\n     "), flush=True)
        else:
            passed += 1
            print(f"ok   {name} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    return passed > 0 and failed == 0


def equal(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r}, expected {expected!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


class World:
    """What all checks share: two servers (development mode on and off) and a place for files."""

    def __init__(self, work):
        self.work = work
        self.accepted = []  # batches, as bytes, that encoding_checks.Sender got stored
        self.config = os.path.join(work, "weir.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("reflection: true\nlimits:\n  batch_readings_max: 1000\n")
        self.dev = Server(work, "dev")
        self.strict = Server(work, "strict", "--config", self.config)

    def stop(self):
        self.dev.stop()
        self.strict.stop()


class Server:
    """A server process of its own, with a data directory of its own."""

    def __init__(self, work, name, *options):
        self.name = name
        self.data = os.path.join(work, name + "-data")
        self.log = os.path.join(work, name + ".log")
        self.options = options
        self.process = None
        atexit.register(self.kill)
        self.start()

    def start(self):
        command = ["bin/weir", "serve", "--data", self.data, "--port", "0", *self.options]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.lines = Lines(self.process.stdout)
        ready = self.lines.find(r"^weir ready .*", START_SECONDS)
        true(ready, f"{' '.join(command)}: no line `weir ready `; its log: {self.log}")
        self.ready = dict(re.findall(r"(\S+?)=(\S+)", ready.group()))
        self.address = self.ready["grpc"]

    def stop(self):
        """Ends it as an operator would; returns its exit code."""
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()


class Lines:
    """The lines a process prints, read in the background so that waiting for one is bounded."""

    def __init__(self, stream):
        self.text = ""
        self.changed = threading.Condition()
        threading.Thread(target=self.read, args=(stream,), daemon=True).start()

    def read(self, stream):
        for line in stream:
            with self.changed:
                self.text += line
                self.changed.notify_all()

    def find(self, pattern, seconds):
        """Waits for text that matches; None if it does not come in time."""
        regex = re.compile(pattern, re.MULTILINE)
        with self.changed:
            self.changed.wait_for(lambda: regex.search(self.text), seconds)
            return regex.search(self.text)


class Grpcurl:
    """One call with grpcurl, finished: exit code, JSON messages, and the error if there is one."""

    def __init__(self, server, method, request=None, *options):
        self.process = start_grpcurl(server, method, request, *options)
        self.finish()

    def finish(self):
        out, err = self.process.communicate(timeout=CALL_SECONDS + 5)
        self.code = self.process.returncode
        self.out = out
        self.err = err
        return self

    @property
    def messages(self):
        equal(self.code, 0, f"exit code of grpcurl ({self.err.strip()})")
        return json_stream(self.out)

    @property
    def message(self):
        messages = self.messages
        equal(len(messages), 1, "messages")
        return messages[0]

    def failed(self, code, reason, field=None):
        """Asserts the status of the call: code, ErrorInfo reason, and a violation of that field."""
        equal(self.code, 64 + code, f"exit code of grpcurl (64 + status), output {self.err or self.out}")
        status = json_stream(self.err[self.err.index("{"):])[0]
        equal(status["code"], code, "status code")
        # The server's schema does not use google.rpc, so grpcurl gives the details as bytes.
        details = {detail["@type"].rpartition(".")[2]: detail["@value"] for detail in status["details"]}
        info = error_details_pb2.ErrorInfo.FromString(base64.b64decode(details["ErrorInfo"]))
        equal(info.reason, reason, f"reason, with the message {status['message']!r}")
        equal(info.domain, "weir.dev", "domain")
        if field:
            wrong = error_details_pb2.BadRequest.FromString(base64.b64decode(details["BadRequest"]))
            equal([v.field for v in wrong.field_violations], [field], "fields violated")
            true(wrong.field_violations[0].description, "a violation has a description")
        return status


def start_grpcurl(server, method, request=None, *options):
    command = [os.environ["GRPCURL"], "-plaintext", "-format-error", "-max-time", str(CALL_SECONDS)]
    command += options
    data = None
    if request is not None:
        requests = request if isinstance(request, list) else [request]
        data = "\n".join(json.dumps(each) for each in requests)
        command += ["-d", "@"]
    process = subprocess.Popen(
        command + [server.address, *method.split(" ")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if data is not None:
        process.stdin.write(data)
    process.stdin.close()
    process.stdin = None
    return process


def json_stream(text):
    decoder = json.JSONDecoder()
    messages = []
    text = text.strip()
    while text:
        message, end = decoder.raw_decode(text)
        messages.append(message)
        text = text[end:].lstrip()
    return messages

"""Reflection v1 and v1alpha, each asked for by its own name: grpcurl picks one by itself."""

import grpc
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2

from harness import CALL_SECONDS, check, equal, true
from sessions import channel
from weir.v1 import publish_service_pb2

FILE = "weir/v1/publish_service.proto"


def ask(server, version, *requests):
    """Answers of one version; both versions have the same messages byte for byte."""
    with channel(server) as opened:
        method = opened.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
        )
        return list(method(iter(requests), timeout=CALL_SECONDS))


def describes_publish_service(server, version):
    listed, described = ask(
        server,
        version,
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="weir.v1.PublishService"),
    )
    names = [service.name for service in listed.list_services_response.service]
    true("weir.v1.PublishService" in names, f"services: {names}")
    files = described.file_descriptor_response.file_descriptor_proto
    parsed = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in files]
    (file,) = [file for file in parsed if file.name == FILE]
    mine = descriptor_pb2.FileDescriptorProto()
    publish_service_pb2.DESCRIPTOR.CopyToProto(mine)
    equal(file.message_type, mine.message_type, "messages of " + FILE)
    methods = [method.name for method in file.service[0].method]
    equal(methods, ["Publish", "Upload", "PublishStream"], "methods")


@check
def reflection_v1_describes_the_contract(world):
    describes_publish_service(world.dev, "v1")


@check
def reflection_v1alpha_describes_the_contract(world):
    describes_publish_service(world.dev, "v1alpha")


@check
def unknown_method_is_unimplemented(world):
    with channel(world.dev) as opened:
        try:
            opened.unary_unary("/weir.v1.PublishService/Download")(b"", timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            equal(error.code(), grpc.StatusCode.UNIMPLEMENTED, "status")
        else:
            raise AssertionError("it was answered")

package dev.weir.it.proof;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.it.proxy.GrpcMessageParser;
import dev.weir.v1.PublishStreamResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses the responses to publishers from what a server wrote to one connection. Owned by the
 * audit.
 */
final class AckStream {
  /**
   * A response.
   *
   * @param stream the HTTP/2 stream
   * @param message the response
   */
  record Said(int stream, PublishStreamResponse message) {}

  private final GrpcMessageParser messages = GrpcMessageParser.ofServer();

  /** More bytes were written; gives the responses that are complete with them. */
  List<Said> onBytes(byte[] bytes) {
    List<Said> said = new ArrayList<>();
    for (GrpcMessageParser.Message message : messages.onBytes(bytes)) {
      try {
        PublishStreamResponse response = PublishStreamResponse.parseFrom(message.bytes());
        said.add(new Said(message.stream(), response));
      } catch (InvalidProtocolBufferException e) {
        // A response to something else.
      }
    }
    return said;
  }
}

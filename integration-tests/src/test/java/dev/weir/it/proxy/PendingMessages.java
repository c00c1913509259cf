package dev.weir.it.proxy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.v1.Ack;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.SubscribeResponse;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;

/**
 * The messages that went by on one connection, and so what its end would hit. Owned by the proxy's
 * thread.
 *
 * <p>The messages that matter are those which somebody waits for: batches until their ack was
 * passed on, deliveries until they were.
 */
public interface PendingMessages {
  /** Returns the side whose messages are waited for. */
  Side side();

  /** The client sent a message, and the proxy has it as a whole; returns whether it matters. */
  boolean onAsked(byte[] message);

  /** The server sent a message, and the proxy has it as a whole; returns whether it matters. */
  boolean onSaid(byte[] message);

  /** A message of the server was passed on to the client as a whole. */
  void onPassed(byte[] message);

  /** Batches without an ack, or deliveries that did not arrive. */
  int open();

  /** The side that sends. */
  enum Side {
    CLIENT,
    SERVER
  }

  /** Connections that carry publishing streams. */
  static PendingMessages publishing() {
    return new Publishing();
  }

  /** Connections that carry subscribing streams. */
  static PendingMessages subscribing() {
    return new Subscribing();
  }

  /** Connections that carry unary calls. */
  static PendingMessages unary() {
    return new Unary();
  }

  /** Batches by partition and sequence, until acked or rejected. */
  final class Publishing implements PendingMessages {
    private final Set<Numbered> unacknowledged = new HashSet<>();

    private record Numbered(int partition, long sequence) {}

    @Override
    public Side side() {
      return Side.CLIENT;
    }

    @Override
    public boolean onAsked(byte[] message) {
      try {
        PublishStreamRequest request = PublishStreamRequest.parseFrom(message);
        PublishBatch batch = request.getBatch();
        return request.hasBatch()
            && unacknowledged.add(new Numbered(batch.getPartition(), batch.getSequence()));
      } catch (InvalidProtocolBufferException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean onSaid(byte[] message) {
      return parsed(message).hasAck();
    }

    @Override
    public void onPassed(byte[] message) {
      PublishStreamResponse response = parsed(message);
      Ack ack = response.getAck();
      unacknowledged.removeIf(
          batch ->
              response.hasAck()
                  && batch.partition() == ack.getPartition()
                  && batch.sequence() <= ack.getThroughSequence());
      unacknowledged.remove(
          new Numbered(response.getReject().getPartition(), response.getReject().getSequence()));
    }

    private static PublishStreamResponse parsed(byte[] message) {
      try {
        return PublishStreamResponse.parseFrom(message);
      } catch (InvalidProtocolBufferException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int open() {
      return unacknowledged.size();
    }
  }

  /** Deliveries that the proxy has and the client has not. */
  final class Subscribing implements PendingMessages {
    private int undelivered;

    @Override
    public Side side() {
      return Side.SERVER;
    }

    @Override
    public boolean onAsked(byte[] message) {
      return false;
    }

    @Override
    public boolean onSaid(byte[] message) {
      boolean delivery = isDelivery(message);
      undelivered += delivery ? 1 : 0;
      return delivery;
    }

    @Override
    public void onPassed(byte[] message) {
      undelivered -= isDelivery(message) ? 1 : 0;
    }

    private static boolean isDelivery(byte[] message) {
      try {
        return SubscribeResponse.parseFrom(message).hasDelivery();
      } catch (InvalidProtocolBufferException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int open() {
      return undelivered;
    }
  }

  /** Requests without an answer. */
  final class Unary implements PendingMessages {
    private int unanswered;

    @Override
    public Side side() {
      return Side.CLIENT;
    }

    @Override
    public boolean onAsked(byte[] message) {
      unanswered++;
      return true;
    }

    @Override
    public boolean onSaid(byte[] message) {
      return true;
    }

    @Override
    public void onPassed(byte[] message) {
      unanswered--;
    }

    @Override
    public int open() {
      return unanswered;
    }
  }
}

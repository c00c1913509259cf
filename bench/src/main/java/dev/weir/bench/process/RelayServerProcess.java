package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.bench.system.RelayMethods;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A process that is the bare relay: a gRPC server that hands each message of one publisher to all
 * subscribers and does nothing else; it asks for the next one when every subscriber is ready. No
 * log, no check, no account. Each call belongs to its event loop; the publisher's loop sends.
 * Commands: {@code mark}.
 */
public final class RelayServerProcess {
  private static final int EMPTY = 0;

  private final List<ServerCall<byte[], byte[]>> subscribers = new CopyOnWriteArrayList<>();
  private final AtomicBoolean held = new AtomicBoolean();
  private volatile ServerCall<byte[], byte[]> publisher;

  private RelayServerProcess() {}

  /** Serves on a free port of loopback. */
  public static void main(String[] args) throws Exception {
    RelayServerProcess relay = new RelayServerProcess();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .flowControlWindow(RelayMethods.WINDOW_BYTES)
            .maxInboundMessageSize(RelayMethods.MESSAGE_BYTES_MAX)
            .addService(relay.service())
            .build()
            .start();
    ProcessConsole.serve(
        KeyValues.none().with("port", server.getPort()),
        (command, argument) -> KeyValues.none().with("readings", EMPTY));
    server.shutdownNow();
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder(RelayMethods.SERVICE)
        .addMethod(RelayMethods.PUBLISH, (call, headers) -> publish(call))
        .addMethod(RelayMethods.SUBSCRIBE, (call, headers) -> subscribe(call))
        .build();
  }

  private ServerCall.Listener<byte[]> publish(ServerCall<byte[], byte[]> call) {
    publisher = call;
    call.sendHeaders(new Metadata());
    call.request(1);
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(byte[] message) {
        for (ServerCall<byte[], byte[]> subscriber : subscribers) {
          subscriber.sendMessage(message);
        }
        held.set(true);
        goOn();
      }

      @Override
      public void onHalfClose() {
        call.close(Status.OK, new Metadata());
      }
    };
  }

  private ServerCall.Listener<byte[]> subscribe(ServerCall<byte[], byte[]> call) {
    call.setOnReadyThreshold(RelayMethods.READY_BYTES);
    call.sendHeaders(new Metadata());
    call.request(1);
    subscribers.add(call);
    return new ServerCall.Listener<>() {
      @Override
      public void onReady() {
        goOn();
      }

      @Override
      public void onCancel() {
        subscribers.remove(call);
        goOn();
      }
    };
  }

  /** Asks for one more message where one was handed on and all can take another. */
  private void goOn() {
    for (ServerCall<byte[], byte[]> subscriber : subscribers) {
      if (!subscriber.isReady()) {
        return;
      }
    }
    if (held.compareAndSet(true, false)) {
      publisher.request(1);
    }
  }
}

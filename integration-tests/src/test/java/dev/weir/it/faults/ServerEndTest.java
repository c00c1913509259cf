package dev.weir.it.faults;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.ServerConfig;
import dev.weir.service.log.DirectoryInUseException;
import dev.weir.v1.Batch;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a server ends or fails to start, it gives back its directory, port and threads. */
final class ServerEndTest {
  private final Set<Thread> before = threads();
  @TempDir private Path dir;

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("weir-"))
        .collect(Collectors.toSet());
  }

  private void awaitNoThreadLeft() {
    Awaitility.await("the server's threads end").until(() -> before.containsAll(threads()));
  }

  private ServerConfig config(String name) {
    return ServerConfig.defaults().withDataDir(dir.resolve(name)).withPort(0);
  }

  private static void publish(WeirServer server) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    try {
      PublishServiceGrpc.newBlockingStub(channel)
          .publish(
              PublishRequest.newBuilder()
                  .setTopic("t")
                  .setBatch(
                      Batch.newBuilder()
                          .addRows(
                              Reading.newBuilder()
                                  .setSensor("s")
                                  .setTime(Timestamp.newBuilder().setSeconds(1))
                                  .setDouble(1)))
                  .build());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void logThatCannotBeClosedWell_isToldAndNothingIsKept() throws IOException {
    FailingWatermarkFiles files = new FailingWatermarkFiles();
    WeirServer server = WeirServer.start(config("a"), files);
    publish(server);
    files.failing(true);
    publish(server);

    assertThatThrownBy(server::close).isInstanceOf(IOException.class);

    awaitNoThreadLeft();
    WeirServer next = WeirServer.start(config("a"), new NioDataFiles());
    publish(next);
    next.close();
  }

  @Test
  void startThatFails_keepsNothing() throws IOException {
    WeirServer running = WeirServer.start(config("a"));
    Set<Thread> ofTheFirst = threads();

    assertThatThrownBy(() -> WeirServer.start(config("a")))
        .isInstanceOf(DirectoryInUseException.class);
    assertThatThrownBy(() -> WeirServer.start(config("b").withPort(running.port())))
        .isInstanceOf(IOException.class);

    Awaitility.await("threads of failed starts end").until(() -> ofTheFirst.containsAll(threads()));
    WeirServer.start(config("b")).close();
    running.close();
    awaitNoThreadLeft();
  }
}

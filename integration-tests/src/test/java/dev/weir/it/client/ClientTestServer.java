package dev.weir.it.client;

import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.service.app.WeirServer;
import dev.weir.service.config.Limits;
import dev.weir.service.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;

/** A server that can be stopped and started again on its directory and port. Owned by its test. */
final class ClientTestServer implements AutoCloseable {
  private final Path data;
  private Limits limits = Limits.defaults();
  private WeirServer server;

  ClientTestServer(Path data) throws IOException {
    this.data = data;
    this.server = start(0);
  }

  private WeirServer start(int port) throws IOException {
    return WeirServer.start(
        ServerConfig.defaults().withDataDir(data).withPort(port).withLimits(limits));
  }

  int port() {
    return server.port();
  }

  /** Open streaming calls. */
  int sessions() {
    return server.sessions();
  }

  void restart() throws IOException {
    restart(limits);
  }

  void restart(Limits newLimits) throws IOException {
    limits = newLimits;
    int port = server.port();
    server.close();
    server = start(port);
  }

  WeirClient client() {
    return client(port());
  }

  static WeirClient client(int port) {
    return WeirClient.connect(ClientOptions.builder("localhost:" + port).backoffSeed(1).build());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

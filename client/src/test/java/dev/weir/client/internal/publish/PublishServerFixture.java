package dev.weir.client.internal.publish;

import dev.weir.client.WeirClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server that a test scripts, and a client of it, for each test. */
abstract class PublishServerFixture {
  ScriptedPublishServer server;
  WeirClient client;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedPublishServer();
    client = server.client();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }
}

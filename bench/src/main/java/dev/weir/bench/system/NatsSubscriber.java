package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ReadingCheck;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.MessageHandler;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * NATS core: a connection, a dispatcher and one wildcard subscription per check, with no limit of
 * pending messages, since the publisher's {@link InFlightWindow} bounds them.
 */
final class NatsSubscriber implements SystemSubscriber {
  /** The prefix of all subjects. */
  static final String SUBJECTS = "bench.";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final NatsConnections opener = new NatsConnections();

  private NatsSubscriber(
      KeyValues settings,
      List<ReadingCheck> checks,
      Function<ReadingCheck, MessageHandler> handlers)
      throws Exception {
    for (ReadingCheck check : checks) {
      Connection connection = opener.open(settings.count("port"));
      Dispatcher dispatcher = connection.createDispatcher(handlers.apply(check));
      dispatcher.setPendingLimits(-1, -1);
      dispatcher.subscribe(SUBJECTS + ">");
      connection.flush(PATIENCE);
    }
  }

  /** One message per reading. */
  static NatsSubscriber ofReadings(KeyValues settings, List<ReadingCheck> checks) throws Exception {
    return new NatsSubscriber(
        settings,
        checks,
        check ->
            message -> {
              String name = message.getSubject().substring(SUBJECTS.length());
              byte[] data = message.getData();
              check.onNamed(name, ReadingBytes.timeNanos(data), ReadingBytes.value(data));
              check.settle();
            });
  }

  /** Many readings per message. */
  static NatsSubscriber ofColumns(KeyValues settings, List<ReadingCheck> checks) throws Exception {
    return new NatsSubscriber(
        settings,
        checks,
        check -> {
          MessageUnpacking unpacking = MessageUnpacking.ofColumns(settings, check);
          return message -> unpacking.accept(message.getData());
        });
  }

  @Override
  public long failures() {
    return opener.failures();
  }

  @Override
  public void close() {
    opener.close();
  }
}

package dev.weir.bench.system;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ReadingCheck;
import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.MessageConsumer;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.util.ArrayList;
import java.util.List;

/**
 * NATS JetStream: creates a stream of file storage; per check a connection with an ordered
 * consumer, which needs no acks.
 */
final class JetStreamSubscriber implements SystemSubscriber {
  private static final String STREAM = "BENCH";
  private static final int FETCH_MESSAGES = 10_000;

  private final NatsConnections opener = new NatsConnections();
  private final List<MessageConsumer> consumers = new ArrayList<>();

  JetStreamSubscriber(KeyValues settings, List<ReadingCheck> checks) throws Exception {
    int port = settings.count("port");
    StreamConfiguration stream =
        StreamConfiguration.builder()
            .name(STREAM)
            .subjects(NatsSubscriber.SUBJECTS + ">")
            .storageType(StorageType.File)
            .build();
    opener.open(port).jetStreamManagement().addStream(stream);
    for (ReadingCheck check : checks) {
      Connection connection = opener.open(port);
      consumers.add(
          connection
              .getStreamContext(STREAM)
              .createOrderedConsumer(new OrderedConsumerConfiguration())
              .consume(
                  ConsumeOptions.builder().batchSize(FETCH_MESSAGES).build(),
                  message -> {
                    String name = message.getSubject().substring(NatsSubscriber.SUBJECTS.length());
                    byte[] data = message.getData();
                    check.onNamed(name, ReadingBytes.timeNanos(data), ReadingBytes.value(data));
                    check.settle();
                  }));
    }
  }

  @Override
  public long failures() {
    return opener.failures();
  }

  @Override
  public void close() {
    consumers.forEach(MessageConsumer::stop);
    opener.close();
  }
}

package dev.weir.service.session.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.session.feed.RandomFeedFixture.Cell;
import dev.weir.service.session.subscribe.TopicSensorAnnouncer;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Batch;
import dev.weir.v1.Delivery;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a feed says, as the generated parser reads it. Owned by one test. */
final class FeedParser {
  private final RandomFeedFixture world;
  private final FeedSpec order;
  private final Feed feed;
  private final TopicSensorAnnouncer announcer;
  private final Map<Integer, String> told = new HashMap<>();

  FeedParser(RandomFeedFixture world, FeedSpec order, Feed feed) {
    this.world = world;
    this.order = order;
    this.feed = feed;
    this.announcer =
        new TopicSensorAnnouncer(
            world.topic, order.messageBytesMax(), new Budget("session_budget_bytes", 1L << 30));
  }

  /**
   * The values of a delivery, in order.
   *
   * @param cursors takes the cursors of its rows
   */
  List<String> values(FeedEvent.Data data, Consumer<List<String>> cursors) {
    List<String> values = order.shape() == FeedFormat.COLUMNS ? columns(data) : rows(data, cursors);
    assertThat(values).hasSize((int) data.readings()).isNotEmpty();
    return values;
  }

  private List<String> columns(FeedEvent.Data data) {
    var messages = announcer.before(data.partition(), data.sensors());
    while (messages.hasNext()) {
      OutgoingMessage sensors = messages.next();
      checkSize(sensors);
      for (Sensor sensor : parse(sensors).getSensors().getSensorsList()) {
        assertThat(told.put(sensor.getId(), sensor.getName())).as("told once").isNull();
      }
    }
    List<String> values = new ArrayList<>();
    for (Batch batch : delivery(data).getBatchesList()) {
      for (Cell cell : RandomFeedFixture.cells(batch, 0, 0)) {
        assertThat(told.get(cell.sensor()))
            .as("told before it is used")
            .isEqualTo(world.topic.sensors().byId(cell.sensor()).name());
        values.add(cell.value());
      }
    }
    return values;
  }

  private List<String> rows(FeedEvent.Data data, Consumer<List<String>> cursors) {
    List<Reading> rows =
        order.shape() == FeedFormat.ROWS ? delivery(data).getReadingsList() : page(data);
    List<String> values = new ArrayList<>();
    for (Reading row : rows) {
      values.add(row.hasInteger() ? "v" + row.getInteger() : row.getText());
      assertThat(row.getCursor().isEmpty()).isEqualTo(data.cursor() == null);
    }
    cursors.accept(rows.stream().map(Reading::getCursor).toList());
    return values;
  }

  private Delivery delivery(FeedEvent.Data data) {
    Delivery delivery = parse(FeedMessages.of(5, feed, data)).getDelivery();
    assertThat(delivery.getChargedReadings()).isEqualTo(data.readings());
    assertThat(delivery.getChargedBytes()).isEqualTo(data.bytes());
    assertThat(delivery.getCursor()).isEqualTo(data.cursor() == null ? "" : data.cursor().text());
    assertThat(delivery.getPartition()).isEqualTo(data.partition());
    return delivery;
  }

  /** A message is not larger than was asked for. */
  void checkSize(FeedEvent said) {
    if (order.shape() != FeedFormat.PAGE) {
      checkSize(FeedMessages.of(5, feed, said));
    }
  }

  private void checkSize(OutgoingMessage message) {
    if (order.messageBytesMax() > 0) {
      assertThat(parse(message).getSerializedSize()).isLessThanOrEqualTo(order.messageBytesMax());
    }
  }

  private static SubscribeResponse parse(OutgoingMessage frame) {
    var bytes = new ByteArrayOutputStream();
    try {
      frame.writeTo(bytes);
      return SubscribeResponse.parseFrom(bytes.toByteArray());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static List<Reading> page(FeedEvent.Data data) {
    var bytes = new ByteArrayOutputStream();
    data.parts().forEach(part -> bytes.write(part.array(), part.offset(), part.length()));
    try {
      return ReadResponse.parseFrom(bytes.toByteArray()).getReadingsList();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}

package dev.weir.service.session.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.session.TestPeer;
import dev.weir.service.session.TestServerContext;
import dev.weir.v1.Batch;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.ReadResponse;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeResponse;
import org.junit.jupiter.api.Test;

/** Messages beside readings are bounded too. */
class MessageBoundsTest extends SubscribeSessionFixture {
  private static final int MESSAGE_BYTES = 16 << 10;

  @Test
  void sensors_fitTheMessagesOfEachSubscription() {
    TestPeer<SubscribeResponse> peer = opened(all(1), all(2).setMaxMessageBytes(MESSAGE_BYTES));
    publish("first", 1);
    context.run();
    Batch.Builder batch = Batch.newBuilder();
    for (int i = 0; i < 200; i++) {
      String name = "s" + i + "/" + "n".repeat(400);
      batch.addRows(Reading.newBuilder().setSensor(name).setInteger(i));
    }
    publish(batch.build());
    context.run();
    assertThat(readings(peer, 2)).isEqualTo(201);
    assertThat(peer.got)
        .filteredOn(SubscribeResponse::hasSensors)
        .allMatch(said -> said.getSerializedSize() <= MESSAGE_BYTES);
  }

  @Test
  void pageOfGaps_endsInTime() {
    with(Limits.defaults().with(Limit.READ_BYTES_MAX, 64 << 10), 1 << 20);
    for (int i = 0; i < 2_000; i++) {
      publish("s", i);
    }
    for (int offset = 1; offset < 2_000; offset += 2) {
      context.world.log(topic, 0).damage(offset);
    }
    context.world.restart();
    context = new TestServerContext(context);
    topic = context.topic("t", 1);
    ReadRequest.Builder request = ReadRequest.newBuilder().setTopic("t").setLimit(5_000);
    request.getStartBuilder().setEarliest(true);
    long readings = 0;
    long lost = 0;
    boolean caughtUp = false;
    int pages = 0;
    while (!caughtUp) {
      TestPeer<ReadResponse> peer =
          new TestPeer<>(
              context,
              ReadResponse.parser(),
              out -> new ReadCall(context.context, context.loop, out));
      peer.send(request.build()).halfClose();
      context.run();
      ReadResponse page = peer.got.get(0);
      assertThat(page.getSerializedSize()).isLessThan(64 << 10);
      readings += page.getReadingsCount();
      lost += page.getGapsList().stream().mapToLong(gap -> gap.getReadings()).sum();
      caughtUp = page.getCaughtUp();
      request.getStartBuilder().setAfterCursor(page.getNextCursor());
      pages++;
    }
    assertThat(pages).isGreaterThan(1);
    assertThat(readings).isEqualTo(1_000);
    assertThat(lost).isEqualTo(1_000);
  }
}

package dev.weir.it.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.weir.client.SubscriberOptions;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirException;
import dev.weir.v1.ReadRequest;
import dev.weir.v1.Reading;
import dev.weir.v1.Start;
import dev.weir.v1.UploadResponse;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uploads of more readings than one batch holds, to a real server. */
class UploadTest extends ClientServerTest {
  private static final int PARTITIONS = 2;
  private static final int SENSORS = 20;
  private static final int ROUNDS = 2_000;
  private static final int READINGS = SENSORS * ROUNDS;

  @BeforeEach
  void createTopic() {
    client.topics().createTopic("t", PARTITIONS);
  }

  @Test
  void upload_storesEverythingInBatches() throws Exception {
    UploadResponse response = client.upload("t", () -> new Backfill(-1, () -> {}));

    assertThat(response.getReadings()).isEqualTo(READINGS);
    assertThat(response.getBatches()).isGreaterThan(PARTITIONS);
    assertThat(response.getRejected()).isZero();
    assertLogHoldsEachOnce();
  }

  @Test
  void uploadCutByABrokenConnection_isRepeatedUnderItsProducerIdWithoutStoringTwice()
      throws Exception {
    try (DisconnectingProxy proxy = new DisconnectingProxy(server.port());
        WeirClient far = ClientTestServer.client(proxy.port())) {
      Runnable cut =
          () -> {
            await("some batches are stored").until(this::isAnyStored);
            proxy.breakAll();
          };
      assertThatThrownBy(
              () -> far.upload("t", "backfill", () -> new Backfill(READINGS * 3 / 4, cut)))
          .isInstanceOf(WeirException.class);
      UploadResponse response = far.upload("t", "backfill", () -> new Backfill(-1, () -> {}));

      assertThat(response.getDuplicates()).as("stored before it broke").isPositive();
      assertThat(response.getReadings()).as("the rest").isBetween(1L, READINGS - 1L);
      assertThat(response.getRejected()).isZero();
      UploadResponse again = far.upload("t", "backfill", () -> new Backfill(-1, () -> {}));
      assertThat(again.getReadings()).isZero();
      assertThat(again.getDuplicates()).isEqualTo(response.getDuplicates() + response.getBatches());
    }
    assertLogHoldsEachOnce();
  }

  private boolean isAnyStored() {
    ReadRequest.Builder request = ReadRequest.newBuilder().setTopic("t").setLimit(1);
    request.getSelectorBuilder().setAll(true);
    return client
            .read(request.setStart(Start.newBuilder().setEarliest(true)).build())
            .getReadingsCount()
        > 0;
  }

  private void assertLogHoldsEachOnce() throws Exception {
    RecordingHandler all = new RecordingHandler();
    client
        .subscribe(SubscriberOptions.builder("t").fromEarliest().untilNow().build(), all)
        .completion()
        .get(60, SECONDS);
    all.assertCounting(SENSORS, ROUNDS);
  }

  /** Rounds of all sensors, with an event on the way. Owned by the upload. */
  private static final class Backfill implements Iterator<Reading> {
    private final int eventAt;
    private final Runnable event;
    private int next;

    Backfill(int eventAt, Runnable event) {
      this.eventAt = eventAt;
      this.event = event;
    }

    @Override
    public boolean hasNext() {
      return next < READINGS;
    }

    @Override
    public Reading next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == eventAt) {
        event.run();
      }
      int round = next / SENSORS;
      int sensor = next++ % SENSORS;
      return Reading.newBuilder()
          .setSensor("line/" + sensor)
          .setTime(Timestamp.newBuilder().setSeconds(1_700_000_000L + round))
          .setDouble(round)
          .build();
    }
  }
}

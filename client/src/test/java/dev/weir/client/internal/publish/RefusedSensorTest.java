package dev.weir.client.internal.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.client.BatchAck;
import dev.weir.client.Offer;
import dev.weir.client.Publisher;
import dev.weir.client.SensorHandle;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Sensors that the server refuses, and the readings that were published for them. */
class RefusedSensorTest extends PublisherSessionFixture {
  @Test
  void refusedSensor_failsItsBatchAndTheSensorOnly() throws Exception {
    Publisher publisher = publisher(options());
    SensorHandle bad = publisher.sensor("bad");
    var session = opened(0, 64);
    CompletableFuture<BatchAck> ack = bad.publish(1, 1);
    session.refuseDefine(problem("KIND_MISMATCH", 3).build());

    assertThatThrownBy(() -> ack.get(10, SECONDS)).hasMessageContaining("KIND_MISMATCH");
    assertThatThrownBy(() -> bad.publish(2, 2)).hasMessageContaining("KIND_MISMATCH");
    SensorHandle good = publisher.sensor("good");
    session.define(4);
    good.publish(3, 3);
    assertThat(values(session, 1)).containsExactly("1:3.0");
  }

  @Test
  void refusedSensor_isTakenFromTheSessionOnThatAcceptsIt() throws Exception {
    SensorHandle sensor = publisher(options()).sensor("s");
    var session = opened(0, 64);
    session.refuseDefine(problem("LIMIT_REACHED", 8).build());
    await().until(() -> sensor.tryPublish(1, 1) instanceof Offer.Closed);
    session.fail(Status.UNAVAILABLE);
    var again = opened(0, 64);
    again.define(4);
    await().until(() -> sensor.tryPublish(2, 2) instanceof Offer.Accepted);
    assertThat(values(again, 1)).containsExactly("1:2.0");
  }
}

package dev.weir.client.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.weir.client.internal.threads.ManualClientLoop;
import dev.weir.v1.PublishStreamRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests which servers are taken for gone, on a clock that the test owns. */
class PingMonitorTest {
  private static final long SECOND = 1_000_000_000L;

  private boolean ready = true;
  private int sent;
  private int gone;
  private final ManualClientLoop loop = new ManualClientLoop();
  private final PingMonitor pings =
      new PingMonitor(
          loop, EncodedMessage.of(PublishStreamRequest.getDefaultInstance()), () -> gone++);

  /** A call whose bytes leave when the test lets them. */
  private final class Call<Q, R> extends ClientCall<Q, R> {
    @Override
    public void start(Listener<R> listener, Metadata headers) {}

    @Override
    public void request(int messages) {}

    @Override
    public void cancel(String message, Throwable cause) {}

    @Override
    public void halfClose() {}

    @Override
    public void sendMessage(Q message) {
      sent++;
    }

    @Override
    public boolean isReady() {
      return ready;
    }
  }

  @BeforeEach
  void open() {
    Channel channel =
        new Channel() {
          @Override
          public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions with) {
            return new Call<>();
          }

          @Override
          public String authority() {
            return "test";
          }
        };
    var link = new StreamingCall<>(channel, StreamingMethods.PUBLISH, loop, null);
    link.start(1);
    pings.start(link, Duration.newBuilder().setSeconds(1).build());
  }

  @Test
  void serverThatIsAskedAndSaysNothing_isGoneAfterThreeIntervals() {
    loop.advance(3 * SECOND - 1);
    assertThat(sent).isEqualTo(2);
    assertThat(gone).isZero();
    loop.advance(1);
    assertThat(gone).isEqualTo(1);
    loop.advance(60 * SECOND);
    assertThat(gone).as("told once").isEqualTo(1);
  }

  @Test
  void longMessageOnItsWay_isNoSilenceOfTheServer() {
    ready = false;
    loop.advance(50 * SECOND);
    assertThat(gone).isZero();
    assertThat(sent).as("no ping passes it").isZero();
    ready = true;
    loop.advance(SECOND);
    assertThat(sent).isEqualTo(1);
    pings.heard();
    loop.advance(2 * SECOND);
    assertThat(gone).isZero();
    loop.advance(SECOND);
    assertThat(gone).isEqualTo(1);
  }

  @Test
  void serverThatTakesNothing_isGoneAfterAMinuteAndThreeIntervals() {
    ready = false;
    loop.advance(63 * SECOND - 1);
    assertThat(gone).isZero();
    loop.advance(1);
    assertThat(gone).isEqualTo(1);
  }
}

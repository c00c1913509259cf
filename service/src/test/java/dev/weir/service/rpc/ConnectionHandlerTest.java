package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fair.LoopTaskQueue;
import dev.weir.service.partition.TestLoop;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectionHandlerTest {
  private final TestLoop loop = new TestLoop();
  private final ConnectionHandler connection = new ConnectionHandler();
  private final List<LoopTaskQueue.Turn> turns = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          connection,
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
              turns.add(ConnectionHandler.currentTurn());
            }
          });
  private final ConnectionUnreadAnswers unread =
      connection.unread(
          new ConnectionUnreadAnswers.Bounds(
              new Budget("unsent_budget_bytes", 16 << 20),
              loop::nowNanos,
              Duration.ofSeconds(60).toNanos(),
              1 << 20,
              Duration.ofMillis(500)),
          loop);

  @Test
  void peerThatLeavesMuchUnread_isReadSeldom_andAtOnceAgainWhenItHasReadIt() {
    List<ConnectionUnreadAnswers.CallAnswers> answers = new ArrayList<>();
    for (int call = 0; call < 100; call++) {
      answers.add(unread.add(2 * call + 1, 4_000));
    }
    channel.writeInbound("much, but just now");
    assertThat(channel.config().isAutoRead()).isTrue();

    loop.advance(Duration.ofSeconds(2).toNanos());
    for (int pause = 0; pause < 3; pause++) {
      channel.writeInbound("more calls");
      assertThat(channel.config().isAutoRead()).as("pause %d", pause).isFalse();
      channel.advanceTimeBy(100, TimeUnit.MILLISECONDS);
      channel.runScheduledPendingTasks();
      assertThat(channel.config().isAutoRead()).as("after pause %d", pause).isTrue();
    }

    answers.forEach(ConnectionUnreadAnswers.CallAnswers::over);
    channel.writeInbound("it has read all");
    assertThat(channel.config().isAutoRead()).isTrue();
    assertThat(turns).hasSize(5).doesNotContainNull();
    assertThat(ConnectionHandler.currentTurn()).as("nothing is being read").isNull();
    channel.finishAndReleaseAll();
  }
}

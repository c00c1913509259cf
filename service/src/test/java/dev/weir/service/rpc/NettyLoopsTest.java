package dev.weir.service.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.common.Loop;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NettyLoopsTest {
  private final List<Loop> read = new ArrayList<>();
  private final List<String> ran = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new ConnectionHandler(),
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
              read.add(loops.current());
            }
          });
  private final NettyLoops loops = new NettyLoops(channel.eventLoop());

  @Test
  void callsOfAConnection_haveItsLoop_andAllShareTheEventLoop() {
    channel.writeInbound("call", "call");
    Loop all = loops.current();
    assertThat(read).hasSize(2).doesNotContain(all);
    assertThat(read.get(0)).isEqualTo(read.get(1));
    assertThat(read.get(0).shared()).isSameAs(all);
    assertThat(all.shared()).isSameAs(all);
  }

  @Test
  void timer_isCancelledAlsoBetweenItsTimeAndItsTurn() {
    channel.writeInbound("call");
    Loop loop = read.get(0);
    loop.schedule(TimeUnit.MILLISECONDS.toNanos(10), () -> ran.add("kept"));
    Runnable cancel = loop.schedule(TimeUnit.MILLISECONDS.toNanos(10), () -> ran.add("cancelled"));
    loop.schedule(TimeUnit.MILLISECONDS.toNanos(10), () -> ran.add("cancelled early")).run();
    channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(ran).as("they are due, and have not had their turn").isEmpty();
    cancel.run();
    channel.runPendingTasks();
    assertThat(ran).containsExactly("kept");
  }
}

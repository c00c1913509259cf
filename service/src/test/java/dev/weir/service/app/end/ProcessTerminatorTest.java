package dev.weir.service.app.end;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ProcessTerminatorTest {
  private final TestExit exit = new TestExit();
  private final ProcessTerminator end = ProcessTerminator.by(exit);

  @Test
  void outOfMemory_isOneLineWithItsThreadAndMessage_andCode70() {
    end.thrown(new OutOfMemoryError("Direct\nbuffer memory"));
    assertThat(exit.lines())
        .containsExactly(
            "weir: this process ends at once with code 70: OutOfMemoryError on thread "
                + Thread.currentThread().getName()
                + ": Direct?buffer memory. SYNCED and BUFFERED topics keep everything that was"
                + " acknowledged; MEMORY topics will be empty. Start the server again.\n");
    assertThat(exit.codes()).first().isEqualTo(70);
  }

  @Test
  void errorBehindExceptions_isFound() {
    end.thrown(new CompletionException(new IOException(new StackOverflowError())));
    assertThat(exit.lines()).singleElement().asString().contains(": StackOverflowError on thread");
  }

  @Test
  void exception_endsNothing() {
    end.thrown(new IllegalStateException(new IOException("disk")));
    assertThat(exit.codes()).isEmpty();
    assertThat(exit.lines()).isEmpty();
  }

  @Test
  void causesInACircle_areNotFollowedForEver() {
    Exception one = new Exception("one");
    one.initCause(new Exception("two", one));
    end.thrown(one);
    assertThat(exit.codes()).isEmpty();
  }

  @Test
  void secondReason_saysNothingMore() {
    end.died(Thread.currentThread(), new IllegalStateException("first"));
    end.thrown(new OutOfMemoryError("second"));
    assertThat(exit.lines())
        .singleElement()
        .asString()
        .contains("the thread ended", "IllegalStateException")
        .doesNotContain("OutOfMemoryError");
  }

  @Test
  void standardErrorThatNobodyReads_doesNotHoldUpTheEnd() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    TestExit unread = new TestExit(read);
    ProcessTerminator blocked = ProcessTerminator.by(unread);
    Thread dying = new Thread(() -> blocked.thrown(new OutOfMemoryError("x")), "dying");
    dying.start();
    await("the end").atMost(Duration.ofSeconds(20)).until(() -> unread.codes().contains(70));
    assertThat(unread.lines()).isEmpty();
    read.countDown();
    dying.join();
  }

  @Test
  void stopThatTakesTooLong_endsWithItsOwnLine() {
    end.endWithin(Duration.ofMillis(1));
    await("the end").until(() -> exit.codes().contains(70));
    assertThat(exit.lines()).singleElement().asString().contains("stopping took longer");
  }

  @Test
  void toldOnly_endsNothing() {
    ProcessTerminator told = ProcessTerminator.toldOnly();
    told.thrown(new OutOfMemoryError("on purpose"));
    told.endWithin(Duration.ZERO);
  }

  @Test
  void errorsThatLibrariesLog_areHeard() {
    var heard = new java.util.concurrent.CopyOnWriteArrayList<Throwable>();
    LoggedErrorHandler logged = LoggedErrorHandler.tellTo(heard::add);
    Error grpc = new StackOverflowError("grpc");
    Logger.getLogger("io.grpc.internal.Anything").log(Level.SEVERE, "caught", grpc);
    Error transport = new StackOverflowError("transport");
    Logger.getLogger("io.grpc.netty.NettyServerHandler").log(Level.FINE, "caught", transport);
    Error netty = new StackOverflowError("netty");
    io.netty.util.internal.logging.InternalLoggerFactory.getInstance("io.netty.Anything")
        .warn("A task raised an exception. Task: {}", "task", netty);
    assertThat(heard).containsExactly(grpc, transport, netty);
    assertThat(logged).isNotNull();
  }
}

package dev.weir.service.app.end;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A way out that is only remembered. Thread-safe. */
public final class TestExit implements ProcessExit {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<Integer> codes = new CopyOnWriteArrayList<>();
  private final CountDownLatch mayWrite;

  /** Whose standard error somebody reads. */
  public TestExit() {
    this(new CountDownLatch(0));
  }

  /** Whose standard error nobody reads until then. */
  TestExit(CountDownLatch mayWrite) {
    this.mayWrite = mayWrite;
  }

  @Override
  public void write(byte[] line, int length) {
    try {
      mayWrite.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    lines.add(new String(line, 0, length, StandardCharsets.US_ASCII));
  }

  @Override
  public void halt(int code) {
    codes.add(code);
  }

  /** What was written. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** The codes it ended with. */
  public List<Integer> codes() {
    return List.copyOf(codes);
  }
}

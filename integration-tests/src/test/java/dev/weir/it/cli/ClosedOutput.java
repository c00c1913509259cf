package dev.weir.it.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Results whose reader goes away, as {@code head} does. Owned by whoever writes, then the test. */
final class ClosedOutput extends OutputStream {
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();
  private final int bytesMax;

  /** Takes so many bytes and fails from then on. */
  ClosedOutput(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  @Override
  public void write(int b) throws IOException {
    if (read.size() == bytesMax) {
      throw new IOException("broken pipe");
    }
    read.write(b);
  }

  /** The complete lines that it took. */
  List<String> lines() {
    String all = read.toString(StandardCharsets.UTF_8);
    return all.substring(0, all.lastIndexOf('\n') + 1).lines().toList();
  }
}

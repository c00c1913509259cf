package dev.weir.bench.system;

import dev.weir.bench.load.BenchRuntime;
import dev.weir.bench.load.ReadingCheck;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/**
 * Reports to a publisher every millisecond how much the slowest of this process's checks received,
 * over a socket of loopback; the other end is a {@link InFlightWindow}. Owned by a thread of its
 * own.
 */
public final class InFlightReport {
  private static final Duration INTERVAL = Duration.ofMillis(1);

  private final ServerSocket listener;
  private final List<ReadingCheck> checks;

  public InFlightReport(List<ReadingCheck> checks) throws IOException {
    this.listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    this.checks = checks;
    BenchRuntime.start("bench-window", this::report);
  }

  public int port() {
    return listener.getLocalPort();
  }

  private Void report() throws IOException, InterruptedException {
    try (Socket socket = listener.accept();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
      socket.setTcpNoDelay(true);
      long told = 0;
      while (true) {
        long least = checks.stream().mapToLong(ReadingCheck::delivered).min().orElse(0);
        if (least != told) {
          out.writeLong(least);
          told = least;
        }
        BenchRuntime.pause(INTERVAL);
      }
    }
  }
}

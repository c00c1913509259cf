package dev.weir.service.app.connection;

import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What gRPC's transport logs by itself, through {@code java.util.logging}: a stack trace for each
 * connection or stream that its peer breaks. Of a broken connection the operator is told in a line;
 * of streams, whose peers are told why, not at all. Holds the loggers: one that nobody holds
 * forgets how it was set.
 */
public final class TransportLogFilter {
  private static final String TRANSPORT = "io.grpc.netty.NettyServerTransport";

  /** The second is told how a transport ended; a filter is not inherited. */
  private static final List<String> CONNECTIONS = List.of(TRANSPORT, TRANSPORT + ".connections");

  private static final int CHARS_MAX = 200;
  private static final List<String> STREAMS =
      List.of("io.grpc.netty.NettyServerHandler", "io.grpc.netty.NettyServerStream");

  private final List<Logger> connections = CONNECTIONS.stream().map(Logger::getLogger).toList();
  private final List<Logger> streams = STREAMS.stream().map(Logger::getLogger).toList();

  /**
   * Sets them.
   *
   * @param lines hears of broken connections
   */
  public TransportLogFilter(Consumer<String> lines) {
    connections.forEach(logger -> logger.setFilter(new LineFilter(before(logger), lines)));
    streams.forEach(logger -> logger.setFilter(new LineFilter(before(logger), ignored -> {})));
  }

  /** Returns the filter that others set before, such as for Errors; never one of these. */
  private static Filter before(Logger logger) {
    Filter before = logger.getFilter();
    return before instanceof LineFilter quiet ? quiet.before() : before;
  }

  private record LineFilter(Filter before, Consumer<String> lines) implements Filter {
    @Override
    public boolean isLoggable(LogRecord logged) {
      boolean wanted = before == null || before.isLoggable(logged);
      if (severe(logged) || logged.getThrown() == null) {
        return wanted && logged.getLevel().intValue() >= Level.INFO.intValue();
      }
      lines.accept("A connection failed: " + printable(logged.getThrown().getMessage()));
      return false;
    }

    /** It may say what the peer sent. */
    private static String printable(String text) {
      String line = String.valueOf(text).replaceAll("[^ -~]", "?");
      return line.length() <= CHARS_MAX ? line : line.substring(0, CHARS_MAX) + "...";
    }
  }

  private static boolean severe(LogRecord logged) {
    return logged.getLevel().intValue() >= Level.SEVERE.intValue();
  }
}

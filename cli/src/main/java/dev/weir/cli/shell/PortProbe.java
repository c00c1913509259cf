package dev.weir.cli.shell;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tests whether anything listens at an address, without the long retries of a client. Stateless.
 */
final class PortProbe {
  private static final int CONNECT_MILLIS_MAX = 5_000;
  private static final int PORT_MAX = 65_535;
  private static final Pattern HOST_PORT =
      Pattern.compile("(?<host>[^:/\\[\\]]+|\\[[0-9A-Fa-f:.]+]):(?<port>\\d{1,5})");

  private PortProbe() {}

  /** Returns whether it is HOST:PORT, several with commas between, or a target of gRPC. */
  static boolean isAddress(String server) {
    return server.contains("/") || addresses(server).stream().allMatch(PortProbe::isHostPort);
  }

  private static boolean isHostPort(String address) {
    Matcher matcher = HOST_PORT.matcher(address);
    return matcher.matches() && Integer.parseInt(matcher.group("port")) <= PORT_MAX;
  }

  private static List<String> addresses(String server) {
    return Arrays.stream(server.split(",", -1)).map(String::strip).toList();
  }

  /**
   * The first of the addresses at which something listens; other targets of gRPC are left to the
   * client.
   *
   * @throws CommandFailure if nothing listens at any
   */
  static String first(String server) {
    if (server.contains("/")) {
      return server;
    }
    IOException why = null;
    for (String address : addresses(server)) {
      try {
        connect(address);
        return address;
      } catch (IOException e) {
        why = e;
      }
    }
    throw new CommandFailure(ErrorAdvice.noServer(server) + " (" + why.getMessage() + ")", why);
  }

  private static void connect(String address) throws IOException {
    Matcher matcher = HOST_PORT.matcher(address);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(address);
    }
    int port = Integer.parseInt(matcher.group("port"));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(matcher.group("host"), port), CONNECT_MILLIS_MAX);
    }
  }
}

package dev.weir.cli.shell;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether anything listens at an address, without the patience of a client. Stateless. */
final class Reach {
  private static final int CONNECT_MILLIS_MAX = 5_000;
  private static final int PORT_MAX = 65_535;
  private static final Pattern HOST_PORT =
      Pattern.compile("(?<host>[^:/\\[\\]]+|\\[[0-9A-Fa-f:.]+]):(?<port>\\d{1,5})");

  private Reach() {}

  /** Whether it is HOST:PORT, or another target of gRPC, which the client judges. */
  static boolean isAddress(String server) {
    Matcher address = HOST_PORT.matcher(server);
    return address.matches()
        ? Integer.parseInt(address.group("port")) <= PORT_MAX
        : server.contains("/");
  }

  /**
   * Tries an address of the form HOST:PORT; leaves other targets of gRPC to the client.
   *
   * @throws Failure if nothing listens there
   */
  static void require(String server) {
    Matcher address = HOST_PORT.matcher(server);
    if (!address.matches()) {
      return;
    }
    int port = Integer.parseInt(address.group("port"));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.group("host"), port), CONNECT_MILLIS_MAX);
    } catch (IOException e) {
      throw new Failure(Advice.noServer(server) + " (" + e.getMessage() + ")", e);
    }
  }
}

package dev.weir.cli.shell;

import dev.weir.service.config.ServerConfig;

/**
 * Command lines that work as printed, against one server. Immutable.
 *
 * @param server its address
 * @param reflection whether grpcurl can ask it for its schema
 */
public record ExampleCommands(String server, boolean reflection) {
  private static final String DEFAULT_SERVER = "127.0.0.1:" + ServerConfig.PORT_DEFAULT;

  /** The command as the user called it, and the grpcurl that is there; bin/weir sets both. */
  private static final String WEIR = quoted(System.getProperty("weir.command", "bin/weir"));

  private static final String GRPCURL =
      quoted(System.getProperty("weir.grpcurl", "target/tools/bin/grpcurl"));

  /** A line with bin/weir. */
  public String weir(String arguments) {
    return WEIR + " " + arguments + (server.equals(DEFAULT_SERVER) ? "" : " --server " + server);
  }

  /** Against the server that `serve` starts without options. */
  public static ExampleCommands ofDefaultServer() {
    return new ExampleCommands(DEFAULT_SERVER, true);
  }

  /** A line that starts a server on a directory. */
  public static String serve(String dataDir) {
    return WEIR + " serve --data " + quoted(dataDir);
  }

  /** A grpcurl line that publishes one reading. */
  public String grpcPublish(String topic, String sensor, double value) {
    return grpcurl(
        "{\"topic\":\""
            + topic
            + "\",\"batch\":{\"rows\":[{\"sensor\":\""
            + sensor
            + "\",\"double\":"
            + value
            + "}]}}",
        "publish_service",
        "PublishService/Publish");
  }

  /** A grpcurl line that tails a topic, from its beginning until now or live. */
  public String grpcTail(String topic, boolean untilNow) {
    return grpcurl(
        "{\"topic\":\""
            + topic
            + "\""
            + (untilNow ? ",\"start\":{\"earliest\":true},\"until\":{\"now\":true}" : "")
            + "}",
        "subscribe_service",
        "SubscribeService/Tail");
  }

  private String grpcurl(String json, String file, String method) {
    return GRPCURL
        + " -plaintext"
        + (reflection
            ? ""
            : " -import-path proto/src/main/protobuf -proto weir/v1/" + file + ".proto")
        + " -d '"
        + json
        + "' "
        + server
        + " weir.v1."
        + method;
  }

  private static String quoted(String path) {
    return path.matches("[A-Za-z0-9/._+@:,-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}

package dev.weir.service.config;

import com.google.common.net.InetAddresses;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The configuration that a server is started with. Immutable; command-line options replace single
 * values through the {@code with…} methods.
 *
 * @param host where to listen: a name or an address
 * @param port where to listen, 0 to 65,535; 0 takes a free one
 * @param dataDir where the log is
 * @param insecure whether a listener beyond loopback may do without TLS
 * @param reflectionSet whether reflection is on; empty: in development mode
 * @param limits every bound
 * @param file the configuration file it came from; empty: none
 */
public record ServerConfig(
    String host,
    int port,
    Path dataDir,
    boolean insecure,
    Optional<Boolean> reflectionSet,
    Limits limits,
    Optional<Path> file) {
  /** The port where servers listen and clients connect unless told otherwise. */
  public static final int PORT_DEFAULT = 7474;

  /**
   * @throws ConfigException if the host is empty or the port is none
   */
  public ServerConfig {
    if (host.isBlank()) {
      throw new ConfigException("host: \"\" (expected a name or an address)");
    }
    if (port < 0 || port > 65_535) {
      throw new ConfigException("port: " + port + " (expected 0 to 65535)");
    }
  }

  /**
   * Returns the configuration of a server that is given none: loopback, and {@code data} in the
   * working directory.
   */
  public static ServerConfig defaults() {
    return new ServerConfig(
        "127.0.0.1",
        PORT_DEFAULT,
        Path.of("data"),
        false,
        Optional.empty(),
        Limits.defaults(),
        Optional.empty());
  }

  /** Returns whether only this machine can connect: a loopback address, or "localhost". */
  public boolean loopback() {
    return host.toLowerCase(Locale.ROOT).equals("localhost")
        || (InetAddresses.isInetAddress(host) && InetAddresses.forString(host).isLoopbackAddress());
  }

  /** Returns whether missing topics are created: a loopback listener and no configuration file. */
  public boolean developmentMode() {
    return loopback() && file.isEmpty();
  }

  /** Returns whether clients may ask for the schema. */
  public boolean reflection() {
    return reflectionSet.orElse(developmentMode());
  }

  /** Calls at once on one connection: fewer where other machines can connect. */
  public int callsPerConnectionMax() {
    return limits.getInt(
        loopback() ? Limit.CALLS_PER_LOOPBACK_CONNECTION_MAX : Limit.CALLS_PER_CONNECTION_MAX);
  }

  /**
   * Refuses a listener that would carry plain text beyond this machine without consent.
   *
   * @throws ConfigException if so
   */
  public void requireSafeListener() {
    if (!loopback() && !insecure) {
      throw new ConfigException(
          "host: "
              + host
              + " (expected a loopback address, because this version has no TLS; to listen in plain"
              + " text all the same, give --insecure or set insecure: true)");
    }
  }

  /** This configuration with another host. */
  public ServerConfig withHost(String newHost) {
    return new ServerConfig(newHost, port, dataDir, insecure, reflectionSet, limits, file);
  }

  /** This configuration with another port. */
  public ServerConfig withPort(int newPort) {
    return new ServerConfig(host, newPort, dataDir, insecure, reflectionSet, limits, file);
  }

  /** This configuration with another data directory. */
  public ServerConfig withDataDir(Path newDataDir) {
    return new ServerConfig(host, port, newDataDir, insecure, reflectionSet, limits, file);
  }

  /** This configuration with plain text beyond loopback permitted, or not. */
  public ServerConfig withInsecure(boolean permitted) {
    return new ServerConfig(host, port, dataDir, permitted, reflectionSet, limits, file);
  }

  /** This configuration with other limits. */
  public ServerConfig withLimits(Limits newLimits) {
    return new ServerConfig(host, port, dataDir, insecure, reflectionSet, newLimits, file);
  }
}

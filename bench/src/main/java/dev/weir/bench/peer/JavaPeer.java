package dev.weir.bench.peer;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.BenchProcess;
import dev.weir.bench.LaunchOptions;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.process.KafkaServerProcess;
import dev.weir.bench.process.RelayServerProcess;
import dev.weir.bench.process.WeirServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Properties;

/** A server that is a JVM started from the bench class path. Owned by the runner's thread. */
public final class JavaPeer implements Peer {
  private final BenchProcess process;
  private final int port;

  private JavaPeer(BenchProcess process) throws BenchFailure, InterruptedException {
    this.process = process;
    this.port = process.answer().count("port");
  }

  /** Weir with the defaults of {@code weir serve}, and the limits of the launch. */
  public static JavaPeer weir(String name, LaunchOptions launch, Path data)
      throws BenchFailure, InterruptedException {
    KeyValues settings = KeyValues.none().with("data", data).with("limits", launch.limits());
    return new JavaPeer(launch.start(name, WeirServerProcess.class, settings));
  }

  /** A Kafka broker. */
  public static JavaPeer kafka(String name, LaunchOptions launch, Path data)
      throws BenchFailure, InterruptedException {
    return new JavaPeer(
        launch.start(name, KafkaServerProcess.class, KeyValues.none().with("data", data)));
  }

  /** The version of Kafka on the class path. */
  public static String kafkaVersion() {
    Properties properties = new Properties();
    try (InputStream in = JavaPeer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }

  /** The bare gRPC relay. */
  public static JavaPeer relay(String name, LaunchOptions launch)
      throws BenchFailure, InterruptedException {
    return new JavaPeer(launch.start(name, RelayServerProcess.class, KeyValues.none()));
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public long cpuMillis() throws BenchFailure, InterruptedException {
    return process.mark().cpuMillis();
  }

  @Override
  public long compileMillis() throws BenchFailure, InterruptedException {
    return process.mark().compileMillis();
  }

  @Override
  public long residentBytes() throws BenchFailure {
    return ProcessStatus.residentBytes(process.pid());
  }

  @Override
  public void close() throws BenchFailure {
    process.close();
  }
}

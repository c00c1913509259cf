package dev.weir.bench.peer;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.ChildProcess;
import dev.weir.bench.Launch;
import dev.weir.bench.load.Fields;
import dev.weir.bench.load.KafkaProcess;
import dev.weir.bench.load.RelayServerProcess;
import dev.weir.bench.load.ServerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Properties;

/** A server that is a JVM started from the bench class path. Owned by the runner's thread. */
public final class JavaPeer implements Peer {
  private final ChildProcess process;
  private final int port;

  private JavaPeer(ChildProcess process) throws BenchFailure, InterruptedException {
    this.process = process;
    this.port = process.answer().count("port");
  }

  /** Weir with the defaults of {@code weir serve}, and the limits of the launch. */
  public static JavaPeer weir(String name, Launch launch, Path data)
      throws BenchFailure, InterruptedException {
    Fields settings = Fields.none().with("data", data).with("limits", launch.limits());
    return new JavaPeer(launch.start(name, ServerProcess.class, settings));
  }

  /** A Kafka broker. */
  public static JavaPeer kafka(String name, Launch launch, Path data)
      throws BenchFailure, InterruptedException {
    return new JavaPeer(launch.start(name, KafkaProcess.class, Fields.none().with("data", data)));
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
  public static JavaPeer relay(String name, Launch launch)
      throws BenchFailure, InterruptedException {
    return new JavaPeer(launch.start(name, RelayServerProcess.class, Fields.none()));
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

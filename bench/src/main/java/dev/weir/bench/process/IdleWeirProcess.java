package dev.weir.bench.process;

import dev.weir.bench.load.KeyValues;
import dev.weir.bench.load.ProcessConsole;
import dev.weir.v1.Batch;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A process with many idle subscriptions at a Weir server. Owned by its main thread.
 *
 * <p>Commands: {@code warm} (some subscriptions on connections of their own, a reading through
 * each, closed again), {@code open} (answers when all have caught up), {@code publish} (one
 * reading; returns how many deliveries came).
 */
public final class IdleWeirProcess {
  private static final String TOPIC = "idle";
  private static final int WARM_SESSIONS = 500;
  private static final int WARM_CONNECTIONS = 10;
  private static final int PUBLISH_SECONDS = 20;

  private final KeyValues settings;
  private final InetSocketAddress server;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private IdleSubscriptions idle;

  private IdleWeirProcess(KeyValues settings) {
    this.settings = settings;
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.count("port"));
  }

  /**
   * At the server of {@code port=}: {@code sessions=} of {@code subscriptions=} each over {@code
   * connections=}.
   */
  public static void main(String[] args) throws Exception {
    var process = new IdleWeirProcess(KeyValues.parse(args));
    ProcessConsole.serve(KeyValues.none().with("ready", true), process::onCommand);
    System.exit(0); // ten thousand connections need not be closed one by one
  }

  private KeyValues onCommand(String command, String argument) throws InterruptedException {
    return switch (command) {
      case "mark" -> KeyValues.none().with("readings", 0);
      case "warm" -> warm();
      case "open" -> {
        idle = new IdleSubscriptions(group, server, TOPIC, settings.count("connections"));
        idle.open(settings.count("sessions"), settings.count("subscriptions"));
        yield KeyValues.none().with("open", true);
      }
      case "publish" -> {
        publish(idle);
        long expected = settings.number("sessions") * settings.number("subscriptions");
        long delivered = idle.awaitDeliveries(expected);
        yield KeyValues.none()
            .with("expected", expected)
            .with("delivered", delivered)
            .with("problem", idle.problem().replace(' ', '_'));
      }
      default -> throw ProcessConsole.unknown(command);
    };
  }

  /** Loads classes and fills pools on both sides. */
  private KeyValues warm() throws InterruptedException {
    int connections = Math.min(WARM_CONNECTIONS, settings.count("connections"));
    try (var some = new IdleSubscriptions(group, server, TOPIC, connections)) {
      publish(some);
      some.open(WARM_SESSIONS, 1);
      publish(some);
      some.awaitDeliveries(WARM_SESSIONS);
    }
    return KeyValues.none().with("warm", true);
  }

  private static void publish(IdleSubscriptions through) {
    PublishServiceGrpc.newBlockingStub(through.channel())
        .withDeadlineAfter(PUBLISH_SECONDS, TimeUnit.SECONDS)
        .publish(
            PublishRequest.newBuilder()
                .setTopic(TOPIC)
                .setBatch(
                    Batch.newBuilder()
                        .addRows(Reading.newBuilder().setSensor("line/temp").setDouble(1)))
                .build());
  }
}

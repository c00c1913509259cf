package dev.weir.bench.scenario;

import dev.weir.bench.BenchFailure;
import dev.weir.bench.LaunchOptions;
import dev.weir.bench.load.KeyValues;
import dev.weir.bench.measure.ContenderInfo;
import dev.weir.bench.peer.JavaPeer;
import dev.weir.bench.peer.MissingPeer;
import dev.weir.bench.peer.NatsPeer;
import dev.weir.bench.peer.Peer;
import dev.weir.service.app.WeirServer;
import io.grpc.ManagedChannel;
import io.nats.client.Nats;
import java.nio.file.Path;
import java.util.Locale;

/** Every system in every configuration that is compared, with its description. Immutable. */
enum ComparedSystem {
  WEIR_SYNCED("weir", "fsynced before the ack and before any delivery", "defaults") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("durability", "SYNCED").with("batch", 0);
    }
  },
  WEIR_MEMORY("weir", "in the server's memory", "defaults; topic MEMORY") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("durability", "MEMORY").with("batch", 0);
    }
  },
  WEIR_MEMORY_SINGLY(
      "weir", "in the server's memory", "topic MEMORY; batchReadingsMax 1: never two in a batch") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("durability", "MEMORY").with("batch", 1);
    }
  },
  NATS(
      "nats",
      "none: at most once, in memory",
      "one message per reading; client buffer 256 KiB, no limit of pending messages; at most"
          + " 262,144 readings under way") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("window", 262_144);
    }
  },
  NATS_COLUMNS(
      "nats-columns",
      "none: at most once, in memory",
      "4,096 readings per message in Weir's columns; client buffer 256 KiB, no limit of pending"
          + " messages; at most 1,048,576 readings under way") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("window", 1_048_576).with("batch", 4_096);
    }
  },
  JETSTREAM(
      "jetstream",
      "in the page cache, fsynced every 2 min",
      "file storage; one message per reading, async publish, at most 4,096 acks open") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("pending", 4_096);
    }
  },
  JETSTREAM_SYNC(
      "jetstream",
      "fsynced before the ack",
      "file storage, sync_interval: always; one message per reading, async publish, at most 512"
          + " acks open") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("pending", 512);
    }
  },
  KAFKA(
      "kafka",
      "acks=all of one broker: in the page cache",
      "one partition, idempotent; linger.ms 5, batch.size 256 KiB, buffer.memory 64 MiB; fetches up"
          + " to 16 MiB, max.poll.records 50,000") {
    @Override
    KeyValues load() {
      return kafka(0);
    }
  },
  KAFKA_FLUSH(
      "kafka",
      "acks=all of one broker: fsynced before the ack",
      "the same and flush.messages=1 (one fsync per batch)") {
    @Override
    KeyValues load() {
      return kafka(1);
    }
  },
  RELAY_COLUMNS(
      "relay-columns",
      "none: passes bytes on",
      "bare gRPC, 4,096 readings per message in Weir's columns; onReady threshold 256 KiB") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("batch", 4_096);
    }
  },
  RELAY_ROWS("relay-rows", "none: passes bytes on", "bare gRPC, 1,000 protobuf rows per message") {
    @Override
    KeyValues load() {
      return KeyValues.none().with("batch", 1_000);
    }
  };

  private final String system;
  private final String durability;
  private final String settings;

  ComparedSystem(String system, String durability, String settings) {
    this.system = system;
    this.durability = durability;
    this.settings = settings;
  }

  /** The settings of its publisher and subscriber, beyond those that all have. */
  abstract KeyValues load();

  private static KeyValues kafka(int flushMessages) {
    return KeyValues.none()
        .with("flush_messages", flushMessages)
        .with("linger", 5)
        .with("batch_bytes", 256 * 1024);
  }

  /** Its name in tables and results. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the name of the system in the settings of its processes. */
  String system() {
    return system;
  }

  /** Starts its server. */
  Peer serve(LaunchOptions launch, Path data)
      throws BenchFailure, InterruptedException, MissingPeer {
    String name = label() + "-server";
    return switch (this) {
      case WEIR_SYNCED, WEIR_MEMORY, WEIR_MEMORY_SINGLY -> JavaPeer.weir(name, launch, data);
      case NATS, NATS_COLUMNS -> NatsPeer.core(data);
      case JETSTREAM -> NatsPeer.jetStream(data, "2m");
      case JETSTREAM_SYNC -> NatsPeer.jetStream(data, "always");
      case KAFKA, KAFKA_FLUSH -> JavaPeer.kafka(name, launch, data);
      case RELAY_COLUMNS, RELAY_ROWS -> JavaPeer.relay(name, launch);
    };
  }

  /** Describes it for the table. */
  ContenderInfo contender() throws MissingPeer {
    return new ContenderInfo(label(), version(), durability, settings);
  }

  private String version() throws MissingPeer {
    return switch (system) {
      case "weir" -> "weir " + WeirServer.class.getPackage().getImplementationVersion();
      case "kafka" -> "kafka " + JavaPeer.kafkaVersion();
      case "relay-columns", "relay-rows" ->
          "grpc-java " + ManagedChannel.class.getPackage().getImplementationVersion();
      default -> "nats-server " + NatsPeer.version() + ", jnats " + Nats.CLIENT_VERSION;
    };
  }
}

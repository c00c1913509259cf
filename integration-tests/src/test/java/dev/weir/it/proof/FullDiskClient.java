package dev.weir.it.proof;

import com.google.protobuf.Any;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.weir.v1.AdminServiceGrpc;
import dev.weir.v1.Batch;
import dev.weir.v1.CatalogServiceGrpc;
import dev.weir.v1.CommitCursorRequest;
import dev.weir.v1.CreateTopicRequest;
import dev.weir.v1.Delivery;
import dev.weir.v1.GetServerInfoRequest;
import dev.weir.v1.PublishRequest;
import dev.weir.v1.PublishServiceGrpc;
import dev.weir.v1.Reading;
import dev.weir.v1.Retention;
import dev.weir.v1.Start;
import dev.weir.v1.SubscribeServiceGrpc;
import dev.weir.v1.TailRequest;
import dev.weir.v1.TailResponse;
import dev.weir.v1.Topic;
import dev.weir.v1.Until;
import dev.weir.v1.UpdateTopicRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * All that clients do to a server with a full disk: one call after the other, through the stubs.
 * Owned by its audit.
 */
final class FullDiskClient {
  static final int PARTITIONS = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TOPIC = "line";
  private static final String PRODUCER = "filler";
  private static final int TEXT_CHARS = 30_000;
  private static final int TEXT_CHARS_SPREAD = 1_000;

  private final AuditFindings complaints;
  private final long[] acked = new long[PARTITIONS];
  private final String[] sensors = new String[PARTITIONS];
  private ManagedChannel channel;
  private String cursor = "";
  private int next; // partition
  private long refused;

  FullDiskClient(RealServer server, AuditFindings complaints) {
    this.complaints = complaints;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      sensors[partition] = new NumberedSource(PRODUCER, partition, PARTITIONS, 1).sensor(0);
    }
    again(server);
  }

  /** Continues with another server of the same directory. */
  FullDiskClient again(RealServer server) {
    channel = NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
    return this;
  }

  long acked(int partition) {
    return acked[partition];
  }

  void createTopics() {
    createTopic(TOPIC);
  }

  private void createTopic(String name) {
    Topic topic = Topic.newBuilder().setName(name).setPartitionCount(PARTITIONS).build();
    CatalogServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .createTopic(CreateTopicRequest.newBuilder().setTopic(topic).build());
  }

  /** Publishes the next batch of the next partition; whether it was stored. */
  boolean publish() {
    int partition = next;
    long sequence = acked[partition] + 1;
    try {
      publish(partition, sequence);
      acked[partition] = sequence;
      next = (partition + 1) % PARTITIONS;
      return true;
    } catch (StatusRuntimeException e) {
      refused++;
      requireReason(e);
      return false;
    }
  }

  private boolean publish(int partition, long sequence) {
    int chars = TEXT_CHARS - (int) (sequence * 37 % TEXT_CHARS_SPREAD);
    char[] text = new char[chars];
    Arrays.fill(text, (char) ('a' + sequence % 26));
    Reading reading =
        Reading.newBuilder()
            .setSensor(sensors[partition])
            .setText(sequence + " " + new String(text))
            .build();
    return PublishServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .publish(
            PublishRequest.newBuilder()
                .setTopic(TOPIC)
                .setProducer(PRODUCER)
                .setSequence(sequence)
                .setBatch(Batch.newBuilder().addRows(reading))
                .build())
        .getDuplicate();
  }

  private void requireReason(StatusRuntimeException refusal) {
    String reason = "";
    boolean delay = false;
    try {
      for (Any detail : StatusProto.fromThrowable(refusal).getDetailsList()) {
        delay |= detail.is(RetryInfo.class);
        reason = detail.is(ErrorInfo.class) ? detail.unpack(ErrorInfo.class).getReason() : reason;
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
    complaints.unless(
        refusal.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
            && reason.equals("DISK_FULL")
            && delay,
        "refused with %s, %s",
        reason,
        refusal);
  }

  /** Requires that a duplicate of a stored batch is acknowledged, also on a full disk. */
  void requireDuplicateAcked() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      complaints.unless(
          publish(partition, acked[partition]), "a stored batch is no duplicate on a full disk");
    }
  }

  /** Commits and topics are taken; where somebody else had all space, at the second try. */
  void requireEverythingElse() {
    complaints.unless(
        ProcessWait.until(() -> isTaken(() -> createTopic("another")), PATIENCE),
        "no topic can be created");
    complaints.unless(
        ProcessWait.until(() -> isTaken(this::commit), PATIENCE), "nothing is committed");
  }

  private void commit() {
    SubscribeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .commitCursor(
            CommitCursorRequest.newBuilder()
                .setTopic(TOPIC)
                .setName("reader")
                .setCursor(cursor)
                .build());
  }

  private boolean isTaken(Runnable call) {
    try {
      call.run();
      return true;
    } catch (StatusRuntimeException e) {
      requireReason(e);
      return false;
    }
  }

  /** Shortens retention. */
  void keepOnly(long bytes) {
    complaints.unless(
        ProcessWait.until(() -> isTaken(() -> retain(bytes)), PATIENCE),
        "retention is not changed");
  }

  private void retain(long bytes) {
    Topic topic =
        Topic.newBuilder()
            .setName(TOPIC)
            .setRetention(Retention.newBuilder().setMaxBytes(bytes))
            .build();
    CatalogServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .updateTopic(
            UpdateTopicRequest.newBuilder()
                .setTopic(topic)
                .setUpdateMask(FieldMask.newBuilder().addPaths("retention"))
                .build());
  }

  /** Returns everything stored, by partition. */
  Map<Integer, List<Reading>> stored() {
    Map<Integer, List<Reading>> stored = new HashMap<>();
    Iterator<TailResponse> answers =
        SubscribeServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .tail(
                TailRequest.newBuilder()
                    .setTopic(TOPIC)
                    .setStart(Start.newBuilder().setEarliest(true))
                    .setUntil(Until.newBuilder().setNow(true))
                    .build());
    while (answers.hasNext()) {
      Delivery delivery = answers.next().getDelivery();
      for (Reading reading : delivery.getReadingsList()) {
        stored.computeIfAbsent(delivery.getPartition(), none -> new ArrayList<>()).add(reading);
        cursor = reading.getCursor();
      }
    }
    return stored;
  }

  /** The number in a reading. */
  static long number(Reading reading) {
    String text = reading.getText();
    return Long.parseLong(text.substring(0, text.indexOf(' ')));
  }

  /** Returns whether info and health report the disk as full, or as not full, and nothing worse. */
  boolean saysFull(boolean full) {
    boolean said =
        AdminServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .getServerInfo(GetServerInfoRequest.getDefaultInstance())
            .getStorage()
            .getDiskFull();
    return said == full
        && isServing("weir.disk") != full
        && isServing("weir.log")
        && isServing("weir.v1.PublishService")
        && isServing("");
  }

  private boolean isServing(String service) {
    return HealthGrpc.newBlockingStub(channel)
            .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .check(HealthCheckRequest.newBuilder().setService(service).build())
            .getStatus()
        == ServingStatus.SERVING;
  }

  void close() {
    channel.shutdownNow();
  }

  @Override
  public String toString() {
    return String.format(
        "%,d batches acknowledged, %,d times refused for want of space",
        Arrays.stream(acked).sum(), refused);
  }
}

package dev.weir.it.squeeze;

import dev.weir.client.ClientOptions;
import dev.weir.client.WeirClient;
import dev.weir.it.proof.AuditFindings;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The honest clients of a server, which are measured all the time: a publisher, a subscriber in
 * rows and one in columns, a caller. Each has a connection of its own. Owned by the audit.
 */
final class HonestClients implements AutoCloseable {
  private static final long LOOK_EVERY_NANOS = 10_000_000;
  private static final Duration LAST_READINGS = Duration.ofMinutes(1);

  private final AuditFindings findings;
  private final WeirClient publishing;
  private final WeirClient readingRows;
  private final WeirClient readingColumns;
  private final ManagedChannel calling;
  private final HonestPublisher publisher;
  private final HonestReader rows;
  private final HonestReader columns;
  private final HonestCaller caller;

  /** Connects; the topic is there. */
  HonestClients(String address, long seed, AuditFindings findings) throws InterruptedException {
    this.findings = findings;
    publishing = client(address, seed);
    readingRows = client(address, seed + 1);
    readingColumns = client(address, seed + 2);
    calling = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    publisher = new HonestPublisher(publishing, findings);
    rows = HonestReader.rows(readingRows, publisher, findings);
    columns = HonestReader.columns(readingColumns, publisher, findings);
    caller = new HonestCaller(calling);
    rows.awaitActive();
    columns.awaitActive();
    publisher.start();
    caller.start();
  }

  private static WeirClient client(String address, long seed) {
    return WeirClient.connect(
        ClientOptions.builder(address).backoffSeed(seed).closeTimeout(Duration.ZERO).build());
  }

  /** The latencies of each of them for what was due in a span, as far as they are known now. */
  Map<String, Latencies> latencies(long fromNanos, long toNanos) {
    long now = System.nanoTime();
    Map<String, Latencies> all = new LinkedHashMap<>();
    all.put("acks", publisher.acks().between(fromNanos, toNanos, now));
    all.put("rows", rows.delivered().between(fromNanos, toNanos, now));
    all.put("columns", columns.delivered().between(fromNanos, toNanos, now));
    all.put("calls", caller.answers().between(fromNanos, toNanos, now));
    return all;
  }

  /** Returns how long each of them was refused. */
  Map<String, RefusalTime> refusedTimes() {
    Map<String, RefusalTime> all = new LinkedHashMap<>();
    all.put("publisher", publisher.refusedTime());
    all.put("rows", rows.refusedTime());
    all.put("columns", columns.refusedTime());
    all.put("caller", caller.refusedTime());
    return all;
  }

  /** Takes the caller's refusals by message. */
  Map<String, Integer> takeFailures() {
    return caller.takeFailures();
  }

  long sent() {
    return publisher.sent() - publisher.firstSent();
  }

  /** Ends publishing, and makes a finding of everything that is lost, or comes twice. */
  void settle() throws InterruptedException {
    publisher.finish();
    caller.end();
    until(() -> rows.hasAll() && columns.hasAll(), LAST_READINGS);
    rows.expectAll();
    columns.expectAll();
    HonestReader.readBack(publishing, publisher, findings);
  }

  /** Returns whether the condition came true in time. */
  static boolean until(BooleanSupplier condition, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return condition.getAsBoolean();
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    return true;
  }

  @Override
  public void close() {
    publisher.close();
    rows.close();
    columns.close();
    publishing.close();
    readingRows.close();
    readingColumns.close();
    calling.shutdownNow();
  }
}

package dev.weir.client.internal.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.internal.batch.FramePiece;
import dev.weir.v1.Kind;
import dev.weir.v1.Sensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * A spool against a model of the disk, of the server's rule of sequences, and of a session: however
 * often process, machine and connection die, and wherever, and however each session wants frames
 * cut, every reading of every accepted frame is stored once and in order, or was refused.
 */
class SpoolProperties {
  private static final Path DIRECTORY = Path.of("/spool");
  private static final int PARTITIONS = 3;
  private static final int FRAMES = 120;
  private static final int READINGS_MAX = 4;

  private Random random;
  private FakeDisk disk;
  private Server server;

  /** Unique numbers of the frames that were written, as far as the spool still has them. */
  private List<Integer> written;

  private long synced;
  private int made;
  private static int deaths;

  /** What a partition of the server stored: batches of readings, in order. */
  private static final class Server {
    final List<List<List<Integer>>> stored = new ArrayList<>();
    final List<Set<Integer>> refused = new ArrayList<>();

    Server() {
      for (int p = 0; p < PARTITIONS; p++) {
        stored.add(new ArrayList<>());
        refused.add(new HashSet<>());
      }
    }

    long last(int partition) {
      return stored.get(partition).size();
    }

    List<Integer> readings(int partition) {
      return stored.get(partition).stream().flatMap(List::stream).toList();
    }
  }

  @Property(tries = 300)
  void processMachineAndConnectionDie_everythingAcceptedIsStoredOnceInOrder(@ForAll long seed)
      throws IOException {
    begin(seed);
    while (made < FRAMES) {
      disk.dieIn(random.nextInt(120));
      live(1 + random.nextInt(60));
    }
    assertStoredOnceInOrder(seed);
  }

  @Property(tries = 1000) // of 1,200, one found a tail that was back after its cut
  void syncsFailToo_everythingAcceptedIsStoredOnceInOrder(@ForAll long seed) throws IOException {
    begin(seed);
    while (made < FRAMES) {
      disk.dieIn(random.nextInt(200));
      disk.failSync(1 + random.nextInt(40));
      disk.failDirectoryOpens(random.nextInt(3));
      live(1 + random.nextInt(60));
    }
    assertStoredOnceInOrder(seed);
  }

  private void assertStoredOnceInOrder(long seed) throws IOException {
    disk.live();
    live(Integer.MAX_VALUE);
    for (int p = 0; p < PARTITIONS; p++) {
      int partition = p;
      List<Integer> wanted = new ArrayList<>();
      written.forEach(id -> wanted.addAll(readings(id, 0, size(id, partition))));
      wanted.removeAll(server.refused.get(p));
      assertThat(server.readings(p)).as("partition %s of seed %s", p, seed).isEqualTo(wanted);
    }
  }

  @AfterContainer
  static void manyDied() {
    System.out.println("deaths of processes and machines: " + deaths);
    assertThat(deaths).isGreaterThan(300);
  }

  private void begin(long seed) {
    random = new Random(seed);
    disk = new FakeDisk(random);
    server = new Server();
    written = new ArrayList<>();
    synced = 0;
    made = 0;
  }

  /** One process; ends in order, or by the death of itself or of the machine. */
  private void live(int steps) throws IOException {
    Session session = null;
    Spool spool = null;
    try {
      spool = open();
      assertThat(spool.accepted().frames()).as("accepted").isBetween(synced, (long) written.size());
      assertThat(spool.status().readingsDamaged()).isZero();
      written.subList((int) spool.accepted().frames(), written.size()).clear();
      synced = written.size();
      session = new Session(spool);
      boolean toTheEnd = steps == Integer.MAX_VALUE;
      for (int step = 0; toTheEnd ? !session.isDone() : step < steps; step++) {
        session.step(toTheEnd);
      }
      spool.close();
    } catch (FakeDisk.Dead e) {
      die();
    } catch (IOException | UncheckedIOException e) { // a sync failed
      disk.live();
      if (spool != null && random.nextBoolean()) {
        spool.abandon();
      }
      die();
    }
  }

  private void die() {
    deaths++;
    if (random.nextBoolean()) {
      disk.powerCut();
    } else {
      disk.kill();
    }
  }

  private Spool open() throws IOException {
    return Spool.open(disk, DIRECTORY, new SpoolSettings("t", "p", 7, 64 * 1024, false));
  }

  /** How many readings a frame has for a partition. */
  private static int size(int id, int partition) {
    boolean has = (mask(id) >>> partition & 1) == 1;
    return has ? 1 + Math.floorMod(id * 13 + partition, READINGS_MAX) : 0;
  }

  private static List<Integer> readings(int id, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> id * READINGS_MAX + i).toList();
  }

  private static long mask(int id) {
    return 1L + Math.floorMod(id * 31L, 7); // one, two or three partitions
  }

  /** What the loop does with a spool, and the server with it. */
  private final class Session {
    private final Spool spool;
    private final List<Deque<Batch>> waiting = new ArrayList<>();
    private final List<Deque<Batch>> inFlight = new ArrayList<>();
    private int readingsMax = 1 + random.nextInt(READINGS_MAX);
    private boolean begun;
    private boolean open;

    private record Batch(FramePiece piece, List<Integer> readings) {}

    Session(Spool spool) {
      this.spool = spool;
      for (int p = 0; p < PARTITIONS; p++) {
        waiting.add(new ArrayDeque<>());
        inFlight.add(new ArrayDeque<>());
      }
    }

    boolean isDone() {
      return begun && spool.ledger().settledThrough() == spool.accepted().frames();
    }

    void step(boolean toTheEnd) throws IOException {
      switch (random.nextInt(toTheEnd ? 6 : 9)) {
        case 0 -> connect();
        case 1 -> hand();
        case 2, 3 -> send(random.nextInt(PARTITIONS), toTheEnd);
        case 4 -> spool.release(random.nextBoolean());
        case 5 -> {
          spool.sync();
          synced = written.size();
        }
        case 6 -> open = false;
        default -> write();
      }
    }

    private void write() throws IOException {
      int id = made++;
      BitSet keys = new BitSet();
      keys.set(id % 5);
      byte[] body = ByteBuffer.allocate(4 + random.nextInt(400)).putInt(0, id).array();
      long mask = spool.partitionCount() == 0 ? 0 : mask(id);
      written.add(id); // before, because it may be on the disk though the process died
      if (!append(keys, body, mask)) {
        written.remove(written.size() - 1);
      }
    }

    /** Tries again once what may be tried again. */
    private boolean append(BitSet keys, byte[] body, long mask) throws IOException {
      boolean atOnce = random.nextBoolean();
      try {
        return spool.append(
            1, null, new Spool.Sensors(keys, 5, SpoolProperties::sensor), body, mask, atOnce);
      } catch (IOException e) {
        return spool.append(
            1, null, new Spool.Sensors(keys, 5, SpoolProperties::sensor), body, mask, atOnce);
      }
    }

    private void connect() throws IOException {
      if (!begun) {
        long[] last = {server.last(0), server.last(1), server.last(2)};
        assertThat(spool.opened("a", 1, last)).as("nothing is lost").isEmpty();
        spool.saveIfNeeded();
        begun = true;
      }
      open = true;
      for (int p = 0; p < PARTITIONS; p++) {
        settle(p);
        while (!inFlight.get(p).isEmpty()) {
          waiting.get(p).addFirst(inFlight.get(p).removeLast());
        }
      }
      int wanted = 1 + random.nextInt(READINGS_MAX);
      if (wanted != readingsMax) {
        readingsMax = wanted;
        waiting.forEach(Deque::clear);
        spool.rewind();
      }
    }

    /** Acks of what is stored, which a broken connection may have eaten. */
    private void settle(int p) {
      List<List<Integer>> stored = server.stored.get(p);
      while (!inFlight.get(p).isEmpty() && stored.contains(inFlight.get(p).element().readings())) {
        Batch batch = inFlight.get(p).remove();
        spool.ledger().stored(p, batch.piece(), stored.indexOf(batch.readings()) + 1);
      }
    }

    private void hand() throws IOException {
      SpoolFrame frame = begun ? spool.next() : null;
      if (frame == null) {
        return;
      }
      int id = ByteBuffer.wrap(frame.batch()).getInt();
      for (int p = 0; p < PARTITIONS; p++) {
        for (int from = 0; from < size(id, p); ) {
          from = hand(p, new FramePiece(frame.number(), from), id);
        }
      }
      spool.saveIfNeeded();
    }

    /** Hands a piece, cut where it is too large; where it ends. */
    private int hand(int p, FramePiece piece, int id) {
      int end = spool.ledger().endOf(p, piece.from(), size(id, p));
      if (spool.ledger().hand(p, piece.from()) == SpoolSequences.Fate.SEND) {
        if (end - piece.from() > readingsMax) {
          end = piece.from() + readingsMax;
          spool.ledger().cut(p, end);
        }
        waiting.get(p).add(new Batch(piece, readings(id, piece.from(), end)));
      }
      return end;
    }

    /** The next batch of a partition: stored or refused; the answer comes now, later or never. */
    private void send(int p, boolean toTheEnd) throws IOException {
      if (!open || waiting.get(p).isEmpty()) {
        return;
      }
      Batch batch = waiting.get(p).remove();
      assertThat(server.readings(p))
          .as("sent again though stored")
          .doesNotContainAnyElementsOf(batch.readings());
      if (inFlight.get(p).isEmpty() && random.nextInt(6) == 0) {
        server.refused.get(p).addAll(batch.readings());
        spool.ledger().refused(p, batch.piece());
        spool.saveIfNeeded();
        return;
      }
      server.refused.get(p).removeAll(batch.readings());
      server.stored.get(p).add(batch.readings());
      inFlight.get(p).add(batch);
      if (toTheEnd || random.nextInt(3) > 0) {
        settle(p);
      }
    }
  }

  private static Sensor sensor(int key) {
    return Sensor.newBuilder().setName("s" + key).setKind(Kind.KIND_DOUBLE).build();
  }
}

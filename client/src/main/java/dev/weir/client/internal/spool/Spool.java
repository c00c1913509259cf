package dev.weir.client.internal.spool;

import dev.weir.client.SpoolStatus;
import dev.weir.client.WeirException;
import dev.weir.client.internal.spool.SpoolState.Accepted;
import dev.weir.client.internal.spool.SpoolState.LostRange;
import dev.weir.common.OwnedBy;
import dev.weir.common.file.DataFiles;
import dev.weir.v1.Sensor;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue of readings on disk that outlives its process: what it accepted is read in order, once
 * there is a session, until it is settled. Owned by the spool thread.
 *
 * <p>An {@link IOException} leaves everything as it was, and the same may be tried again; an {@link
 * UncheckedIOException} says that nobody knows what is on the disk: nothing more may be accepted,
 * and only closing makes sense.
 */
@OwnedBy("spool thread")
final class Spool implements Closeable {
  /**
   * The sensors of a frame.
   *
   * @param keys their keys
   * @param keysGiven how many keys were given so far
   * @param of the sensor of a key
   */
  record Sensors(BitSet keys, int keysGiven, IntFunction<Sensor> of) {}

  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private final SpoolSegments segments;
  private final SpoolStateFile stateFile;
  private final Closeable lock;
  private final SpoolSettings settings;
  private final Map<Integer, Sensor> recoveredSensors;
  private final long recoveredLimit;
  private final SpoolSequences ledger;
  private final BitSet defined = new BitSet();
  private final LostFrames losses;
  private final UnsettledFrames unsettled;

  private String logId;
  private long epoch;
  private final SpoolState.Opener opener;
  private Accepted written;
  private Accepted accepted;
  private int keys;
  private boolean online;
  private boolean onlyAccepted = true;

  private Spool(
      SpoolSegments segments,
      SpoolStateFile stateFile,
      Closeable lock,
      SpoolSettings settings,
      SpoolState state,
      SpoolRecovery found) {
    this.segments = segments;
    this.stateFile = stateFile;
    this.lock = lock;
    this.settings = settings;
    this.recoveredSensors = found.sensors();
    this.accepted = found.accepted();
    this.written = accepted;
    this.recoveredLimit = Math.min(found.sendLimit(), accepted.frames());
    this.ledger =
        new SpoolSequences(
            state.anchors(), state.excluded(), state.cuts(), state.firstFrame(), recoveredLimit);
    this.losses = new LostFrames(state, recoveredLimit);
    this.unsettled = new UnsettledFrames(segments, ledger, losses, state, found.sendLimit());
    this.logId = state.logId();
    this.epoch = state.epoch();
    this.opener = state.opener().next(settings.newInstance());
    this.keys = found.keys();
  }

  /**
   * Opens the spool of a directory, which is made where it is missing. Blocks while it reads.
   *
   * @throws WeirException where it cannot be used; it says why and what to do
   */
  static Spool open(DataFiles files, Path directory, SpoolSettings settings) throws IOException {
    files.createDirectories(directory);
    Closeable lock = files.lock(directory.resolve("lock"));
    if (lock == null) {
      throw SpoolErrors.inUse(directory);
    }
    try {
      SpoolStateFile stateFile = new SpoolStateFile(files, directory);
      SpoolSegments segments = new SpoolSegments(files, directory, settings.segmentBytes());
      SpoolState state = stateFile.loadOrMake(settings);
      SpoolRecovery recovery = new SpoolRecovery(segments, state);
      recovery.run(state);
      Spool spool = new Spool(segments, stateFile, lock, settings, state, recovery);
      recovery.holes().forEach(spool.unsettled::know);
      spool.closeHole();
      spool.save();
      return spool;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Frames missing at the end are passed when one is read behind them: here is an empty one. */
  private void closeHole() throws IOException {
    if (losses.holds(accepted.frames())) {
      append(0, null, new Sensors(new BitSet(), keys, key -> null), new byte[0], 0, false);
      sync();
    }
  }

  /** The sensors that unsettled frames name, by key. */
  Map<Integer, Sensor> recoveredSensors() {
    return recoveredSensors;
  }

  /** Returns the position up to which readings are accepted for good: they are synced. */
  Accepted accepted() {
    return accepted;
  }

  /** The frame that was written last, synced or not. */
  long lastWritten() {
    return written.frames();
  }

  /** The producer's epoch; 0: no session was open yet. */
  long epoch() {
    return epoch;
  }

  /** As whom this process opens sessions. */
  SpoolState.Opener opener() {
    return opener;
  }

  /** Returns the number of partitions of the topic; 0: not known yet. */
  int partitionCount() {
    return ledger.partitionCount();
  }

  /** The numbers of its parts. */
  SpoolSequences ledger() {
    return ledger;
  }

  /** What is gone of it. */
  LostFrames losses() {
    return losses;
  }

  /** Returns the number of keys that earlier processes may have given to sensors. */
  int keys() {
    return keys;
  }

  /** Returns its contents. */
  SpoolStatus status() {
    return new SpoolStatus(
        segments.bytes(),
        waitingReadings(),
        accepted.readings(),
        accepted.position(),
        accepted.behindPosition(),
        losses.dropped(),
        losses.damaged());
  }

  /** Readings of frames that are not wholly settled and still there. */
  private long waitingReadings() {
    long settled = ledger.settledThrough();
    long there = accepted.readings() - unsettled.settledReadings() - losses.readingsBehind(settled);
    return Math.max(0, there);
  }

  // ---- taking frames

  /**
   * Writes a frame behind the last one; it is accepted with the next {@link #sync}.
   *
   * @param sensors its sensors
   * @param partitions as bits; 0: not known
   * @param maySendAtOnce whether the session would take it as soon as it is synced
   * @return whether there was room for it
   */
  boolean append(
      int readings,
      SpoolFrame.Mark mark,
      Sensors sensors,
      byte[] batch,
      long partitions,
      boolean maySendAtOnce)
      throws IOException {
    long number = written.next();
    boolean next = online && maySendAtOnce && unsettled.expected() == number;
    long limit = next ? number : unsettled.sendLimit();
    var head =
        new SpoolFrame.Head(
            number,
            readings,
            written.readings(),
            partitions,
            limit,
            accepted.frames(),
            sensors.keysGiven());
    while (true) {
      boolean newFile = segments.isNewFileDue();
      if (newFile) {
        defined.clear();
      }
      SpoolFrame frame = new SpoolFrame(head, mark, introduced(sensors), batch);
      byte[] record = SpoolFrameCodec.write(frame);
      if (!makeRoom(record.length)) {
        return false;
      }
      if (newFile == segments.isNewFileDue()) {
        write(frame, record);
        return true;
      }
    }
  }

  private Map<Integer, Sensor> introduced(Sensors used) {
    Map<Integer, Sensor> sensors = new LinkedHashMap<>();
    used.keys().stream()
        .filter(key -> !defined.get(key))
        .forEach(key -> sensors.put(key, used.of().apply(key)));
    return sensors;
  }

  private void write(SpoolFrame frame, byte[] record) throws IOException {
    if (segments.isNewFileDue()) {
      sync();
      segments.begin(frame.number(), written.readings());
    }
    segments.append(frame.head(), record);
    frame.sensors().keySet().forEach(defined::set);
    written = written.plus(frame);
    unsettled.allow(frame.head().sendLimit());
    keys = Math.max(keys, frame.head().keys());
  }

  /** Makes what was written durable, and so accepted. */
  void sync() {
    segments.sync();
    accepted = written;
  }

  private boolean makeRoom(int bytes) throws IOException {
    if (bytes > settings.bytesMax() / 2) {
      throw new IllegalArgumentException(bytes + " bytes in a spool of " + settings.bytesMax());
    }
    if (!fits(bytes)) {
      release(true);
    }
    while (!fits(bytes)) {
      if (!settings.dropOldest() || !dropOldest()) {
        return false;
      }
    }
    return true;
  }

  private boolean fits(int bytes) {
    return segments.bytes() + bytes + SpoolFrameCodec.SEGMENT_HEADER_BYTES <= settings.bytesMax();
  }

  /** Deletes what is settled. */
  void release(boolean alsoOpen) throws IOException {
    long settled = ledger.settledThrough();
    if (alsoOpen && settled >= written.frames()) {
      segments.roll();
    }
    List<SpoolSegments.Segment> over =
        segments.list().stream()
            .filter(segment -> segment.lastFrame() <= settled && !segments.isOpen(segment))
            .toList();
    if (!over.isEmpty()) {
      save();
      for (SpoolSegments.Segment segment : over) {
        segments.delete(segment);
      }
    }
  }

  /** Gives up the oldest file of which nothing can have been sent; whether there was one. */
  private boolean dropOldest() throws IOException {
    long sent = Math.max(recoveredLimit, ledger.handedThrough());
    for (SpoolSegments.Segment segment : segments.list()) {
      if (segment.firstFrame() > sent && segment.lastFrame() >= segment.firstFrame()) {
        drop(segment);
        return true;
      }
    }
    return false;
  }

  private void drop(SpoolSegments.Segment segment) throws IOException {
    if (segments.isOpen(segment)) {
      sync();
      segments.roll();
    }
    LostRange dropped = losses.drop(segment);
    try {
      save();
    } catch (IOException e) {
      losses.undo(dropped);
      throw e;
    }
    try {
      segments.delete(segment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- sending frames

  /**
   * The first session of this process: who the producer is and what is stored.
   *
   * @param sessionLogId the topic's log; empty: an older server does not tell
   * @return what was acknowledged and is no longer stored
   * @throws WeirException TOPIC_REPLACED where it is another log, or has other partitions
   */
  List<SpoolSequences.Lost> opened(String sessionLogId, long sessionEpoch, long[] lastSequences) {
    boolean anotherLog = !logId.isEmpty() && !sessionLogId.isEmpty() && !logId.equals(sessionLogId);
    if (anotherLog || (partitionCount() > 0 && partitionCount() != lastSequences.length)) {
      throw SpoolErrors.replaced(settings.topic());
    }
    List<SpoolSequences.Lost> lost = ledger.open(lastSequences);
    logId = sessionLogId.isEmpty() ? logId : sessionLogId;
    epoch = sessionEpoch;
    online = true;
    return lost;
  }

  /** The next frame whose parts are to be handed, begun in the ledger; null: none for now. */
  SpoolFrame next() throws IOException {
    return online ? unsettled.next(accepted.frames()) : null;
  }

  /** What is not settled is handed once more; nothing of it is stored, or with a session. */
  void rewind() {
    unsettled.rewind();
  }

  /** A frame that was begun cannot be understood. */
  void unreadable(SpoolFrame frame) {
    unsettled.unreadable(frame);
  }

  // ---- what is durable besides

  /** Saves the state if something has to be durable before anything further is sent. */
  void saveIfNeeded() throws IOException {
    if (ledger.mustSave()) {
      save();
    }
  }

  private void save() throws IOException {
    unsettled.prune();
    stateFile.save(
        new SpoolState(
            settings.topic(),
            settings.producer(),
            logId,
            epoch,
            opener,
            accepted,
            unsettled.settledReadings(),
            unsettled.sendLimit(),
            keys,
            losses.dropped(),
            losses.damaged(),
            ledger.anchors(),
            ledger.excluded(),
            ledger.cuts(),
            losses.list()));
    ledger.saved();
  }

  /**
   * Gives the directory back with what was accepted.
   *
   * @return whether nothing else is in it; otherwise what was written last may be, or not
   */
  boolean abandon() {
    onlyAccepted &= segments.abandon();
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("the lock of a spool could not be closed", e);
    }
    return onlyAccepted;
  }

  /** Saves what is known and gives the directory back. */
  @Override
  public void close() throws IOException {
    try {
      sync();
      save();
    } finally {
      abandon();
    }
  }
}

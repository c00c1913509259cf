package dev.weir.service.partition;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.config.Limits;
import dev.weir.service.core.Slice;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.ProducerTable;
import dev.weir.service.core.sequence.SequenceCheck;
import dev.weir.service.log.AppendOutcome;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionLog;
import dev.weir.service.log.RecordType;
import dev.weir.service.wire.check.NamedBatch;
import dev.weir.v1.Sensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Turns requests into records of a round: sequence check, fencing, sensor ids. What it changes is
 * provisional until the round commits. Owned by the partition's writer.
 */
@OwnedBy("partition writer")
final class RequestSequencer {
  private static final int UTF8_BYTES_PER_CHAR_MAX = 3;
  private static final AppendOutcome COMMITTED = new AppendOutcome.Committed();

  /**
   * The terms that do not change while a partition is open.
   *
   * @param topic its topic's name
   * @param partition its number
   * @param epoch its epoch
   * @param log asked what records it takes
   * @param limits of the server
   */
  record Terms(String topic, int partition, long epoch, PartitionLog log, Limits limits) {}

  private final Terms terms;
  private final PartitionFaults refusals;
  private final ProducerTable producers;
  private final SensorBinder binder;
  private final ProducerSessions sessions;
  private final ProducerMemory account;
  private final CommitRoundReplies replies;
  private boolean stopped;
  private long nextOffset;
  private long readings;
  private long appendTimeNanos;

  /** Begins with what is folded from the log. */
  RequestSequencer(Terms terms, ProducerTable producers, SensorCatalog catalog) {
    this.terms = terms;
    this.refusals = new PartitionFaults(terms.topic(), terms.partition(), terms.limits());
    this.producers = producers;
    this.binder = new SensorBinder(catalog, terms.partition());
    this.sessions = new ProducerSessions(producers);
    this.account = new ProducerMemory(catalog, producers);
    this.replies = new CommitRoundReplies(refusals, producers, sessions, () -> stopped);
  }

  /**
   * Begins a round behind what is committed.
   *
   * @param isStopped nothing is stored any more before a restart
   */
  void begin(long committedOffset, long committedReadings, long nowNanos, boolean isStopped) {
    stopped |= isStopped;
    nextOffset = committedOffset;
    readings = committedReadings;
    appendTimeNanos = nowNanos;
  }

  void take(PartitionRequest request, CommitRound round) {
    if (request instanceof PartitionRequest.Append append) {
      append(append, round);
    } else if (request instanceof PartitionRequest.Define define) {
      define(define, round);
    } else if (request instanceof PartitionRequest.Open open) {
      open(open, round);
    } else if (request instanceof PartitionRequest.CheckOpen look) {
      look(look, round);
    } else if (request instanceof PartitionRequest.Leave leave) {
      sessions.leave(leave.publisher());
    } else if (request instanceof PartitionRequest.AskEpoch ask) {
      long epoch = sessions.greatestEpoch(ask.producer());
      round.whenSettled(outcome -> ask.reply().accept(epoch));
    }
  }

  /** Returns why nothing is stored any more before a restart. */
  Fault stoppedFault() {
    return refusals.poisoned();
  }

  void commit() {
    sessions.commit();
    producers.commit();
    binder.commit();
    account.settle();
  }

  /** See {@link ProducerTable#fence}; only between rounds. */
  void fence(String producer, long epoch) {
    producers.fence(producer, epoch);
    account.settle();
  }

  void rollback() {
    sessions.rollback();
    producers.rollback();
    binder.rollback();
    account.settle();
  }

  /**
   * The round may be stored or not. What its producers sent in it is neither acked nor refused
   * until a restart, nor are they told where to go on: their numbers must not get other readings.
   */
  void doubt() {
    stopped = true;
    sessions.doubt();
    rollback();
  }

  private void append(PartitionRequest.Append append, CommitRound round) {
    if (append.producer().isEmpty()) {
      store(append, 0, round);
      return;
    }
    if (append.payload() instanceof Payload.Refused refused && refused.isBad()) {
      replies.reject(append, refused.bad().fault(), refused.bad().rows(), round);
      return;
    }
    if (sessions.isInDoubt(append)) {
      round.whenSettled(
          outcome -> append.reply().accept(new PartitionResult.Unknown(refusals.poisoned())));
      return;
    }
    ProducerSession newest = sessions.newest(append.producer());
    long present = producers.epoch(append.producer());
    long epoch = append.epoch() == 0 ? Math.max(present, 1) : append.epoch();
    if (append.publisher() != null && append.publisher() != newest) {
      replies.rejectByState(
          append, PartitionFaults.supersededBy(append.publisher(), present), round);
      return;
    }
    if (append.publisher() == null && epoch > Math.max(present, 1)) {
      String unknown = "is " + epoch + ", which is not open (expected 0 or " + present + ")";
      Fault fault = // others may have stored it since this partition was stopped
          stopped ? refusals.poisoned() : Fault.invalid("epoch", unknown);
      replies.reject(append, fault, round);
      return;
    }
    SequenceCheck check = producers.check(append.producer(), epoch, append.sequence());
    if (check instanceof SequenceCheck.Fenced fenced) {
      replies.rejectByState(
          append, PartitionFaults.fenced(append.producer(), epoch, fenced.presentEpoch()), round);
    } else if (check instanceof SequenceCheck.Duplicate) {
      duplicate(append, round);
    } else if (stopped) {
      replies.reject(append, refusals.poisoned(), round);
    } else if (check instanceof SequenceCheck.OutOfSequence) {
      replies.outOfSequence(append, round);
    } else {
      store(append, epoch, round);
    }
  }

  private void store(PartitionRequest.Append append, long epoch, CommitRound round) {
    if (append.payload() instanceof Payload.Refused refused) {
      replies.reject(append, refused.bad().fault(), refused.bad().rows(), round);
    } else if (stopped) {
      replies.reject(append, refusals.poisoned(), round);
    } else if (append.notNow().isPresent()) {
      replies.reject(append, append.notNow().get(), round);
    } else if (!terms.log().hasRoom()) {
      replies.reject(append, refusals.noRoom(), round);
    } else if (append.payload() instanceof Payload.Encoded encoded) {
      if (isSound(append, encoded.batch().length(), encoded.eventMaxNanos(), round)
          && hasProducerRoom(append, round)) {
        write(append, epoch, encoded, List.of(), List.of(), round);
      }
    } else if (append.payload() instanceof Payload.Named named) {
      bindAndWrite(append, epoch, named.batch(), round);
    }
  }

  /** Returns whether a batch may be stored by its size and its event times; else rejects it. */
  private boolean isSound(
      PartitionRequest.Append append, long encodedBytesMax, long eventMaxNanos, CommitRound round) {
    long bytes = (long) append.producer().length() * UTF8_BYTES_PER_CHAR_MAX + encodedBytesMax;
    int bytesMax = terms.log().recordBytesMax();
    if (bytes > bytesMax) {
      replies.reject(append, PartitionFaults.recordTooLarge(bytes, bytesMax), round);
      return false;
    }
    if (!terms.log().hasRoomFor(bytes)) {
      replies.reject(append, refusals.noMemory(), round);
      return false;
    }
    long aheadMax = refusals.eventAheadNanosMax();
    boolean ahead = eventMaxNanos > appendTimeNanos && eventMaxNanos - appendTimeNanos > aheadMax;
    if (ahead && append.payload().readings() > 0) {
      List<Integer> rows = append.payload().rowsAfter(appendTimeNanos + aheadMax);
      replies.reject(
          append, refusals.tooFarAhead(rows, eventMaxNanos, appendTimeNanos), rows, round);
      return false;
    }
    return true;
  }

  /** Returns whether the producer of a batch is remembered or can be; else rejects the batch. */
  private boolean hasProducerRoom(PartitionRequest.Append append, CommitRound round) {
    Optional<Fault> full =
        append.producer().isEmpty() ? Optional.empty() : account.reserve(append.producer());
    full.ifPresent(fault -> replies.rejectByState(append, fault, round));
    return full.isEmpty();
  }

  private void bindAndWrite(
      PartitionRequest.Append append, long epoch, NamedBatch batch, CommitRound round) {
    if (!isSound(append, batch.encodedBytesMax(), batch.eventMaxNanos(), round)
        || !hasProducerRoom(append, round)) {
      return;
    }
    List<Sensor> sensors = batch.sensors();
    Optional<Fault> fault = Optional.empty();
    for (int i = 0; fault.isEmpty() && i < sensors.size(); i++) {
      fault = binder.conflict(sensors.get(i));
    }
    if (fault.isEmpty()) {
      fault = binder.reserve(sensors);
    }
    if (fault.isPresent()) {
      replies.rejectByState(append, fault.get(), round);
      return;
    }
    List<DefinedSensor> introduced = new ArrayList<>();
    List<DefinedSensor> bound = new ArrayList<>(sensors.size());
    int[] ids = new int[sensors.size()];
    for (int i = 0; i < ids.length; i++) {
      DefinedSensor sensor = binder.bind(sensors.get(i), introduced);
      bound.add(sensor);
      ids[i] = sensor.id();
    }
    var encoded =
        new Payload.Encoded(
            batch.encode(ids),
            batch.readings(),
            batch.eventMinNanos(),
            batch.eventMaxNanos(),
            batch.traceparent());
    write(append, epoch, encoded, introduced, bound, round);
  }

  private void write(
      PartitionRequest.Append append,
      long epoch,
      Payload.Encoded batch,
      List<DefinedSensor> introduced,
      List<DefinedSensor> bound,
      CommitRound round) {
    add(
        round,
        new LogRecord(
            nextOffset++,
            terms.epoch(),
            appendTimeNanos,
            batch.readings() == 0 ? RecordType.DEFINITIONS : RecordType.BATCH,
            append.producer(),
            epoch,
            append.sequence(),
            readings,
            batch.readings(),
            batch.eventMinNanos(),
            batch.eventMaxNanos(),
            SensorBinder.encode(introduced),
            batch.batch()));
    readings += batch.readings();
    round.trace(batch.traceparent(), batch.readings());
    if (!append.producer().isEmpty()) {
      producers.accept(append.producer(), epoch, append.sequence(), appendTimeNanos);
    }
    PartitionResult stored = new PartitionResult.Stored(false, batch.readings(), bound);
    round.whenSettled(
        outcome ->
            replies.reply(outcome, append.reply(), stored, replies.expected(append.producer())));
  }

  private void duplicate(PartitionRequest.Append append, CommitRound round) {
    round.whenSettled(
        outcome -> {
          boolean committed = append.sequence() <= producers.committedLast(append.producer());
          PartitionResult stored =
              new PartitionResult.Stored(true, 0, knownSensors(append.payload()));
          replies.reply(
              committed ? COMMITTED : outcome,
              append.reply(),
              stored,
              replies.expected(append.producer()));
        });
  }

  private List<DefinedSensor> knownSensors(Payload payload) {
    List<DefinedSensor> known = new ArrayList<>();
    if (payload instanceof Payload.Named named) {
      for (Sensor sensor : named.batch().sensors()) {
        DefinedSensor found = binder.find(sensor);
        if (found != null) {
          known.add(found);
        }
      }
    }
    return known;
  }

  private void define(PartitionRequest.Define define, CommitRound round) {
    Optional<Fault> full = stopped ? Optional.empty() : noRoomFor(define.sensors());
    if (full.isPresent()) {
      replies.refuse(define.reply(), full.get(), round);
      return;
    }
    Map<Integer, Fault> faults = new HashMap<>();
    List<DefinedSensor> introduced = new ArrayList<>();
    List<DefinedSensor> bound = new ArrayList<>();
    for (int i = 0; i < define.sensors().size(); i++) {
      Sensor sensor = define.sensors().get(i);
      Optional<Fault> fault = binder.conflict(sensor);
      if (fault.isEmpty()) {
        boolean isNew = binder.find(sensor) == null;
        fault =
            isNew && stopped ? Optional.of(refusals.poisoned()) : binder.reserve(List.of(sensor));
      }
      if (fault.isPresent()) {
        faults.put(i, fault.get());
      } else {
        bound.add(binder.bind(sensor, introduced));
      }
    }
    if (!introduced.isEmpty()) {
      add(round, control(RecordType.DEFINITIONS, "", 0, 0, SensorBinder.encode(introduced)));
    }
    PartitionResult defined = new PartitionResult.Defined(bound, faults);
    round.whenSettled(outcome -> replies.reply(outcome, define.reply(), defined));
  }

  /** Returns why the log does not take the new ones among some sensors, if so. */
  private Optional<Fault> noRoomFor(List<Sensor> sensors) {
    long bytes = binder.encodedBytesMax(sensors);
    PartitionLog log = terms.log();
    if (bytes == 0) {
      return Optional.empty();
    }
    if (!log.hasRoom()) {
      return Optional.of(refusals.noRoom());
    }
    if (bytes > log.recordBytesMax()) {
      return Optional.of(PartitionFaults.definitionsTooLarge(bytes, log.recordBytesMax()));
    }
    return log.hasRoomFor(bytes) ? Optional.empty() : Optional.of(refusals.noMemory());
  }

  private void open(PartitionRequest.Open open, CommitRound round) {
    ProducerSession publisher = open.publisher();
    String producer = publisher.producer();
    if (isFenced(publisher)) {
      refuseFenced(publisher, open.reply(), round);
      return;
    }
    boolean raises =
        !stopped && open.announce() && publisher.epoch() > producers.storedEpoch(producer);
    Optional<Fault> full = raises ? account.reserve(producer) : Optional.empty();
    if (full.isPresent()) {
      replies.refuse(open.reply(), full.get(), round);
      return;
    }
    ProducerSession older = sessions.open(publisher);
    if (older != null && older != publisher) {
      Fault fault = PartitionFaults.supersededBy(older, publisher.epoch());
      round.whenSettled(
          outcome -> {
            if (!(outcome instanceof AppendOutcome.NotStored)) {
              older.superseded(fault);
            }
          });
    }
    if (raises) {
      long last = producers.last(producer);
      add(
          round,
          control(RecordType.PRODUCER_EPOCH, producer, publisher.epoch(), last, Slice.EMPTY));
      producers.raise(producer, publisher.epoch(), last, appendTimeNanos);
    }
    round.whenSettled(
        outcome -> {
          boolean refused = outcome instanceof AppendOutcome.NotStored;
          PartitionResult opened = refused ? null : opened(publisher); // also where it is in doubt
          replies.reply(refused ? outcome : COMMITTED, open.reply(), opened);
        });
  }

  /** Answers as {@link #open} would, and changes nothing. */
  private void look(PartitionRequest.CheckOpen look, CommitRound round) {
    ProducerSession publisher = look.publisher();
    if (isFenced(publisher)) {
      refuseFenced(publisher, look.reply(), round);
    } else {
      round.whenSettled(outcome -> look.reply().accept(opened(publisher)));
    }
  }

  /** By a record, or by the newest session, whose epoch a stopped partition has no record of. */
  private boolean isFenced(ProducerSession publisher) {
    return producers.fences(publisher.producer(), publisher.epoch())
        || sessions.newestEpoch(publisher.producer()) > publisher.epoch();
  }

  private void refuseFenced(
      ProducerSession publisher, Consumer<PartitionResult> reply, CommitRound round) {
    String producer = publisher.producer();
    long present = Math.max(producers.epoch(producer), sessions.newestEpoch(producer));
    replies.refuse(reply, PartitionFaults.fenced(producer, publisher.epoch(), present), round);
  }

  private PartitionResult opened(ProducerSession publisher) {
    String producer = publisher.producer();
    long last = producers.committedLast(producer);
    boolean hasEpoch = producers.committedEpoch(producer) >= publisher.epoch();
    return stopped
        ? new PartitionResult.Opened(
            last,
            Optional.of(
                new PartitionResult.Stopped(
                    refusals.poisoned(), sessions.inDoubtThrough(producer), hasEpoch)))
        : new PartitionResult.Opened(last);
  }

  /**
   * Takes a record into a round, as {@link PartitionFold} will find it; before what it says of
   * others.
   */
  private void add(CommitRound round, LogRecord record) {
    producers.record(record.epoch(), record.appendTimeNanos());
    round.add(record);
  }

  private LogRecord control(
      RecordType type, String producer, long epoch, long sequence, Slice definitions) {
    return new LogRecord(
        nextOffset++,
        terms.epoch(),
        appendTimeNanos,
        type,
        producer,
        epoch,
        sequence,
        readings,
        0,
        0,
        0,
        definitions,
        Slice.EMPTY);
  }
}

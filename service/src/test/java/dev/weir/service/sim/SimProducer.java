package dev.weir.service.sim;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.session.publish.PublishSession;
import dev.weir.v1.Ack;
import dev.weir.v1.Define;
import dev.weir.v1.Defined;
import dev.weir.v1.OutcomeUnknown;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishOpened;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One process of a producer, by the rules of the contract: it keeps what is not acknowledged, and
 * sends it again on its next call. Owned by one world.
 */
final class SimProducer extends SimClient {
  private static final long PACE_NANOS_MAX = 12_000_000L;

  private final int process;
  private final List<PartitionProducer> lanes = new ArrayList<>();
  private final Map<String, Integer> bound = new HashMap<>();
  private String name;
  private long epoch;
  private int left;
  private int window;
  private int answersDue;
  private boolean opened;
  private boolean stopped;

  /** Half of them lose their call where nobody knows of a batch whether it is stored. */
  private final boolean knowsDoubt;

  /**
   * @param name "" for one that the server makes up
   * @param batches how many it has to send
   * @param again whether it sends stored batches again, and never other readings under a number
   */
  SimProducer(SimWorld world, int process, String name, int batches, boolean again) {
    super(world, "producer");
    this.process = process;
    this.name = name;
    this.left = batches;
    this.knowsDoubt = world.random().nextBoolean();
    for (int p = 0; p < world.partitions(); p++) {
      lanes.add(new PartitionProducer(world, this, p, again));
    }
    pace();
  }

  String name() {
    return name;
  }

  Map<String, Integer> bound() {
    return bound;
  }

  private void pace() {
    world.schedule.after(
        world.below(
            world.plan().kind() == SimPlan.Kind.HAND_OVERS ? PACE_NANOS_MAX / 8 : PACE_NANOS_MAX),
        line,
        () -> {
          if (left > 0 && !stopped) {
            if (opened && lanes.get(world.random().nextInt(lanes.size())).make()) {
              left--;
              pump();
            }
            pace();
          }
        });
  }

  @Override
  SimCall start() {
    SimCall started =
        new SimCall(
            world.schedule,
            world.server(),
            this,
            PublishSession::new,
            wrong -> world.book.fail("%s: %s", describe(), wrong));
    bound.clear();
    opened = false;
    answersDue = 0;
    started.send(
        PublishStreamRequest.newBuilder()
            .setOpen(
                PublishOpen.newBuilder()
                    .setTopic(SimServer.TOPIC)
                    .addAllFeatures(knowsDoubt ? List.of("outcome_unknown") : List.of())
                    .setProducer(name)
                    .setEpoch(name.isEmpty() ? 0 : epoch))
            .build());
    return started;
  }

  /** Sends what may be sent now. */
  void pump() {
    if (call == null || !opened) {
      return;
    }
    for (PartitionProducer lane : lanes) {
      PublishStreamRequest next = answersDue < window ? lane.next() : null;
      while (next != null) {
        answersDue++;
        call.send(next);
        next = answersDue < window ? lane.next() : null;
      }
    }
  }

  @Override
  public void onMessage(byte[] message) {
    try {
      PublishStreamResponse told = world.broken.told(PublishStreamResponse.parseFrom(message));
      if (told != null) {
        take(told);
      }
    } catch (InvalidProtocolBufferException malformed) {
      world.book.fail("%s was told nonsense: %s", describe(), malformed);
    }
    pump();
  }

  private void take(PublishStreamResponse told) {
    world.trace("told", this, told);
    if (told.hasOpened()) {
      opened(told.getOpened());
    } else if (told.hasAck()) {
      ack(told.getAck());
    } else if (told.hasReject()) {
      reject(told.getReject());
    } else if (told.hasOutcomeUnknown()) {
      unknown(told.getOutcomeUnknown());
    } else if (told.hasDefined()) {
      defined(told.getDefined());
    } else {
      world.book.fail("%s was told %s", describe(), told);
    }
  }

  private void opened(PublishOpened told) {
    opened = true;
    name = told.getProducer();
    epoch = told.getEpoch();
    window = told.getWindow().getBatches();
    for (PartitionSequence one : told.getLastSequencesList()) {
      if (!one.hasStopped()) {
        world.book.opened(name, one.getPartition(), epoch);
      }
      boolean inDoubt = one.getInDoubtThrough() > one.getLastSequence();
      if (inDoubt && !knowsDoubt) {
        world.book.fail("%s was opened although %s", describe(), one);
      }
      lanes.get(one.getPartition()).opened(one.getLastSequence(), one.getInDoubtThrough());
    }
    define();
  }

  private void define() {
    if (answersDue < window) {
      Define.Builder define = Define.newBuilder().setId(1);
      world.sensors().forEach(define::addSensors);
      answersDue++;
      call.send(PublishStreamRequest.newBuilder().setDefine(define).build());
    }
  }

  private void defined(Defined told) {
    answersDue--;
    told.getBindingsList()
        .forEach(
            binding -> {
              bound.put(binding.getName(), binding.getId());
              world.book.defined(binding.getId(), binding.getName());
            });
    if (told.getProblemsCount() > 0) {
      world.schedule.after(world.below(PACE_NANOS_MAX), line, () -> againIfOpen());
    }
  }

  private void againIfOpen() {
    if (call != null && opened) {
      define();
    }
  }

  private void ack(Ack ack) {
    window = ack.hasWindow() ? ack.getWindow().getBatches() : window;
    answersDue -= lanes.get(ack.getPartition()).ack(ack.getThroughSequence());
    Cursor.parse(ack.getCursor())
        .ifPresentOrElse(
            cursor -> cursorOf(ack, cursor),
            () -> world.book.fail("%s: the cursor of %s is none", describe(), ack));
  }

  private void cursorOf(Ack ack, Cursor cursor) {
    CommittedHistory kept = world.book.partition(ack.getPartition());
    kept.check(cursor.position(ack.getPartition()));
  }

  private void unknown(OutcomeUnknown told) {
    window = told.hasWindow() ? told.getWindow().getBatches() : window;
    answersDue--;
    if (!knowsDoubt) {
      world.book.fail("%s was told %s", describe(), told);
    }
    lanes.get(told.getPartition()).unknown(told.getSequence());
  }

  private void reject(Reject told) {
    window = told.hasWindow() ? told.getWindow().getBatches() : window;
    answersDue--;
    ErrorCode code = ErrorCode.valueOf(told.getProblem().getReason());
    if (code == ErrorCode.INTERNAL) {
      world.book.fail("%s was told of a defect: %s", describe(), told);
    }
    lanes.get(told.getPartition()).reject(told.getSequence());
  }

  @Override
  void onOver(Fault fault) {
    opened = false;
    lanes.forEach(PartitionProducer::over);
    if (fault != null
        && (fault.code() == ErrorCode.PRODUCER_FENCED || fault.code() == ErrorCode.REPLACED)) {
      stopped = true; // on its newest link: somebody else is the producer now
      world.stopped(this);
    }
  }

  /** Returns whether it was told to stop. */
  @Override
  boolean stopped() {
    return stopped;
  }

  @Override
  boolean done() {
    return stopped || left == 0 && lanes.stream().allMatch(PartitionProducer::done);
  }

  @Override
  String describe() {
    return "producer "
        + name
        + " process "
        + process
        + " epoch "
        + epoch
        + (stopped ? " stopped" : "")
        + (call == null ? " without a call" : opened ? " open" : " opening")
        + ", "
        + left
        + " to make, "
        + answersDue
        + " of "
        + window
        + " answers due, "
        + lanes;
  }

  @Override
  public String toString() {
    return name + "#" + process;
  }
}

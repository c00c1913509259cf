package dev.weir.service.session.publish;

import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.session.ProblemMessages;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Ack;
import dev.weir.v1.Kind;
import dev.weir.v1.OutcomeUnknown;
import dev.weir.v1.PublishStreamResponse;
import dev.weir.v1.Reject;
import dev.weir.v1.SensorBinding;
import dev.weir.v1.Window;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Supplier;

/**
 * The responses that a publishing session has to send. Acks are state: only the newest per
 * partition is sent, with the bindings and duplicate counts of those it replaces; every other
 * answer is a message of its own. What is here is part of the session's window, which bounds it,
 * and takes memory of the budget of publishers. Owned by the event loop.
 */
@OwnedBy("event loop")
final class PublishResponseQueue {
  /** The bytes that a waiting binding takes, about. */
  private static final int BINDING_BYTES = 80;

  /**
   * An answer of its own.
   *
   * @param frame made when it is sent, so that its window is the newest then
   * @param ownBytes what it takes itself
   */
  private record Answer(Supplier<OutgoingMessage> frame, int messages, int bytes, int ownBytes) {}

  private static final class PartitionAcks {
    private long through;
    private int duplicates;
    private int messages;
    private int bytes;
    private final Map<Integer, DefinedSensor> bindings = new LinkedHashMap<>();
  }

  private final ServedTopic topic;
  private final PartitionAcks[] acks;
  private final Queue<Integer> acked = new ArrayDeque<>();
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final Supplier<Window> windowNews;
  private boolean answersTurn;
  private long ownBytes;

  /**
   * @param windowNews what acks say of the window; null for nothing
   */
  PublishResponseQueue(ServedTopic topic, Supplier<Window> windowNews) {
    this.topic = topic;
    this.windowNews = windowNews;
    acks = new PartitionAcks[topic.partitions().size()];
    for (int p = 0; p < acks.length; p++) {
      acks[p] = new PartitionAcks();
    }
  }

  boolean isEmpty() {
    return acked.isEmpty() && answers.isEmpty();
  }

  /** Returns the bytes that its messages take, about; acks without bindings count as nothing. */
  long bytes() {
    return ownBytes;
  }

  /** A batch is stored. */
  void ack(
      int partition, long sequence, boolean duplicate, List<DefinedSensor> bindings, int bytes) {
    PartitionAcks ack = acks[partition];
    if (ack.messages == 0) {
      acked.add(partition);
    }
    ack.through = Math.max(ack.through, sequence);
    ack.duplicates += duplicate ? 1 : 0;
    ack.messages++;
    ack.bytes += bytes;
    for (DefinedSensor sensor : bindings) {
      ownBytes += ack.bindings.put(sensor.id(), sensor) == null ? BINDING_BYTES : 0;
    }
  }

  /**
   * An answer of its own.
   *
   * @param bytes of the message it answers
   */
  void answer(PublishStreamResponse response, int bytes) {
    add(response, 1, bytes);
  }

  /** A batch is not stored. */
  void reject(PayloadCheck.Arrival arrival, PartitionResult.Rejected why) {
    Reject.Builder reject =
        Reject.newBuilder()
            .setPartition(arrival.partition())
            .setSequence(arrival.sequence())
            .setProblem(ProblemMessages.of(why.fault()))
            .addAllRows(why.rows())
            .setExpectedSequence(why.expectedSequence());
    int ownBytes = reject.build().getSerializedSize();
    add(new Answer(() -> frameOf(reject), 1, arrival.messageBytes(), ownBytes));
  }

  /** Nobody knows of a batch whether it is stored, or at which number its producer goes on. */
  void unknown(PayloadCheck.Arrival arrival, PartitionResult.Unknown why) {
    if (why.notStored().isPresent()) {
      reject(arrival, new PartitionResult.Rejected(why.notStored().get(), List.of(), 0));
      return;
    }
    OutcomeUnknown.Builder unknown =
        OutcomeUnknown.newBuilder()
            .setPartition(arrival.partition())
            .setSequence(arrival.sequence())
            .setProblem(ProblemMessages.of(why.fault()));
    int ownBytes = unknown.build().getSerializedSize();
    add(new Answer(() -> frameOf(unknown), 1, arrival.messageBytes(), ownBytes));
  }

  private OutgoingMessage frameOf(OutcomeUnknown.Builder unknown) {
    Window news = windowNews.get();
    if (news != null) {
      unknown.setWindow(news);
    }
    return OutgoingMessage.of(
        PublishStreamResponse.newBuilder().setOutcomeUnknown(unknown).build());
  }

  private OutgoingMessage frameOf(Reject.Builder reject) {
    Window news = windowNews.get();
    if (news != null) {
      reject.setWindow(news);
    }
    return OutgoingMessage.of(PublishStreamResponse.newBuilder().setReject(reject).build());
  }

  /** A message that answers nothing. */
  void say(PublishStreamResponse response) {
    add(response, 0, 0);
  }

  private void add(PublishStreamResponse response, int messages, int bytes) {
    OutgoingMessage frame = OutgoingMessage.of(response);
    add(new Answer(() -> frame, messages, bytes, frame.length()));
  }

  private void add(Answer answer) {
    answers.add(answer);
    ownBytes += answer.ownBytes();
  }

  /** Takes the next message to send, or null; tells the settled messages and bytes. */
  OutgoingMessage next(Settled settled) {
    answersTurn = !answersTurn;
    boolean answer = answersTurn ? !answers.isEmpty() : acked.isEmpty() && !answers.isEmpty();
    if (answer) {
      Answer next = answers.remove();
      ownBytes -= next.ownBytes();
      settled.settled(next.messages(), next.bytes());
      return next.frame().get();
    }
    return acked.isEmpty() ? null : nextAck(settled);
  }

  private OutgoingMessage nextAck(Settled settled) {
    int partition = acked.remove();
    PartitionAcks ack = acks[partition];
    Ack.Builder message =
        Ack.newBuilder()
            .setPartition(partition)
            .setThroughSequence(ack.through)
            .setCursor(topic.headCursor().text())
            .setDurability(topic.info().durability())
            .setDuplicates(ack.duplicates);
    ack.bindings.values().forEach(sensor -> message.addBindings(binding(sensor)));
    settled.settled(ack.messages, ack.bytes);
    Window news = windowNews.get();
    if (news != null) {
      message.setWindow(news);
    }
    ack.duplicates = 0;
    ack.messages = 0;
    ack.bytes = 0;
    ownBytes -= (long) BINDING_BYTES * ack.bindings.size();
    ack.bindings.clear();
    return OutgoingMessage.of(PublishStreamResponse.newBuilder().setAck(message).build());
  }

  /** Nobody hears anything more. */
  void clear() {
    acked.clear();
    answers.clear();
    for (PartitionAcks ack : acks) {
      ack.bindings.clear();
    }
  }

  static SensorBinding binding(DefinedSensor sensor) {
    return SensorBinding.newBuilder()
        .setName(sensor.name())
        .setId(sensor.id())
        .setKind(Kind.forNumber(sensor.kind()))
        .build();
  }

  /** Hears what a sent message settled. */
  @FunctionalInterface
  interface Settled {
    /** So many messages of so many bytes are acknowledged, rejected or answered. */
    void settled(int messages, int bytes);
  }
}

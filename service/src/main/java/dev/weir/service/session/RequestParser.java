package dev.weir.service.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.weir.service.config.Limit;
import dev.weir.service.core.Slice;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.wire.check.EntryLimits;
import dev.weir.service.wire.check.MessageBytesCheck;
import dev.weir.v1.Batch;
import dev.weir.v1.Define;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.ResolveSensorsRequest;
import dev.weir.v1.Selector;
import dev.weir.v1.Sensor;
import dev.weir.v1.SubscribeOpen;
import dev.weir.v1.Topic;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Looks at a request before it is parsed: one that has more entries than it may, or a group, is
 * refused as a whole, and what it will take on the heap is charged to the budget of requests, or to
 * that of streams. Thread-safe.
 */
public final class RequestParser {
  /**
   * A message that is so small may be parsed with too many entries: its call then says what is
   * wrong with which of them.
   */
  private static final int SMALL_MESSAGE_BYTES = 1_024;

  /** The most bytes on the heap of a request that is not charged. */
  private static final int SMALL_BYTES = 4_096;

  private static final Map<FieldDescriptor, Limit> LIMITS =
      Map.ofEntries(
          Map.entry(
              field(SubscribeOpen.getDescriptor(), SubscribeOpen.SUBSCRIPTIONS_FIELD_NUMBER),
              Limit.SUBSCRIPTIONS_PER_SESSION_MAX),
          Map.entry(
              field(SubscribeOpen.getDescriptor(), SubscribeOpen.FEATURES_FIELD_NUMBER),
              Limit.FEATURES_MAX),
          Map.entry(
              field(PublishOpen.getDescriptor(), PublishOpen.FEATURES_FIELD_NUMBER),
              Limit.FEATURES_MAX),
          Map.entry(
              field(Selector.getDescriptor(), Selector.NAMES_FIELD_NUMBER),
              Limit.SELECTOR_NAMES_MAX),
          Map.entry(
              field(Selector.getDescriptor(), Selector.GLOBS_FIELD_NUMBER),
              Limit.SELECTOR_GLOBS_MAX),
          Map.entry(
              field(Selector.getDescriptor(), Selector.LABELS_FIELD_NUMBER), Limit.LABELS_MAX),
          Map.entry(
              field(Define.getDescriptor(), Define.SENSORS_FIELD_NUMBER), Limit.BATCH_SENSORS_MAX),
          Map.entry(
              field(
                  ResolveSensorsRequest.getDescriptor(),
                  ResolveSensorsRequest.SENSORS_FIELD_NUMBER),
              Limit.BATCH_SENSORS_MAX),
          Map.entry(field(Sensor.getDescriptor(), Sensor.LABELS_FIELD_NUMBER), Limit.LABELS_MAX),
          Map.entry(field(Topic.getDescriptor(), Topic.LABELS_FIELD_NUMBER), Limit.LABELS_MAX),
          Map.entry(
              field(FieldMask.getDescriptor(), FieldMask.PATHS_FIELD_NUMBER),
              Limit.UPDATE_MASK_PATHS_MAX),
          Map.entry(
              field(Batch.getDescriptor(), Batch.SENSORS_FIELD_NUMBER), Limit.BATCH_SENSORS_MAX),
          Map.entry(
              field(Batch.getDescriptor(), Batch.COLUMNS_FIELD_NUMBER), Limit.BATCH_READINGS_MAX),
          Map.entry(
              field(Batch.getDescriptor(), Batch.ROWS_FIELD_NUMBER), Limit.BATCH_READINGS_MAX));

  private static final Map<Descriptor, EntryLimits<Limit>> BY_TYPE = new ConcurrentHashMap<>();

  private RequestParser() {}

  private static FieldDescriptor field(Descriptor type, int number) {
    return type.findFieldByNumber(number);
  }

  /** The limit of a repeated field's entries; empty for none. */
  static Optional<Limit> limit(FieldDescriptor field) {
    return Optional.ofNullable(LIMITS.get(field));
  }

  /** The same where a malformed message is refused like others. */
  public static <Q extends Message> void read(
      ServerContext context,
      Q prototype,
      Slice message,
      Consumer<Q> taken,
      Consumer<Fault> refused) {
    read(context, prototype, message, taken, refused, refused);
  }

  /** The type of the messages that a parser reads. */
  static Descriptor type(Parser<? extends Message> parser) {
    try {
      return parser.parseFrom(ByteString.EMPTY).getDescriptorForType();
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalStateException("nothing is required in our messages", impossible);
    }
  }

  /** A request that may be parsed, and what is charged for that until it is released. */
  public record Admitted(Optional<Fault> refusal, Budget budget, long heldBytes) {
    /** Gives back what was charged; once. */
    public void release() {
      budget.giveBack(heldBytes);
    }
  }

  /**
   * Reads a message of a stream and has it taken, or says why not; before this returns, so that
   * nobody holds what the others need.
   *
   * @param prototype any message of its type
   * @param broken hears that it is malformed
   */
  @SuppressWarnings("unchecked") // a parser reads messages of its prototype's type
  public static <Q extends Message> void read(
      ServerContext context,
      Q prototype,
      Slice message,
      Consumer<Q> taken,
      Consumer<Fault> refused,
      Consumer<Fault> broken) {
    Descriptor type = prototype.getDescriptorForType();
    Admitted admitted = admit(context, context.admission().streamRequests(), type, message);
    try {
      if (admitted.refusal().isPresent()) {
        refused.accept(admitted.refusal().get());
        return;
      }
      Q request;
      try {
        request =
            (Q)
                prototype
                    .getParserForType()
                    .parseFrom(message.array(), message.offset(), message.length());
      } catch (InvalidProtocolBufferException malformed) {
        broken.accept(MessageBytesCheck.malformed(type, message));
        return;
      }
      taken.accept(request);
    } finally {
      admitted.release();
    }
  }

  /**
   * Looks at what a unary call asks, or a call of a service of the library, and charges what it
   * will take; nothing where it is refused.
   */
  public static Admitted admit(ServerContext context, Descriptor type, Slice message) {
    return admit(context, context.admission().requests(), type, message);
  }

  private static Admitted admit(
      ServerContext context, Budget requests, Descriptor type, Slice message) {
    EntryLimits.Counted counted = count(context, type, message);
    long bytes = counted.parsedBytes() <= SMALL_BYTES ? 0 : counted.parsedBytes();
    Optional<Fault> refusal = refusal(counted, message);
    if (refusal.isEmpty() && !requests.takeIfFree(bytes)) {
      refusal =
          Optional.of(context.noRoom(requests, bytes + message.length(), "memory for requests"));
    }
    return new Admitted(refusal, requests, refusal.isPresent() ? 0 : bytes);
  }

  /**
   * Returns why a message of a type must not be parsed, if so: a field has too many entries, or a
   * group.
   */
  public static Optional<Fault> refusal(ServerContext context, Descriptor type, Slice message) {
    return refusal(count(context, type, message), message);
  }

  private static Optional<Fault> refusal(EntryLimits.Counted counted, Slice message) {
    return message.length() <= SMALL_MESSAGE_BYTES ? counted.group() : counted.refusal();
  }

  private static EntryLimits.Counted count(ServerContext context, Descriptor type, Slice message) {
    return BY_TYPE
        .computeIfAbsent(type, of -> new EntryLimits<>(of, LIMITS))
        .count(message, context.limits()::getInt, Limit::yamlName, "");
  }
}
